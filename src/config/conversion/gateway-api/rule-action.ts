/** What a rule of an HTTPRoute or GRPCRoute does with a request, as a rule of a VirtualService. */

import type { Path } from '../../problem.ts';
import type { Destination } from '../../schema/destination.ts';
import type { HttpRouteFilter } from '../../schema/gateway-api/filters.ts';
import type { HttpRouteRule } from '../../schema/gateway-api/http-route.ts';
import type { SessionPersistence } from '../../schema/gateway-api/session-persistence.ts';
import type { RouteExtension } from '../../schema/route-extension.ts';
import type { HttpRoute, HttpRouteDestination } from '../../schema/virtual-service.ts';
import { type Backends, nowhere } from './backends.ts';
import { corsOf, mirrorShare, redirectOf, rewriteOf } from './filters.ts';
import { headerOperations } from './header-operations.ts';
import type { FieldPaths, RouteResource } from './made-rule.ts';
import type { ReferenceProblem } from './reference-problem.ts';
import type { Sessions } from './session-persistence.ts';
import { timingOf } from './timeouts.ts';

/** All but the matches, in which the two kinds differ. */
export type ActingRule = Omit<HttpRouteRule, 'matches'>;

export interface RulePlace {
  readonly route: RouteResource;
  /** Of the rule in the route. */
  readonly path: Path;
  readonly backends: Backends;
  readonly sessions: Sessions;
  /** For a parent that is a Service. */
  readonly isMesh: boolean;
}

export interface RuleAction {
  readonly spec: HttpRoute;
  /** Fields of `spec` with their places in the route. */
  readonly fields: FieldPaths;
  readonly problems: readonly ReferenceProblem[];
}

export function ruleAction(rule: ActingRule, place: RulePlace): RuleAction {
  const draft = new Draft(place, rule.sessionPersistence);
  for (const [index, filter] of (rule.filters ?? []).entries()) {
    draft.filter(filter, [...place.path, 'filters', index]);
  }
  draft.forward(rule.backendRefs ?? []);
  const { spec } = draft;
  return {
    spec: { ...withTiming(spec, rule), extension: extensionOf(spec, rule) },
    fields: draft.fields,
    problems: draft.problems,
  };
}

/** A session goes before weights: a client stays with its backend, too. */
function extensionOf({ route = [] }: HttpRoute, rule: ActingRule): RouteExtension {
  const isSession = rule.sessionPersistence !== undefined && route.length > 1;
  return { semantics: 'gateway-api', ...(isSession ? { stickyWeights: true } : {}) };
}

function withTiming(spec: HttpRoute, rule: ActingRule): HttpRoute {
  const forwards = spec.redirect === undefined && spec.directResponse === undefined;
  return forwards ? { ...spec, ...timingOf(rule) } : spec;
}

type BackendRef = NonNullable<ActingRule['backendRefs']>[number];

interface PlacedBackend {
  readonly ref: BackendRef;
  readonly path: Path;
}

/** A rule while it is put together. */
class Draft {
  readonly fields: Map<string, Path>;
  readonly problems: ReferenceProblem[] = [];
  readonly #place: RulePlace;
  readonly #session: SessionPersistence | undefined;
  readonly #parts: HttpRoute = {};
  /** A filter cannot be served: without it no request may pass. */
  #isRefused = false;

  constructor(place: RulePlace, session: SessionPersistence | undefined) {
    this.#place = place;
    this.#session = session;
    this.fields = new Map([
      ['route', [...place.path, 'backendRefs']],
      ['directResponse', [...place.path, 'backendRefs']],
      ['headers', [...place.path, 'filters']],
      ['mirrors', [...place.path, 'filters']],
      ['timeout', [...place.path, 'timeouts']],
      ['retries', [...place.path, 'retry']],
    ]);
  }

  get spec(): HttpRoute {
    const { headers, redirect, route } = this.#parts;
    const shared = headers === undefined ? {} : { headers };
    if (this.#isRefused) return { directResponse: { status: 500 } };
    if (redirect !== undefined) return { ...shared, redirect };
    // The Gateway API wants 500 where no backend gets anything.
    if (route === undefined) return { ...shared, directResponse: { status: 500 } };
    return this.#parts;
  }

  filter(filter: HttpRouteFilter, path: Path): void {
    const { requestHeaderModifier, responseHeaderModifier, requestMirror } = filter;
    switch (filter.type) {
      case 'RequestHeaderModifier':
        this.#setHeaders('request', headerOperations(requestHeaderModifier ?? {}), path);
        break;
      case 'ResponseHeaderModifier':
        this.#setHeaders('response', headerOperations(responseHeaderModifier ?? {}), path);
        break;
      case 'RequestMirror':
        if (requestMirror !== undefined) this.#mirror(requestMirror, [...path, 'requestMirror']);
        break;
      case 'RequestRedirect':
        this.#parts.redirect = redirectOf(filter.requestRedirect ?? {});
        this.fields.set('redirect', [...path, 'requestRedirect']);
        break;
      case 'URLRewrite':
        this.#rewrite(filter, path);
        break;
      case 'CORS':
        this.#parts.corsPolicy = corsOf(filter.cors ?? {});
        this.fields.set('corsPolicy', [...path, 'cors']);
        break;
      case 'ExternalAuth':
      case 'ExtensionRef':
        this.#isRefused = true;
        this.fields.set('directResponse', path);
        this.problems.push(unservedFilter(filter, path));
        break;
    }
  }

  forward(refs: readonly BackendRef[]): void {
    const used = refs
      .map((ref, index) => ({ ref, path: [...this.#place.path, 'backendRefs', index] }))
      .filter(({ ref }) => ref.weight !== 0);
    if (used.length === 0) {
      if (refs.length > 0) this.problems.push(withoutWeight([...this.#place.path, 'backendRefs']));
      return;
    }
    const isOnly = used.length === 1;
    this.#parts.route = used.map((backend, index) => {
      this.#placeDestination(`route.${index}`, backend.path);
      const destination = this.#destination(backend, isOnly);
      return isOnly ? destination : { ...destination, weight: backend.ref.weight ?? 1 };
    });
  }

  #withSession(destination: Destination): Destination {
    const { sessions, route, path } = this.#place;
    const session = this.#session;
    return session === undefined
      ? destination
      : sessions.use(destination, { session, route, path });
  }

  #destination({ ref, path }: PlacedBackend, isOnly: boolean): HttpRouteDestination {
    const { destination, problem } = this.#resolve(ref, path);
    if (problem !== null) this.problems.push(problem);
    const made: HttpRouteDestination = {
      destination: problem === null ? this.#withSession(destination) : destination,
    };
    for (const [index, filter] of (ref.filters ?? []).entries()) {
      const place = [...path, 'filters', index];
      if (filter.type === 'RequestHeaderModifier') {
        const request = headerOperations(filter.requestHeaderModifier ?? {});
        made.headers = { ...made.headers, request };
      } else if (filter.type === 'ResponseHeaderModifier') {
        const response = headerOperations(filter.responseHeaderModifier ?? {});
        made.headers = { ...made.headers, response };
      } else if (isOnly) {
        // What holds for the only backend holds for the rule.
        this.filter(filter, place);
      } else {
        this.problems.push(unservedFilter(filter, place));
        made.destination = nowhere;
      }
    }
    return made;
  }

  #resolve(ref: Omit<BackendRef, 'filters'>, path: Path) {
    const { route, backends, isMesh } = this.#place;
    return backends.resolve({ ref, route, path, isMesh });
  }

  #setHeaders(
    side: 'request' | 'response',
    operations: ReturnType<typeof headerOperations>,
    path: Path,
  ): void {
    this.#parts.headers = { ...this.#parts.headers, [side]: operations };
    this.fields.set(`headers.${side}`, [...path, `${side}HeaderModifier`]);
  }

  #rewrite({ urlRewrite = {} }: HttpRouteFilter, path: Path): void {
    const rewrite = rewriteOf(urlRewrite);
    if (rewrite === null) return;
    this.#parts.rewrite = rewrite;
    this.fields.set('rewrite', [...path, 'urlRewrite']);
  }

  /** A copy that cannot be sent is left out. */
  #mirror(filter: NonNullable<HttpRouteFilter['requestMirror']>, path: Path): void {
    const place = [...path, 'backendRef'];
    const { destination, problem } = this.#resolve(filter.backendRef, place);
    if (problem !== null) this.problems.push({ ...problem, isCopy: true });
    if (destination === nowhere) return;
    const percentage = mirrorShare(filter);
    const mirrors = this.#parts.mirrors ?? [];
    this.#placeDestination(`mirrors.${mirrors.length}`, place);
    this.#parts.mirrors = [
      ...mirrors,
      percentage === undefined ? { destination } : { destination, percentage },
    ];
  }

  #placeDestination(field: string, path: Path): void {
    this.fields
      .set(field, path)
      .set(`${field}.destination.host`, [...path, 'name'])
      .set(`${field}.destination.port`, [...path, 'port'])
      .set(`${field}.weight`, [...path, 'weight']);
  }
}

function withoutWeight(path: Path): ReferenceProblem {
  const message = 'no backend has a weight above zero';
  return { condition: null, reason: 'NoWeight', message, hint: 'give one a weight', path };
}

function unservedFilter({ type, extensionRef }: HttpRouteFilter, path: Path): ReferenceProblem {
  if (type !== 'ExtensionRef') {
    const message = `the filter ${type} cannot be served here`;
    return { condition: 'PartiallyInvalid', reason: 'UnsupportedValue', message, hint: null, path };
  }
  const { group = '', kind = '' } = extensionRef ?? {};
  return {
    condition: 'ResolvedRefs',
    reason: 'InvalidKind',
    message: `${group === '' ? kind : `${kind} of ${group}`} is no kind of filters`,
    hint: 'use the filters of the Gateway API itself',
    path: [...path, 'extensionRef'],
  };
}
