/** The `tcp` rules of VirtualServices as filter chains of one listener (Istio tls.go, gateway.go). */

import {
  type FilterChainMatch,
  matchAny,
  type TcpFilterChain,
} from '../../../model/filter-chain.ts';
import type { DownstreamTls } from '../../../model/tls.ts';
import type { RegistryService } from '../../registry/service.ts';
import { originOf } from '../../resource.ts';
import type { TcpRoute } from '../../schema/connection-route.ts';
import type { ConnectionRule } from '../rules/virtual-services.ts';
import type { Scope } from '../scope.ts';
import {
  type ConnectionServer,
  holdsForServer,
  holdsForSidecar,
  virtualServicesOfHost,
  virtualServicesOfServer,
} from './connection-match.ts';
import { tcpChain } from './tcp-chain.ts';
import { proxyToDestinations, proxyToService } from './tcp-proxy.ts';

export interface ServicePlace {
  readonly port: number;
  /** Addresses and ranges that connections to the service are made to; empty: any. */
  readonly destinations: readonly string[];
}

/**
 * Chains of a service on a port that is not TLS: its rules in order up to the first that holds
 * wherever a connection goes, else the service itself.
 */
export function sidecarTcpChains(
  scope: Scope,
  service: RegistryService,
  { port, destinations }: ServicePlace,
): TcpFilterChain[] {
  const match: FilterChainMatch = { ...matchAny, destinations };
  const chains: TcpFilterChain[] = [];
  const add = (rule: ConnectionRule<TcpRoute>, ruleMatch: FilterChainMatch) => {
    const tcp = proxyToDestinations(scope, rule.spec.route ?? [], port);
    const origin = originOf(rule.resource, rule.path);
    if (tcp !== null) chains.push(tcpChain({ match: ruleMatch, tcp, origin }));
  };
  for (const rule of virtualServicesOfHost(scope, service.host).flatMap((own) => own.tcpRules)) {
    const subnets = subnetsOf(rule, scope, port);
    if (subnets === null) continue;
    if (subnets === 'any') {
      add(rule, match);
      return chains;
    }
    add(rule, { ...match, destinations: subnets });
  }
  const tcp = proxyToService(scope, service, port);
  return [...chains, tcpChain({ match, tcp, origin: service.origin })];
}

/** The ranges of all matches that hold; `any` where one has none, null where none holds. */
function subnetsOf(
  { spec: { match: matches = [] } }: ConnectionRule<TcpRoute>,
  { settings }: Scope,
  port: number,
): 'any' | readonly string[] | null {
  if (matches.length === 0) return 'any';
  const held = matches.filter((match) => holdsForSidecar(match, settings.identity, port));
  if (held.length === 0) return null;
  const subnets = held.map(({ destinationSubnets = [] }) => destinationSubnets);
  return subnets.some((ranges) => ranges.length === 0) ? 'any' : subnets.flat();
}

export interface ServerChainOptions {
  /** Server names where TLS ends here; otherwise any. */
  readonly match: FilterChainMatch;
  /** null: bytes are passed on as they come. */
  readonly tls: DownstreamTls | null;
}

/**
 * The one chain of a Gateway's TCP server (with TLS or without): the first rule with its port that
 * any VirtualService has. null: there is none, and Istio opens no port for it.
 */
export function gatewayTcpChain(
  scope: Scope,
  server: ConnectionServer,
  { match, tls }: ServerChainOptions,
): TcpFilterChain | null {
  const rules = virtualServicesOfServer(scope, server).flatMap((bound) => bound.tcpRules);
  for (const { spec, resource, path } of rules) {
    const { match: matches = [], route = [] } = spec;
    if (matches.length > 0 && !matches.some((one) => holdsForServer(one, server))) continue;
    const tcp = proxyToDestinations(scope, route, server.port);
    if (tcp !== null) return tcpChain({ match, tcp, tls, origin: originOf(resource, path) });
  }
  return null;
}
