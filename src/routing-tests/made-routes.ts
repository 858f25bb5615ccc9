/** Routes that come from no VirtualService of the files, but from Ingresses or the Gateway API. */

import { compareText } from '../base/compare-text.ts';
import { resourceLabel } from '../config/resource.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Origin } from '../model/origin.ts';
import type { CoveredRoute } from './coverage.ts';

const protocols: ReadonlyMap<string, CoveredRoute['protocol']> = new Map([
  ['Ingress', 'http'],
  ['HTTPRoute', 'http'],
  ['GRPCRoute', 'http'],
  ['TLSRoute', 'tls'],
  ['TCPRoute', 'tcp'],
]);

/** Each place of a file once, in the order of files and lines. */
export function madeRoutes(meshes: readonly Mesh[], reached: Iterable<Origin>): CoveredRoute[] {
  const isReached = new Set([...reached].map(placeOf));
  const found = new Map<string, CoveredRoute>();
  for (const { origin, name } of meshes.flatMap(routesOf)) {
    const protocol = protocols.get(origin.kind);
    const place = placeOf(origin);
    if (protocol === undefined || found.has(place)) continue;
    const { file, line } = origin;
    const resource = resourceLabel(origin.kind, origin.namespace, origin.name);
    found.set(place, { resource, protocol, name, file, line, isReached: isReached.has(place) });
  }
  return [...found.values()].sort((a, b) => compareText(a.file, b.file) || a.line - b.line);
}

interface NamedOrigin {
  readonly origin: Origin;
  readonly name: string;
}

function routesOf({ routeTables, listeners }: Mesh): NamedOrigin[] {
  return [
    ...routeTables.flatMap(({ virtualHosts }) => virtualHosts.flatMap(({ routes }) => routes)),
    ...listeners.flatMap(({ filterChains }) =>
      filterChains.filter(({ kind }) => kind === 'tcp').map(({ origin }) => ({ origin, name: '' })),
    ),
  ];
}

function placeOf({ file, line, column }: Origin): string {
  return `${file}:${line}:${column}`;
}
