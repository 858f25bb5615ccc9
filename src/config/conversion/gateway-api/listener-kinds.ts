/** What a listener speaks, and which kinds of routes may attach to it. */

import type { GatewayApiListener } from '../../schema/gateway-api/gateway.ts';
import { gatewayApiGroup } from '../../schema/gateway-api/references.ts';
import type { RouteKind } from './attachment.ts';
import type { Mistake } from './conditions.ts';

export type ListenerProtocol =
  | 'HTTP'
  | 'HTTPS'
  | 'TCP'
  /** TLS ends here; anything in it. */
  | 'TLS'
  /** TLS goes on to the endpoint. */
  | 'TLS passthrough';

/** null for one that is not served. */
export function listenerProtocol({ protocol, tls }: GatewayApiListener): ListenerProtocol | null {
  switch (protocol) {
    case 'HTTP':
    case 'HTTPS':
    case 'TCP':
      return protocol;
    case 'TLS':
      return tls?.mode === 'Passthrough' ? 'TLS passthrough' : 'TLS';
    default:
      return null;
  }
}

const kindsOf: Readonly<Record<ListenerProtocol, readonly RouteKind[]>> = {
  HTTP: ['HTTPRoute', 'GRPCRoute'],
  HTTPS: ['HTTPRoute', 'GRPCRoute'],
  TCP: ['TCPRoute'],
  TLS: ['TLSRoute', 'TCPRoute'],
  'TLS passthrough': ['TLSRoute'],
};

export interface RouteKinds {
  readonly kinds: readonly RouteKind[];
  /** Index in `allowedRoutes.kinds` of each that does not fit, with what is wrong. */
  readonly mistakes: readonly (Mistake & { readonly index: number })[];
}

/** Those that the listener asks for, of those that its protocol can serve. */
export function routeKinds(
  { allowedRoutes, protocol: written }: GatewayApiListener,
  protocol: ListenerProtocol | null,
): RouteKinds {
  if (protocol === null) return { kinds: [], mistakes: [] };
  const possible = kindsOf[protocol];
  const asked = allowedRoutes?.kinds ?? [];
  if (asked.length === 0) return { kinds: possible, mistakes: [] };
  const fits = asked.map(({ group = gatewayApiGroup, kind }) =>
    possible.find((one) => group === gatewayApiGroup && kind === one),
  );
  const mistakes = asked.flatMap(({ kind }, index) => {
    if (fits[index] !== undefined) return [];
    const message = `no ${kind} attaches to a listener for ${written}, but ${possible.join(', ')}`;
    return [{ reason: 'InvalidRouteKinds', message, index }];
  });
  return { kinds: possible.filter((kind) => fits.includes(kind)), mistakes };
}
