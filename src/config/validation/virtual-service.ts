/** VirtualService as a whole. */

import type { Problems } from '../problem.ts';
import { hostsOverlap } from '../registry/host-names.ts';
import type { VirtualServiceSpec } from '../schema/virtual-service.ts';
import { checkTcpRoutes, checkTlsRoutes } from './connection-route.ts';
import { checkExportTo } from './export-to.ts';
import { checkGatewayNames } from './gateway-names.ts';
import { isClaimName } from './headers.ts';
import { checkHttpRoute } from './http-route.ts';
import { hostMistake } from './virtual-host-names.ts';

export function checkVirtualService(
  spec: VirtualServiceSpec,
  namespace: string,
  problems: Problems,
): void {
  const hosts = spec.hosts ?? [];
  const isDelegate = hosts.length === 0;
  if (isDelegate) checkDelegate(spec, problems);
  checkGatewayNames(spec.gateways, ['spec', 'gateways'], problems);
  checkHosts(hosts, isOnlyOnGateways(spec), problems);
  checkClaims(spec, problems);
  checkRoutes(spec, isDelegate, problems);
  checkExportTo(spec.exportTo, { namespace }, problems);
}

function isOnlyOnGateways(spec: VirtualServiceSpec): boolean {
  const gateways = spec.gateways ?? [];
  return gateways.length > 0 && !gateways.includes('mesh');
}

function checkDelegate(spec: VirtualServiceSpec, problems: Problems): void {
  for (const field of ['gateways', 'tls', 'tcp'] as const) {
    if ((spec[field] ?? []).length === 0) continue;
    const message = `a VirtualService without hosts is a delegate and cannot have "${field}"`;
    problems.invalid(['spec', field], message, 'add hosts, if it is meant to be used by itself');
  }
}

function checkHosts(hosts: readonly string[], onlyOnGateways: boolean, problems: Problems): void {
  let allValid = true;
  for (const [index, host] of hosts.entries()) {
    const mistake = hostMistake(host, onlyOnGateways);
    if (mistake === null) continue;
    allValid = false;
    const hint = host === '*' ? 'name the host, or list the gateways it is for' : null;
    problems.invalid(['spec', 'hosts', index], mistake, hint);
  }
  if (!allValid) return;
  for (const [index, host] of hosts.entries()) {
    for (const [offset, other] of hosts.slice(index + 1).entries()) {
      if (!hostsOverlap(host, other)) continue;
      const path = ['spec', 'hosts', index + 1 + offset];
      problems.invalid(path, `the hosts "${host}" and "${other}" overlap`, 'remove one of them');
    }
  }
}

/** Only gateways know the claims of a token. */
function checkClaims(spec: VirtualServiceSpec, problems: Problems): void {
  if (isOnlyOnGateways(spec)) return;
  for (const [ruleIndex, rule] of (spec.http ?? []).entries()) {
    for (const [index, match] of (rule.match ?? []).entries()) {
      for (const field of ['headers', 'withoutHeaders'] as const) {
        for (const name of Object.keys(match[field] ?? {}).filter(isClaimName)) {
          const path = ['spec', 'http', ruleIndex, 'match', index, field, name];
          problems.invalid(path, `"${name}" can only be matched on gateways`);
        }
      }
    }
  }
}

function checkRoutes(spec: VirtualServiceSpec, isDelegate: boolean, problems: Problems): void {
  const { hosts = [], http = [], tls = [], tcp = [] } = spec;
  if (http.length + tls.length + tcp.length === 0) {
    problems.invalid(['spec'], 'the VirtualService has no rules', 'add "http", "tls" or "tcp"');
  }
  for (const [index, route] of http.entries()) {
    checkHttpRoute(route, { path: ['spec', 'http', index], isDelegate }, problems);
  }
  checkTlsRoutes(tls, hosts, problems);
  checkTcpRoutes(tcp, problems);
}
