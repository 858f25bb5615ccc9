/**
 * The `tls` rules of VirtualServices as filter chains of one listener: by server name, the bytes
 * passed on unread (Istio tls.go, gateway.go).
 */

import { matchAny, type TcpFilterChain } from '../../../model/filter-chain.ts';
import type { RegistryService } from '../../registry/service.ts';
import { originOf } from '../../resource.ts';
import type { TlsMatchAttributes, TlsRoute } from '../../schema/connection-route.ts';
import type { BoundVirtualService, ConnectionRule } from '../rules/virtual-services.ts';
import type { Scope } from '../scope.ts';
import { translationCode } from '../translation-findings.ts';
import {
  type ConnectionServer,
  holdsForServer,
  holdsForSidecar,
  virtualServicesOfHost,
  virtualServicesOfServer,
} from './connection-match.ts';
import { serverNamesOf, tcpChain } from './tcp-chain.ts';
import { proxyToDestinations, proxyToService } from './tcp-proxy.ts';
import type { ServicePlace } from './tcp-routes.ts';

export interface TlsServicePlace extends ServicePlace {
  /** By which the service is told from others at its place; empty: it is alone there. */
  readonly serverNames: readonly string[];
}

/** Chains of a service on a port that is TLS: those of all its rules, else the service itself. */
export function sidecarTlsChains(
  scope: Scope,
  service: RegistryService,
  { port, destinations, serverNames }: TlsServicePlace,
): TcpFilterChain[] {
  const { identity } = scope.settings;
  const chains = matchesOf(virtualServicesOfHost(scope, service.host)).flatMap(({ rule, match }) =>
    holdsForSidecar(match, identity, port)
      ? ruleChains(scope, rule, { match, port, destinations })
      : [],
  );
  if (chains.length > 0) return chains;
  const match = { ...matchAny, destinations, serverNames: serverNamesOf(serverNames) };
  return [tcpChain({ match, tcp: proxyToService(scope, service, port), origin: service.origin })];
}

/**
 * Chains of a Gateway's PASSTHROUGH server. A match with a server name that an earlier one on this
 * port has is left out whole, as in Istio; `taken` collects the names of all servers of the port.
 */
export function gatewayTlsChains(
  scope: Scope,
  server: ConnectionServer,
  taken: Set<string>,
): TcpFilterChain[] {
  const chains: TcpFilterChain[] = [];
  for (const place of matchesOf(virtualServicesOfServer(scope, server))) {
    const { rule, match } = place;
    if (!holdsForServer(match, server)) continue;
    const names = match.sniHosts.map((name) => name.toLowerCase());
    const double = names.find((name) => taken.has(name));
    if (double !== undefined) {
      reportTaken(scope, place, double);
      continue;
    }
    for (const name of names) taken.add(name);
    // Istio does not look at destinationSubnets on gateways.
    const anywhere = { match: { sniHosts: match.sniHosts }, port: server.port, destinations: [] };
    chains.push(...ruleChains(scope, rule, anywhere));
  }
  return chains;
}

interface PlacedMatch {
  readonly rule: ConnectionRule<TlsRoute>;
  readonly match: TlsMatchAttributes;
  readonly index: number;
}

function matchesOf(virtualServices: readonly BoundVirtualService[]): PlacedMatch[] {
  return virtualServices
    .flatMap(({ tlsRules }) => tlsRules)
    .flatMap((rule) => rule.spec.match.map((match, index) => ({ rule, match, index })));
}

interface MatchPlace extends ServicePlace {
  readonly match: TlsMatchAttributes;
}

/** One chain, or none where the rule has no destination that gets connections. */
function ruleChains(
  scope: Scope,
  { spec, resource, path }: ConnectionRule<TlsRoute>,
  { match, port, destinations }: MatchPlace,
): TcpFilterChain[] {
  const tcp = proxyToDestinations(scope, spec.route ?? [], port);
  if (tcp === null) return [];
  const subnets = match.destinationSubnets ?? [];
  const chainMatch = {
    ...matchAny,
    destinations: subnets.length > 0 ? subnets : destinations,
    serverNames: serverNamesOf(match.sniHosts),
  };
  return [tcpChain({ match: chainMatch, tcp, origin: originOf(resource, path) })];
}

function reportTaken(scope: Scope, { rule, index }: PlacedMatch, name: string): void {
  scope.findings.add(
    translationCode.serverNameTaken,
    { resource: rule.resource, path: [...rule.path, 'match', index, 'sniHosts'] },
    {
      message: `an earlier rule on this port has the server name ${name}; this match is left out`,
      hint: 'of rules for one server name the first counts, name each only once',
    },
  );
}
