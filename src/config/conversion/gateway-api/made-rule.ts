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

/** Fields of a made rule, as `route.0.destination`, with their paths in the route. */
export type FieldPaths = ReadonlyMap<string, Path>;

/** The only match of a made rule. */
export interface MatchPlace {
  /** In the route. */
  readonly path: Path;
  /** What its `uri` comes from: `path`, or the `method` of a call. */
  readonly uri: 'path' | 'method';
}

/** From the fields of a made rule to those of the route that they come from. */
export class FieldPlaces {
  readonly #rule: Path;
  readonly #fields: FieldPaths;
  readonly #match: MatchPlace | null;

  /** `rule`: for all that is not in `fields`. */
  constructor(rule: Path, fields: FieldPaths, match: MatchPlace | null) {
    this.#rule = rule;
    this.#fields = fields;
    this.#match = match;
  }

  /** `path` counts from the made rule; the place of the nearest field that is known. */
  of(path: Path): Path {
    if (path[0] === 'match' && this.#match !== null) return inMatch(this.#match, path);
    for (let length = path.length; length > 0; length -= 1) {
      const found = this.#fields.get(path.slice(0, length).join('.'));
      if (found !== undefined) return found;
    }
    return this.#rule;
  }
}

function inMatch({ path, uri }: MatchPlace, [, , field]: Path): Path {
  if (field === undefined) return path;
  return [...path, field === 'uri' ? uri : field];
}
