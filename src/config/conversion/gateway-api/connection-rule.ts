/** A VirtualService with the one rule of a TLSRoute or TCPRoute. */

import type { Path } from '../../problem.ts';
import type { ResourceSet } from '../../resource-set.ts';
import type { RouteDestination, TcpRoute, TlsRoute } from '../../schema/connection-route.ts';
import type { VirtualService } from '../../translate/istio-resources.ts';
import { madeResource } from '../made-resource.ts';
import { type Backends, nowhere } from './backends.ts';
import type { ReferenceProblem } from './reference-problem.ts';

export type TlsRouteResource = ResourceSet['tlsRoutes'][number];
export type TcpRouteResource = ResourceSet['tcpRoutes'][number];
export type ConnectionRoute = TlsRouteResource | TcpRouteResource;

export interface ConnectionTargets {
  /** Never empty: where nothing may go, connections are closed. */
  readonly route: RouteDestination[];
  /** Index in `backendRefs` of each. */
  readonly indexes: readonly number[];
  readonly problems: readonly ReferenceProblem[];
}

const rulePath: Path = ['spec', 'rules', 0];

/** Of the first rule: a connection has nothing by which another one could be meant. */
export function connectionTargets(
  route: ConnectionRoute,
  { backends, isMesh }: { readonly backends: Backends; readonly isMesh: boolean },
): ConnectionTargets {
  const [rule] = route.spec.rules ?? [];
  const used = (rule?.backendRefs ?? [])
    .map((ref, index) => ({ ref, index, weight: ref.weight ?? 1 }))
    .filter(({ weight }) => weight > 0);
  if (used.length === 0) return { route: [{ destination: nowhere }], indexes: [], problems: [] };
  const resolved = used.map(({ ref, index, weight }) => {
    const path = [...rulePath, 'backendRefs', index];
    return { ...backends.resolve({ ref, route, path, isMesh }), weight };
  });
  const isOnly = resolved.length === 1;
  return {
    route: resolved.map(({ destination, weight }) =>
      isOnly ? { destination } : { destination, weight },
    ),
    indexes: used.map(({ index }) => index),
    problems: resolved.flatMap(({ problem }) => problem ?? []),
  };
}

export interface ConnectionVirtualService {
  readonly route: ConnectionRoute;
  readonly targets: ConnectionTargets;
  /** `mesh`, or `namespace/name` of an Istio Gateway. */
  readonly gateway: string;
  readonly hosts: readonly string[];
  readonly match:
    | { readonly tls: TlsRoute['match'] }
    | { readonly tcp: NonNullable<TcpRoute['match']> };
  readonly exportTo: '*' | '.';
  /** Of those that are made from the route. */
  readonly index: number;
}

export function connectionVirtualService(parts: ConnectionVirtualService): VirtualService {
  const { route, targets, gateway, hosts, match, exportTo, index } = parts;
  const { namespace, name } = route.metadata;
  const rule = { route: targets.route };
  const rules =
    'tls' in match
      ? { tls: [{ match: match.tls, ...rule }] }
      : { tcp: [match.tcp.length === 0 ? rule : { match: match.tcp, ...rule }] };
  return madeResource({
    kind: 'VirtualService',
    // Of routes of one age the Gateway API goes by namespace first, and Istio by name.
    name: `${namespace}~${name}~${route.kind.slice(0, 3).toLowerCase()}~${index}`,
    from: route,
    spec: { hosts: [...hosts], gateways: [gateway], ...rules, exportTo: [exportTo] },
    pathOf: (path) => writtenPath(path, targets),
  });
}

/** From a field of the VirtualService to that of the route. */
function writtenPath(path: Path, { indexes }: ConnectionTargets): Path {
  const [root, field, , part, index, ...rest] = path;
  if (root !== 'spec') return path;
  if (field === 'gateways') return ['spec', 'parentRefs'];
  if (field === 'hosts' || part === 'match') return ['spec', 'hostnames'];
  const backend = part === 'route' ? indexes[Number(index)] : undefined;
  if (backend === undefined) return rulePath;
  const written = [...rulePath, 'backendRefs', backend];
  const [, named] = rest;
  if (rest[0] === 'weight') return [...written, 'weight'];
  if (named === 'host') return [...written, 'name'];
  return named === 'port' ? [...written, 'port'] : written;
}
