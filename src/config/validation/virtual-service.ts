/** VirtualService as a whole. */

import { parseAddressRange } from '../../base/address-set.ts';
import type { Path, Problems } from '../problem.ts';
import { hostsOverlap, isHostWithin } from '../registry/host-names.ts';
import type { TcpRoute, TlsRoute, VirtualServiceSpec } from '../schema/virtual-service.ts';
import { checkPort, isIpAddress } from './addresses.ts';
import { checkDestination, checkWeights } from './destination.ts';
import { checkExportTo } from './export-to.ts';
import { checkGatewayNames } from './gateway-names.ts';
import { isClaimName } from './headers.ts';
import { wildcardHostMistake } from './host-names.ts';
import { checkHttpRoute } from './http-route.ts';
import { checkLabels } from './labels.ts';

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

function hostMistake(host: string, onlyOnGateways: boolean): string | null {
  // `outbound_.80_.v1_.host` is how gateways between networks name a subset.
  if (onlyOnGateways && host.startsWith('outbound_.')) return null;
  const mistake = wildcardHostMistake(host);
  if (mistake !== null) return isIpAddress(host) ? null : mistake;
  if (onlyOnGateways || host !== '*') return null;
  return 'the host "*" is not allowed in the mesh, only on gateways';
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
  const { http = [], tls = [], tcp = [] } = spec;
  if (http.length + tls.length + tcp.length === 0) {
    problems.invalid(['spec'], 'the VirtualService has no rules', 'add "http", "tls" or "tcp"');
  }
  for (const [index, route] of http.entries()) {
    checkHttpRoute(route, { path: ['spec', 'http', index], isDelegate }, problems);
  }
  for (const [index, route] of tls.entries()) {
    checkTlsRoute(route, { path: ['spec', 'tls', index], spec }, problems);
  }
  for (const [index, route] of tcp.entries()) {
    checkTcpRoute(route, ['spec', 'tcp', index], problems);
  }
}

interface TlsContext {
  readonly path: Path;
  readonly spec: VirtualServiceSpec;
}

function checkTlsRoute(route: TlsRoute, { path, spec }: TlsContext, problems: Problems): void {
  if (route.match.length === 0) {
    problems.invalid([...path, 'match'], 'a tls rule needs at least one match with sniHosts');
  }
  for (const [index, match] of route.match.entries()) {
    const place = [...path, 'match', index];
    if (match.sniHosts.length === 0) problems.invalid([...place, 'sniHosts'], 'sniHosts is empty');
    for (const [hostIndex, host] of match.sniHosts.entries()) {
      checkSniHost(host, { path: [...place, 'sniHosts', hostIndex], spec }, problems);
    }
    checkConnectionMatch(match, place, problems);
  }
  checkTargets(route, path, problems);
}

function checkSniHost(host: string, { path, spec }: TlsContext, problems: Problems): void {
  const mistake = hostMistake(host, true);
  if (mistake !== null) problems.invalid(path, mistake);
  else if (isIpAddress(host)) {
    problems.doubtful(path, `an address (${host}) is no server name, few clients send one`);
  } else if (!(spec.hosts ?? []).some((own) => isHostWithin(host, own))) {
    problems.invalid(path, `the server name "${host}" is not covered by the hosts of the resource`);
  }
}

interface ConnectionMatch {
  readonly destinationSubnets?: readonly string[];
  readonly port?: number;
  readonly sourceLabels?: Readonly<Record<string, string>>;
  readonly gateways?: readonly string[];
}

function checkConnectionMatch(match: ConnectionMatch, path: Path, problems: Problems): void {
  for (const [index, subnet] of (match.destinationSubnets ?? []).entries()) {
    if (parseAddressRange(subnet).ok) continue;
    problems.invalid([...path, 'destinationSubnets', index], `"${subnet}" is not an address range`);
  }
  if (match.port !== undefined && match.port !== 0) {
    checkPort(match.port, [...path, 'port'], problems);
  }
  checkLabels(match.sourceLabels, [...path, 'sourceLabels'], problems);
  checkGatewayNames(match.gateways, [...path, 'gateways'], problems);
}

function checkTcpRoute(route: TcpRoute, path: Path, problems: Problems): void {
  for (const [index, match] of (route.match ?? []).entries()) {
    checkConnectionMatch(match, [...path, 'match', index], problems);
  }
  checkTargets(route, path, problems);
}

function checkTargets(route: TcpRoute | TlsRoute, path: Path, problems: Problems): void {
  const targets = route.route ?? [];
  if (targets.length === 0) problems.invalid(path, 'the rule does not say where connections go');
  for (const [index, { destination }] of targets.entries()) {
    checkDestination(destination, [...path, 'route', index, 'destination'], problems);
  }
  checkWeights(targets, [...path, 'route'], problems);
}
