/** What spans are called: as Istio decorates routes, and as Envoy names what has no decoration. */

import type { Cluster } from '../../model/cluster.ts';
import type { Route } from '../../model/route.ts';
import type { StreamInfo } from '../stream-info.ts';

/** Of the exchange: `host:port/path*` of its route. */
export function serverOperation(info: StreamInfo): string {
  const route = info.spans?.route ?? null;
  if (route !== null) return routeOperation(route, info);
  return info.listener.direction === 'inbound' ? 'ingress' : `egress ${info.authority}`;
}

/** Of an attempt, or of a mirror. */
export function clientOperation(cluster: Cluster, isMirror: boolean): string {
  return `${isMirror ? 'async' : 'router'} ${cluster.name} egress`;
}

/** Where it is not clear which service is meant Istio takes the name of the VirtualService. */
function routeOperation(route: Route, info: StreamInfo): string {
  const service = info.cluster?.service ?? null;
  const isOne = route.action.kind !== 'forward' || route.action.clusters.length === 1;
  const name = service !== null && isOne ? service.host : route.origin.name || info.clusterName;
  const port = info.listener.servicePort || service?.port || 80;
  return `${name}:${port}${pathOf(route)}`;
}

function pathOf({ match }: Route): string {
  const { kind, value } = match.path;
  if (kind === 'prefix') return `${value}*`;
  return kind === 'path-separated-prefix' ? '/*' : value;
}
