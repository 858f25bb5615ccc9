/**
 * Compares what two virtual hosts do with requests. For each class of paths the routes are walked
 * in order, and a part of the request (a header, the method, a parameter) is only tried with each
 * of its values where a route asks for it that may still come first. Where the routes that are left
 * are the same on both sides, nothing can differ any more.
 */

import type { PathNormalization } from '../model/http-settings.ts';
import type { CompiledRoute } from '../routing/compiled-route.ts';
import { type CompiledHeaderMatch, headerMatches } from '../routing/header-match.ts';
import { matchRoute } from '../routing/match.ts';
import type { RouteRequest } from '../routing/route-request.ts';
import type { CompiledVirtualHost } from '../routing/route-table.ts';
import {
  type Behaviour,
  type Behaviours,
  fixedDifferences,
  type Routed,
  rewritingDifferences,
} from './behaviour.ts';
import type { Budget } from './budget.ts';
import { canonicalText } from './canonical.ts';
import { conditionsOf, probe, type RequestParts, routeConditions } from './conditions.ts';
import type { FieldDifference } from './different-treatment.ts';
import type { HostClass } from './host-classes.ts';
import { type PathClass, pathClasses, pathKey } from './path-classes.ts';
import { type RequestPart, requestPart } from './request-part.ts';
import {
  type AskedKeys,
  type Assignment,
  commonLength,
  distinctValues,
  keysOf,
  remaining,
  type Step,
  stateText,
} from './walk-step.ts';
import type { WordFinder } from './word-finder.ts';

/** A request that is treated differently. */
export interface Finding {
  readonly request: RouteRequest;
  readonly before: CompiledRoute | null;
  readonly after: CompiledRoute | null;
  readonly outcomes: readonly [Behaviour, Behaviour];
  readonly differences: readonly FieldDifference[];
}

export interface ComparedSides {
  readonly before: Behaviours;
  readonly after: Behaviours;
  readonly normalization: PathNormalization;
  readonly words: WordFinder;
  /** For the walks of the whole comparison. */
  readonly walks: Budget;
}

export interface ComparedHosts {
  /** One for each pair of routes. */
  readonly findings: readonly Finding[];
  readonly complete: boolean;
}

export function compareHosts(hosts: HostClass, sides: ComparedSides): ComparedHosts {
  return new HostComparison(hosts, sides).run();
}

const schemePart = 'header :scheme';

/** Of one look at the steps that are left, beside what each of them costs. */
const leastWork = 10;

class HostComparison {
  readonly #hosts: HostClass;
  readonly #sides: ComparedSides;
  readonly #findings = new Map<string, Finding>();
  readonly #parts = new Map<string, RequestPart>();
  #complete = true;

  constructor(hosts: HostClass, sides: ComparedSides) {
    this.#hosts = hosts;
    this.#sides = sides;
  }

  run(): ComparedHosts {
    const before = this.#steps(this.#hosts.before, this.#sides.before);
    const after = this.#steps(this.#hosts.after, this.#sides.after);
    const wasTls = this.#hosts.before?.virtualHost.requireTls ?? false;
    const isTls = this.#hosts.after?.virtualHost.requireTls ?? false;
    if (isTls === wasTls && sameSteps(before, after)) return { findings: [], complete: true };
    const routes = [...before, ...after].map(({ compiled }) => compiled);
    this.#readParts(routes);
    const paths = pathClasses(
      routes,
      {
        normalization: this.#sides.normalization,
        wanted: wasTls === isTls ? changedPaths(before, after) : null,
      },
      this.#sides.words,
    );
    if (!paths.complete) this.#complete = false;
    for (const path of paths.classes) this.#comparePath(path, before, after);
    return { findings: [...this.#findings.values()], complete: this.#complete };
  }

  #steps(host: CompiledVirtualHost | null, behaviours: Behaviours): readonly Step[] {
    const { authority } = this.#hosts;
    const steps: Step[] = [];
    for (const compiled of host?.routes ?? []) {
      const conditions = routeConditions(compiled);
      const headers = compiled.headers ?? [];
      const request = probe({ authority });
      const ofHost = headers.filter(({ source }) => source === 'authority');
      if (!ofHost.every((header) => headerMatches(header, request))) continue;
      const wholePath = headers.filter(({ source }) => source === 'path');
      const asks = conditions.filter(({ header }) => !isSettled(header));
      const behaviour = behaviours.of(compiled);
      const path = pathKey(compiled.route.match.path);
      const whole = wholePath.map(({ model }) => model);
      const id = canonicalText([path, whole, asks.map(({ key }) => key), behaviour.key]);
      steps.push({ compiled, id, pathKey: path, behaviour, asks, wholePath });
    }
    return steps;
  }

  #readParts(routes: readonly CompiledRoute[]): void {
    const all = conditionsOf(routes);
    const conditions = all.filter(({ header }) => !isSettled(header));
    const asksPath = all.some(({ header }) => header?.source === 'path');
    // Together they would have to be met by one text.
    if (asksPath && conditions.some(({ query }) => query !== null)) this.#complete = false;
    for (const [part, same] of Map.groupBy(conditions, (condition) => condition.part)) {
      const values = requestPart(part, same, this.#sides.words);
      if (!values.complete) this.#complete = false;
      this.#parts.set(part, values);
    }
  }

  #comparePath(path: PathClass, before: readonly Step[], after: readonly Step[]): void {
    const request = probe({ pathname: path.paths[0] ?? '/' });
    const fits = (step: Step): boolean =>
      path.holds.has(step.pathKey) && step.wholePath.every((one) => headerMatches(one, request));
    const [old, now] = [before.filter(fits), after.filter(fits)];
    const schemes = this.#schemes();
    if (schemes.length === 1 && sameSteps(old, now)) return;
    for (const scheme of schemes) {
      const walk: PathWalk = { path, scheme, routes: [old, now], seen: new Set() };
      this.#explore(walk, this.#assignScheme(scheme));
    }
  }

  /** Both where one virtual host takes https alone. */
  #schemes(): readonly (string | null)[] {
    const hosts = [this.#hosts.before, this.#hosts.after];
    const asks = hosts.some((host) => host?.virtualHost.requireTls === true);
    return asks ? ['http', 'https'] : [null];
  }

  #assignScheme(scheme: string | null): Assignment {
    const values = this.#parts.get(schemePart)?.values ?? [];
    const given = values.find(({ parts }) => scheme !== null && parts.scheme === scheme);
    return new Map(given === undefined ? [] : [[schemePart, given]]);
  }

  #explore(walk: PathWalk, assignment: Assignment): void {
    const [old, now] = walk.routes.map((steps) => remaining(steps, assignment));
    if (old === undefined || now === undefined) return;
    if (walk.scheme === null && sameSteps(old.steps, now.steps)) return;
    const state = stateText(old.steps, now.steps, assignment);
    if (walk.seen.has(state)) return;
    walk.seen.add(state);
    if (!this.#sides.walks.spend(leastWork + old.steps.length + now.steps.length)) {
      this.#complete = false;
      return;
    }
    const common = walk.scheme === null ? commonLength(old.steps, now.steps) : 0;
    // Steps that differ come first: where they fail, all that is left may be the same.
    const part = old.openParts[common] ?? now.openParts[common] ?? old.openParts[0] ?? null;
    if (part === null) {
      this.#compare(walk, assignment);
      return;
    }
    const asked: AskedKeys = {
      differing: keysOf([...old.steps.slice(common), ...now.steps.slice(common)]),
      common: keysOf(old.steps.slice(0, common)),
    };
    const left: PathWalk = { ...walk, routes: [old.steps, now.steps] };
    for (const value of distinctValues(this.#parts.get(part)?.values ?? [], asked)) {
      this.#explore(left, new Map([...assignment, [part, value]]));
    }
  }

  #compare(walk: PathWalk, assignment: Assignment): void {
    for (const pathname of walk.path.paths) {
      const request = requestOf(this.#hosts.authority, pathname, walk.scheme, assignment);
      if (this.#compareRequest(request)) return;
    }
  }

  /** By the matcher itself, so that what is found is so. */
  #compareRequest(request: RouteRequest): boolean {
    const before = routeOf(this.#hosts.before, request);
    const after = routeOf(this.#hosts.after, request);
    const old = this.#sides.before.of(before);
    const now = this.#sides.after.of(after);
    if (old.key === now.key) return false;
    const [from, to] = [compiledOrNull(before), compiledOrNull(after)];
    const differences = [...fixedDifferences(old, now), ...rewritingDifferences(from, to, request)];
    if (differences.length === 0) return false;
    const id = `${routeId(before)} ${routeId(after)}`;
    const known = this.#findings.get(id);
    if (known === undefined) {
      const outcomes = [old, now] as const;
      this.#findings.set(id, { request, before: from, after: to, outcomes, differences });
    }
    return true;
  }
}

/** The routes of one class of paths; the scheme only where it matters. */
interface PathWalk {
  readonly path: PathClass;
  readonly scheme: string | null;
  readonly routes: readonly (readonly Step[])[];
  /** What was left, and known, at each look: nothing else comes of the same again. */
  readonly seen: Set<string>;
}

/**
 * Path conditions of the routes between what is the same at the beginning and at the end: for
 * other paths the same routes are left on both sides.
 */
function changedPaths(before: readonly Step[], after: readonly Step[]): ReadonlySet<string> {
  const shorter = Math.min(before.length, after.length);
  const start = commonLength(before, after);
  let end = 0;
  while (end < shorter - start && before.at(-1 - end)?.id === after.at(-1 - end)?.id) end++;
  const changed = [before, after].flatMap((steps) => steps.slice(start, steps.length - end));
  return new Set(changed.map((step) => step.pathKey));
}

function sameSteps(before: readonly Step[], after: readonly Step[]): boolean {
  return before.length === after.length && before.every(({ id }, index) => id === after[index]?.id);
}

function requestOf(
  authority: string,
  pathname: string,
  scheme: string | null,
  assignment: Assignment,
): RouteRequest {
  const all: RequestParts[] = [...assignment.values()].map(({ parts }) => parts);
  const merged: RequestParts = Object.assign({}, ...all);
  const headers = all.flatMap((one) => one.headers ?? []);
  const queries = all.map(({ query }) => query).filter((query) => query != null);
  const query = queries.length === 0 ? null : queries.join('&');
  const given = scheme === null ? {} : { scheme };
  return probe({ ...merged, ...given, authority, pathname, query, headers });
}

function routeOf(host: CompiledVirtualHost | null, request: RouteRequest): Routed {
  if (host === null) return null;
  if (host.virtualHost.requireTls && request.scheme !== 'https') return 'to-https';
  return matchRoute(host, request);
}

function compiledOrNull(route: Routed): CompiledRoute | null {
  return route === 'to-https' ? null : route;
}

function routeId(route: Routed): string {
  return route === null || route === 'to-https' ? String(route) : String(route.position);
}

/** By the class of the host or of the path. */
function isSettled(header: CompiledHeaderMatch | null): boolean {
  return header?.source === 'authority' || header?.source === 'path';
}
