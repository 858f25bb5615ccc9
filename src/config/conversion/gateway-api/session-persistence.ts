/**
 * Session persistence as a consistent hash of the cookie or header, in subsets without labels: all
 * endpoints of a Service, as the clients of one rule use them.
 */

import type { Path } from '../../problem.ts';
import type { Destination } from '../../schema/destination.ts';
import type { Subset } from '../../schema/destination-rule.ts';
import type { SessionPersistence } from '../../schema/gateway-api/session-persistence.ts';
import type { ConsistentHash } from '../../schema/load-balancer.ts';
import type { DestinationRule } from '../../translate/istio-resources.ts';
import { madeResource } from '../made-resource.ts';
import type { RouteResource } from './made-rule.ts';

/** A rule with its session. */
export interface SessionPlace {
  readonly session: SessionPersistence;
  readonly route: RouteResource;
  /** Of the rule in the route. */
  readonly path: Path;
}

interface MadeSubset {
  readonly subset: Subset;
  readonly place: SessionPlace;
}

/** Of cookies and headers that have no name. */
const defaultName = 'sluice-session';

export class Sessions {
  readonly #byHost = new Map<string, Map<string, MadeSubset>>();

  /** The destination with a subset of its own; a host that is not there has no endpoints. */
  use(destination: Destination, place: SessionPlace): Destination {
    if (destination.host === '') return destination;
    const subsets = this.#byHost.get(destination.host) ?? new Map<string, MadeSubset>();
    this.#byHost.set(destination.host, subsets);
    const name = subsetName(place);
    const trafficPolicy = { loadBalancer: { consistentHash: sessionHash(place.session) } };
    subsets.set(name, { subset: { name, trafficPolicy }, place });
    return { ...destination, subset: name };
  }

  destinationRules(): DestinationRule[] {
    return [...this.#byHost].map(([host, subsets]) => this.#ruleFor(host, [...subsets.values()]));
  }

  #ruleFor(host: string, subsets: readonly MadeSubset[]): DestinationRule {
    const { place } = subsets[0] as MadeSubset;
    const placeAt = (path: Path): SessionPlace => subsets[Number(path[2])]?.place ?? place;
    return madeResource({
      kind: 'DestinationRule',
      name: `${host}~sessions`,
      spec: { host, subsets: subsets.map(({ subset }) => subset) },
      from: place.route,
      pathOf: (path) => [...placeAt(path).path, 'sessionPersistence'],
      resourceOf: (path) => placeAt(path).route,
    });
  }
}

/** No name of a resource has `~` in it, so that no two rules have one subset. */
function subsetName({ route, path }: SessionPlace): string {
  const { namespace, name } = route.metadata;
  const kind = route.kind === 'GRPCRoute' ? 'grpc-session' : 'session';
  return `${kind}~${namespace}~${name}~${path.at(-1)}`;
}

function sessionHash(session: SessionPersistence): ConsistentHash {
  const { type = 'Cookie', sessionName: name = defaultName } = session;
  if (type === 'Header') return { httpHeaderName: name };
  const isPermanent = session.cookieConfig?.lifetimeType === 'Permanent';
  const ttl = isPermanent ? (session.absoluteTimeout ?? '0s') : '0s';
  return { httpCookie: { name, path: '/', ttl } };
}
