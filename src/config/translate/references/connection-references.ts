/** Reports rules of `tcp` and `tls` that no connection can come to. */

import { isDeclaredHttp } from '../../registry/protocol.ts';
import type { RegistryPort } from '../../registry/service.ts';
import type { TcpRoute, TlsRoute } from '../../schema/connection-route.ts';
import type { GatewayServer } from '../../schema/gateway.ts';
import { type ServerKind, serverKind } from '../gateway/server-kind.ts';
import type { Gateway } from '../istio-resources.ts';
import { namesHost } from '../listeners/connection-match.ts';
import type { BoundVirtualService, ConnectionRule } from '../rules/virtual-services.ts';
import type { Scope } from '../scope.ts';
import { isTls } from '../sidecar/sidecar-places.ts';
import { translationCode } from '../translation-findings.ts';

type AnyRule = ConnectionRule<TcpRoute | TlsRoute>;

/** A rule that is for the mesh and for Gateways may be meant for one of them alone. */
export function reportConnectionRules(scope: Scope, gateways: readonly Gateway[]): void {
  for (const virtualService of scope.virtualServices) {
    const rules: readonly AnyRule[] = [...virtualService.tlsRules, ...virtualService.tcpRules];
    if (rules.length === 0) continue;
    if (!virtualService.gateways.includes('mesh')) {
      reportOnGateways(scope, virtualService, { rules, gateways });
    } else if (virtualService.gateways.length === 1 && scope.settings.outbound.length > 0) {
      reportInMesh(scope, virtualService, rules);
    }
  }
}

function isTlsRule({ path }: AnyRule): boolean {
  return path[1] === 'tls';
}

/** Whether one of the rule's matches is for the port. */
function isForPort({ spec: { match: matches = [] } }: AnyRule, number: number): boolean {
  return matches.length === 0 || matches.some(({ port = 0 }) => port === 0 || port === number);
}

interface GatewayRules {
  readonly rules: readonly AnyRule[];
  readonly gateways: readonly Gateway[];
}

function reportOnGateways(
  { findings }: Scope,
  virtualService: BoundVirtualService,
  { rules, gateways }: GatewayRules,
): void {
  const named = gateways.filter(({ metadata: { namespace, name } }) =>
    virtualService.gateways.includes(`${namespace}/${name}`),
  );
  // That a Gateway is missing is a finding of its own.
  if (named.length < virtualService.gateways.length) return;
  const servers = named.flatMap(({ spec }) => spec.servers ?? []);
  for (const rule of rules) {
    const isServed = servers.some((server) => {
      const kind = serverKind(server);
      return kind.ok && takesRule(kind.value, rule) && isForPort(rule, server.port?.number ?? 0);
    });
    if (isServed) continue;
    findings.add(translationCode.idleConnectionRule, rule, {
      message: `the ${rule.path[1]} rule has no effect: no server of its Gateways is for it`,
      hint: serverHint(rule, servers),
    });
  }
}

function serverHint(rule: AnyRule, servers: readonly GatewayServer[]): string {
  const kinds = servers
    .filter(({ port }) => isForPort(rule, port?.number ?? 0))
    .map((server) => serverKind(server))
    .flatMap((kind) => (kind.ok ? [kind.value] : []));
  if (isTlsRule(rule)) {
    const meant = instead.find((kind) => kinds.includes(kind));
    const advice = meant === undefined ? '' : `; where TLS ends, write ${fieldOf[meant]} rules`;
    return `tls rules are for servers with tls.mode PASSTHROUGH${advice}`;
  }
  const isForHttp = kinds.length > 0 && kinds.every((kind) => kind === 'http' || kind === 'https');
  const advice = isForHttp ? '; for HTTP write http rules' : '';
  return `tcp rules are for servers with the protocol TCP, or TLS that ends at the Gateway${advice}`;
}

/** Servers on which TLS ends, with what routes there. */
const fieldOf = { tls: 'tcp', https: 'http' } as const;
const instead = ['tls', 'https'] as const;

function takesRule(kind: ServerKind, rule: AnyRule): boolean {
  return isTlsRule(rule) ? kind === 'passthrough' : kind === 'tcp' || kind === 'tls';
}

function reportInMesh(
  scope: Scope,
  virtualService: BoundVirtualService,
  rules: readonly AnyRule[],
): void {
  const services = scope.services.filter(({ host }) => namesHost(virtualService, host));
  if (services.length === 0) {
    reportNoService(scope, virtualService);
    return;
  }
  const ports = services.flatMap((service) => service.ports);
  for (const rule of rules) {
    const matched = ports.filter(({ number }) => isForPort(rule, number));
    const fit = matched.filter((port) => isPortFor(rule, port)).map(({ number }) => number);
    if (fit.length === 0) reportUnfit(scope, rule, matched);
    else reportNoListener(scope, rule, fit);
  }
}

function isPortFor(rule: AnyRule, { protocol }: RegistryPort): boolean {
  if (isTlsRule(rule)) return isTls(protocol);
  return !isTls(protocol) && !isDeclaredHttp(protocol) && protocol !== 'UDP';
}

function reportNoService({ findings }: Scope, { resource, hosts }: BoundVirtualService): void {
  findings.add(
    translationCode.idleConnectionRule,
    { resource, path: ['spec', 'hosts'] },
    {
      message: `no service has the host ${hosts.join(', ')}; its tcp and tls rules have no effect`,
      hint: 'connections are found by the ports of a Service or ServiceEntry, add one',
    },
  );
}

function reportUnfit({ findings }: Scope, rule: AnyRule, matched: readonly RegistryPort[]): void {
  const shown = matched.map(({ number, protocol }) => `${number} is ${protocol}`).join(', ');
  const reason = matched.length === 0 ? 'the hosts have no such port' : `port ${shown}`;
  findings.add(translationCode.idleConnectionRule, rule, {
    message: `the ${rule.path[1]} rule has no effect in the mesh: ${reason}`,
    hint: isTlsRule(rule)
      ? 'tls rules are for ports with the protocol TLS or HTTPS'
      : 'tcp rules are for ports with the protocol TCP, or none; for others write http or tls',
  });
}

function reportNoListener(
  { settings, findings }: Scope,
  rule: AnyRule,
  ports: readonly number[],
): void {
  const isHeard = settings.outbound.some(
    ({ servicePort }) => servicePort !== null && ports.includes(servicePort),
  );
  if (isHeard) return;
  const [first = 0] = ports;
  findings.add(translationCode.unheardPort, rule, {
    message: `no listener is for port ${ports.join(' or ')}; the rule waits for connections there`,
    hint: `open one with --outbound 127.0.0.1:${first}=${first}`,
  });
}
