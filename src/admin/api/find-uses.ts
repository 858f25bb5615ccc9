/** Finds what of the model was made from a resource: its objects know where they come from. */

import type { Mesh } from '../../model/mesh.ts';
import type { Origin } from '../../model/origin.ts';
import type { ResourceUse } from './schema/resources.ts';

export interface ResourceName {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export function findUses(mesh: Mesh, resource: ResourceName): ResourceUse[] {
  const isFrom = ({ kind, namespace, name }: Origin): boolean =>
    kind === resource.kind && namespace === resource.namespace && name === resource.name;
  const candidates = [...listenerUses(mesh), ...routeUses(mesh), ...clusterUses(mesh)];
  return candidates.filter(({ origin }) => isFrom(origin)).map(({ use }) => use);
}

interface Candidate {
  readonly origin: Origin;
  readonly use: ResourceUse;
}

function candidate(origin: Origin, use: Omit<ResourceUse, 'line'>): Candidate {
  return { origin, use: { ...use, line: origin.line } };
}

function* listenerUses({ listeners }: Mesh): Iterable<Candidate> {
  for (const listener of listeners) {
    yield candidate(listener.origin, { kind: 'listener', name: listener.name, within: '' });
    for (const chain of listener.filterChains) {
      const use = { kind: 'filter-chain', name: chain.name, within: listener.name } as const;
      yield candidate(chain.origin, use);
    }
  }
}

function* routeUses({ routeTables }: Mesh): Iterable<Candidate> {
  for (const { name: within, virtualHosts } of routeTables) {
    for (const { name, origin, routes } of virtualHosts) {
      yield candidate(origin, { kind: 'virtual-host', name, within });
      for (const [position, route] of routes.entries()) {
        const routeName = `${name}/${route.name === '' ? position : route.name}`;
        yield candidate(route.origin, { kind: 'route', name: routeName, within });
      }
    }
  }
}

function* clusterUses({ clusters }: Mesh): Iterable<Candidate> {
  for (const { name, origin } of clusters) {
    yield candidate(origin, { kind: 'cluster', name, within: '' });
  }
}
