/** Destinations as backends of HTTPRoute, and what their DestinationRules ask for. */

import type { Resource } from '../config/resource.ts';
import type { Destination } from '../config/schema/destination.ts';
import type { DestinationRuleSpec } from '../config/schema/destination-rule.ts';
import type { HttpBackendRef } from '../config/schema/gateway-api/http-route.ts';
import type { SessionPersistence } from '../config/schema/gateway-api/session-persistence.ts';
import type { HttpRoute, HttpRouteDestination } from '../config/schema/virtual-service.ts';

export interface BackendReference {
  readonly group?: string;
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
  readonly port?: number;
}

/** `namespace`: that of the route. Hosts that are no Services are named as Istio does. */
export function backendReference(
  { host, port }: Destination,
  { namespace, domainSuffix }: { readonly namespace: string; readonly domainSuffix: string },
): BackendReference {
  const number = port?.number === undefined ? {} : { port: port.number };
  const suffix = `.svc.${domainSuffix}`;
  const labels = host.endsWith(suffix) ? host.slice(0, -suffix.length).split('.') : host.split('.');
  const [name = '', own = namespace] = labels;
  if (labels.length > 2 || (labels.length === 2 && !host.endsWith(suffix))) {
    return { group: 'networking.istio.io', kind: 'Hostname', name: host, ...number };
  }
  return { name, ...(own === namespace ? {} : { namespace: own }), ...number };
}

/** Of several destinations each has its weight; the only one has all requests. */
export function backendRefs(
  { route = [] }: HttpRoute,
  referenceTo: (destination: Destination) => BackendReference,
): HttpBackendRef[] {
  return route.map(({ destination, weight = 0 }) => ({
    ...referenceTo(destination),
    ...(route.length > 1 ? { weight } : {}),
  }));
}

type DestinationRule = Resource<'DestinationRule', DestinationRuleSpec>;

export interface SubsetUse {
  readonly session: SessionPersistence | null;
  /** Names of what is left out: `connectionPool`. */
  readonly lost: readonly string[];
}

/** What the subset of a destination asks for: the cookie of a session, and what cannot be said. */
export function subsetUse(
  { destination }: HttpRouteDestination,
  rules: readonly DestinationRule[],
): SubsetUse {
  const { host, subset } = destination;
  const found = rules
    .filter(({ spec }) => spec.host === host)
    .flatMap(({ spec }) => spec.subsets ?? [])
    .find(({ name }) => name === subset);
  const policy = found?.trafficPolicy ?? {};
  const given = Object.entries(policy).filter(([, value]) => value !== undefined);
  const cookie = policy.loadBalancer?.consistentHash?.httpCookie;
  const lost = given.map(([name]) => name);
  if (cookie === undefined) return { session: null, lost };
  const { ttl = '0s' } = cookie;
  const isPermanent = ttl !== '0s';
  const session: SessionPersistence = {
    sessionName: cookie.name,
    ...(isPermanent ? { absoluteTimeout: ttl } : {}),
    type: 'Cookie',
    cookieConfig: { lifetimeType: isPermanent ? 'Permanent' : 'Session' },
  };
  return { session, lost: lost.filter((name) => name !== 'loadBalancer') };
}
