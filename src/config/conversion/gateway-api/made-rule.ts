/** A rule of a VirtualService that was made from a rule of an HTTPRoute or GRPCRoute. */

import type { Path } from '../../problem.ts';
import type { Resource } from '../../resource.ts';
import type { GrpcRouteSpec } from '../../schema/gateway-api/grpc-route.ts';
import type { HttpRouteSpec } from '../../schema/gateway-api/http-route.ts';
import type { HttpRoute } from '../../schema/virtual-service.ts';

export type HttpRouteResource = Resource<'HTTPRoute', HttpRouteSpec>;
export type GrpcRouteResource = Resource<'GRPCRoute', GrpcRouteSpec>;
export type RouteResource = HttpRouteResource | GrpcRouteResource;

export interface MadeRule {
  readonly spec: HttpRoute;
  /** What it was made from. */
  readonly resource: RouteResource;
  readonly places: FieldPlaces;
}

/** From the fields of a made rule to those of the route that they come from. */
export class FieldPlaces {
  readonly #paths: ReadonlyMap<string, Path>;

  /** `rule`: path of the rule in the route, for all that is not in `fields`. */
  constructor(rule: Path, fields: Iterable<readonly [string, Path]> = []) {
    this.#paths = new Map([['', rule], ...fields]);
  }

  /** The same with more fields: `route.0.destination`, `match.0`. */
  with(fields: Iterable<readonly [string, Path]>): FieldPlaces {
    const [[, rule] = ['', []], ...known] = this.#paths;
    return new FieldPlaces(rule, [...known, ...fields]);
  }

  /** `path` counts from the made rule; the place of the nearest field that is known. */
  of(path: Path): Path {
    for (let length = path.length; length > 0; length -= 1) {
      const found = this.#paths.get(path.slice(0, length).join('.'));
      if (found !== undefined) return found;
    }
    return this.#paths.get('') ?? [];
  }
}
