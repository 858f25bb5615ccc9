/** Conditions of a rule in the words of HTTPRoute. */

import type {
  HttpPathMatch,
  HttpRouteMatch,
  NamedMatch,
} from '../config/schema/gateway-api/http-route.ts';
import type { StringMatch } from '../config/schema/shared.ts';
import type { HttpMatchRequest } from '../config/schema/virtual-service.ts';
import { quotedPattern } from './path-shape.ts';

/** Fields of a match that HTTPRoute has nothing like. */
const unsayable = ['scheme', 'authority', 'withoutHeaders', 'sourceLabels', 'sourceNamespace'];

/** The names of what cannot be said; none where it can. */
export function unsayableConditions(match: HttpMatchRequest): string[] {
  const given = Object.entries(match).filter(([, value]) => value !== undefined);
  const names = given.map(([name]) => name).filter((name) => unsayable.includes(name));
  return methodsOf(match) === null ? [...names, 'method'] : names;
}

/** Several where one of several methods is asked for. */
export function httpRouteMatches(match: HttpMatchRequest): HttpRouteMatch[] {
  const { uri, headers, queryParams } = match;
  const conditions = {
    path: pathMatch(uri ?? {}),
    ...(headers === undefined ? {} : { headers: namedMatches(headers) }),
    ...(queryParams === undefined ? {} : { queryParams: namedMatches(queryParams) }),
  };
  const methods = methodsOf(match) ?? [];
  if (methods.length === 0) return [conditions];
  return methods.map((method) => ({ ...conditions, method }));
}

/** Those that the Gateway API knows. */
const knownMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
]);

/** Methods that the Gateway API does not know, of a match that names others as well. */
export function unknownMethods(match: HttpMatchRequest): string[] {
  return writtenMethods(match).filter((name) => !knownMethods.has(name));
}

/** Empty for all methods; null where none of them can be named. */
function methodsOf(match: HttpMatchRequest): string[] | null {
  if (match.method === undefined) return [];
  const known = writtenMethods(match).filter((name) => knownMethods.has(name));
  return known.length === 0 ? null : known;
}

function writtenMethods({ method = {} }: HttpMatchRequest): string[] {
  const names = /^\^?(?:\(\?:|\()?([A-Z]+(?:\|[A-Z]+)*)\)?\$?$/.exec(method.regex ?? '');
  return method.exact === undefined ? (names?.[1]?.split('|') ?? []) : [method.exact];
}

/** A prefix of HTTPRoute ends at a slash. */
function pathMatch({ exact, prefix = '/', regex }: StringMatch): HttpPathMatch {
  if (regex !== undefined) return { type: 'RegularExpression', value: regex };
  if (exact !== undefined) return { type: 'Exact', value: exact };
  const value = prefix.replace(/\/$/, '');
  return { type: 'PathPrefix', value: value === '' ? '/' : value };
}

function namedMatches(matches: Readonly<Record<string, StringMatch>>): NamedMatch[] {
  return Object.entries(matches).map(([name, { exact, prefix, regex }]): NamedMatch => {
    if (exact !== undefined) return { name, value: exact };
    const start = prefix === undefined ? '' : quotedPattern(prefix);
    const value = regex === undefined || regex === '*' ? `${start}.*` : regex;
    return { type: 'RegularExpression', name, value };
  });
}
