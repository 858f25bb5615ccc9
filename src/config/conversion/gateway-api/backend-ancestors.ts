/** Which Gateways send requests or connections to which Services, by the routes between them. */

import type { ResourceSet } from '../../resource-set.ts';
import { gatewayApiGroup } from '../../schema/gateway-api/references.ts';
import type { Route } from './attachment.ts';

/** `namespace/name` of the Gateways, by that of the Service. */
export type BackendAncestors = ReadonlyMap<string, ReadonlySet<string>>;

interface Backend {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
}

interface RoutingSpec {
  readonly rules?: readonly { readonly backendRefs?: readonly Backend[] }[];
}

export function backendAncestors({
  httpRoutes,
  grpcRoutes,
  tlsRoutes,
  tcpRoutes,
}: ResourceSet): BackendAncestors {
  const ancestors = new Map<string, Set<string>>();
  for (const route of [...httpRoutes, ...grpcRoutes, ...tlsRoutes, ...tcpRoutes]) {
    const gateways = gatewaysOf(route);
    for (const service of servicesOf(route.metadata.namespace, route.spec)) {
      const known = ancestors.get(service) ?? new Set();
      ancestors.set(service, known);
      for (const gateway of gateways) known.add(gateway);
    }
  }
  return ancestors;
}

function gatewaysOf({ metadata, spec }: Route): string[] {
  return (spec.parentRefs ?? [])
    .filter(
      ({ group = gatewayApiGroup, kind = 'Gateway' }) =>
        group === gatewayApiGroup && kind === 'Gateway',
    )
    .map(({ namespace = metadata.namespace, name }) => `${namespace}/${name}`);
}

function servicesOf(own: string, { rules = [] }: RoutingSpec): string[] {
  return rules
    .flatMap(({ backendRefs = [] }) => backendRefs)
    .filter(({ group = '', kind = 'Service' }) => group === '' && kind === 'Service')
    .map(({ namespace = own, name }) => `${namespace}/${name}`);
}
