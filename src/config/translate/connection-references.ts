/** Reports rules of `tcp` and `tls` that no listener of a sidecar can have. */

import { isDeclaredHttp } from '../registry/protocol.ts';
import type { RegistryPort, RegistryService } from '../registry/service.ts';
import type { TcpRoute, TlsRoute } from '../schema/virtual-service.ts';
import { namesHost } from './connection-match.ts';
import type { Scope } from './scope.ts';
import { isTls } from './sidecar-places.ts';
import { translationCode } from './translation-findings.ts';
import type { BoundVirtualService, ConnectionRule } from './virtual-services.ts';

type AnyRule = ConnectionRule<TcpRoute | TlsRoute>;

/** Only for the mesh: what a Gateway serves, its servers say. */
export function reportConnectionRules(scope: Scope): void {
  if (scope.settings.outbound.length === 0) return;
  for (const virtualService of scope.meshHosts.forConnections) {
    const services = scope.services.filter(({ host }) => namesHost(virtualService, host));
    if (services.length === 0) {
      reportNoService(scope, virtualService);
      continue;
    }
    for (const rule of virtualService.tlsRules) {
      reportRule(scope, rule, { services, isFit: ({ protocol }) => isTls(protocol) });
    }
    for (const rule of virtualService.tcpRules) {
      reportRule(scope, rule, { services, isFit: takesTcp });
    }
  }
}

function takesTcp({ protocol }: RegistryPort): boolean {
  return !isTls(protocol) && !isDeclaredHttp(protocol) && protocol !== 'UDP';
}

function reportNoService(scope: Scope, { resource, hosts }: BoundVirtualService): void {
  scope.findings.add(
    translationCode.idleConnectionRule,
    { resource, path: ['spec', 'hosts'] },
    {
      message: `no service has the host ${hosts.join(', ')}; its tcp and tls rules have no effect`,
      hint: 'connections are found by the ports of a Service or ServiceEntry, add one',
    },
  );
}

interface RuleFit {
  readonly services: readonly RegistryService[];
  /** Whether a rule of this kind is for such ports. */
  readonly isFit: (port: RegistryPort) => boolean;
}

function reportRule(scope: Scope, rule: AnyRule, { services, isFit }: RuleFit): void {
  const matches = (rule.spec.match ?? []).map(({ port = 0 }) => port);
  const isMatched = ({ number }: RegistryPort) =>
    matches.length === 0 || matches.includes(0) || matches.includes(number);
  const matched = services.flatMap(({ ports }) => ports).filter(isMatched);
  const fit = matched.filter(isFit).map(({ number }) => number);
  if (fit.length === 0) reportUnfit(scope, rule, matched);
  else reportNoListener(scope, rule, fit);
}

function reportUnfit(scope: Scope, rule: AnyRule, matched: readonly RegistryPort[]): void {
  const kind = rule.path[1];
  const shown = matched.map(({ number, protocol }) => `${number} is ${protocol}`).join(', ');
  const reason = matched.length === 0 ? 'the hosts have no such port' : `port ${shown}`;
  scope.findings.add(translationCode.idleConnectionRule, rule, {
    message: `the ${kind} rule has no effect in the mesh: ${reason}`,
    hint:
      kind === 'tls'
        ? 'tls rules are for ports with the protocol TLS or HTTPS'
        : 'tcp rules are for ports with the protocol TCP, or none; for others write http or tls',
  });
}

function reportNoListener(scope: Scope, rule: AnyRule, ports: readonly number[]): void {
  const { outbound } = scope.settings;
  if (outbound.some(({ servicePort }) => servicePort !== null && ports.includes(servicePort))) {
    return;
  }
  const [first = 0] = ports;
  scope.findings.add(translationCode.unheardPort, rule, {
    message: `no listener is for port ${ports.join(' or ')}; the rule waits for connections there`,
    hint: `open one with --outbound 127.0.0.1:${first}=${first}`,
  });
}
