/** Which routes of VirtualServices the tests have reached; of others see `made-routes.ts`. */

import type { Position, Resource } from '../config/resource.ts';
import type { VirtualServiceSpec } from '../config/schema/virtual-service.ts';
import type { Origin } from '../model/origin.ts';

/** A match of a rule for HTTP, or a rule without matches; a rule for other connections. */
export interface CoveredRoute {
  /** `VirtualService default/reviews`. */
  readonly resource: string;
  readonly protocol: 'http' | 'tls' | 'tcp';
  /** Of the rule; empty where it has none. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly isReached: boolean;
}

export interface Coverage {
  readonly routes: readonly CoveredRoute[];
  readonly reached: number;
}

type VirtualService = Resource<'VirtualService', VirtualServiceSpec>;

export function measureCoverage(
  virtualServices: readonly VirtualService[],
  reached: Iterable<Origin>,
): Coverage {
  const places = new Map<string, PlacesOfRules>();
  for (const service of virtualServices) {
    places.set(keyOf(service.file, service.metadata), new PlacesOfRules(service));
  }
  for (const origin of reached) places.get(keyOf(origin.file, origin))?.reach(origin);
  const routes = [...places.values()].flatMap((rules) => rules.routes());
  return { routes, reached: routes.filter(({ isReached }) => isReached).length };
}

function keyOf(file: string, { namespace, name }: Pick<Origin, 'namespace' | 'name'>): string {
  return `${namespace}/${name}/${file}`;
}

interface Place {
  readonly position: Position;
  readonly name: string;
  isReached: boolean;
}

interface Rule {
  readonly position: Position;
  readonly protocol: CoveredRoute['protocol'];
  readonly places: readonly Place[];
}

/** The rules of one VirtualService by their places, by which routes say where they come from. */
class PlacesOfRules {
  readonly #service: VirtualService;
  readonly #rules: readonly Rule[];

  constructor(service: VirtualService) {
    this.#service = service;
    this.#rules = rulesOf(service);
  }

  /** What a delegate's rule has of its root has no place of its own: then all of the rule counts. */
  reach({ line, column = 0 }: Origin): void {
    const reached = { line, column };
    const rule = this.#rules.findLast(({ position }) => compare(position, reached) <= 0);
    const exact = rule?.places.filter(({ position }) => compare(position, reached) === 0) ?? [];
    for (const place of exact.length > 0 ? exact : (rule?.places ?? [])) place.isReached = true;
  }

  routes(): CoveredRoute[] {
    const { file, metadata } = this.#service;
    const resource = `VirtualService ${metadata.namespace}/${metadata.name}`;
    return this.#rules.flatMap(({ protocol, places }) =>
      places.map((place) => {
        const { position, name, isReached } = place;
        return { resource, protocol, name, file, line: position.line, isReached };
      }),
    );
  }
}

function compare(a: Position, b: Position): number {
  return a.line - b.line || a.column - b.column;
}

/** In the order of their places. */
function rulesOf(service: VirtualService): Rule[] {
  const rules = [
    ...httpRules(service),
    ...connectionRules(service, 'tls'),
    ...connectionRules(service, 'tcp'),
  ];
  return rules.sort((a, b) => compare(a.position, b.position));
}

/** A rule that delegates has no route itself. */
function httpRules({ spec, positionOf }: VirtualService): Rule[] {
  return (spec.http ?? []).flatMap((rule, index): Rule[] => {
    if (rule.delegate !== undefined) return [];
    const path = ['spec', 'http', index];
    const own = positionOf(path);
    const matches = (rule.match ?? []).map((_, at) => positionOf([...path, 'match', at]));
    const positions = matches.length === 0 ? [own] : matches;
    const name = rule.name ?? '';
    const places = positions.map((position) => ({ position, name, isReached: false }));
    return [{ position: own, protocol: 'http', places }];
  });
}

/** Their filter chains say which rule they come from, not which match of it. */
function connectionRules({ spec, positionOf }: VirtualService, protocol: 'tls' | 'tcp'): Rule[] {
  return (spec[protocol] ?? []).map((_, index) => {
    const position = positionOf(['spec', protocol, index]);
    return { position, protocol, places: [{ position, name: '', isReached: false }] };
  });
}
