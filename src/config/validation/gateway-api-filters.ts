/** Filters of HTTPRoute and GRPCRoute: what the API server would refuse. */

import { isFieldName } from '../../http1/field-syntax.ts';
import type { Path, Problems } from '../problem.ts';
import type {
  CorsFilter,
  HeaderFilter,
  HttpRouteFilter,
  MirrorFilter,
  PathModifier,
  RedirectFilter,
  RewriteFilter,
} from '../schema/gateway-api/filters.ts';
import { checkAuthorityText, checkTargetText, checkValueText } from './head-text.ts';
import { hostNameMistake } from './host-names.ts';

type FilterType = HttpRouteFilter['type'];

/** The field that goes with each type. */
const fieldOf = {
  RequestHeaderModifier: 'requestHeaderModifier',
  ResponseHeaderModifier: 'responseHeaderModifier',
  RequestMirror: 'requestMirror',
  RequestRedirect: 'requestRedirect',
  URLRewrite: 'urlRewrite',
  CORS: 'cors',
  ExternalAuth: 'externalAuth',
  ExtensionRef: 'extensionRef',
} as const satisfies Record<FilterType, keyof HttpRouteFilter>;

/** These may stand there several times. */
const repeatable: ReadonlySet<FilterType> = new Set(['RequestMirror', 'ExtensionRef']);

export function checkFilters(
  filters: readonly HttpRouteFilter[],
  path: Path,
  problems: Problems,
): void {
  const seen = new Set<FilterType>();
  for (const [index, filter] of filters.entries()) {
    const { type } = filter;
    const place = [...path, index];
    if (seen.has(type) && !repeatable.has(type)) {
      problems.invalid([...place, 'type'], `there is another filter ${type} already`);
    }
    seen.add(type);
    checkField(filter, place, problems);
    checkFilter(filter, place, problems);
  }
  if (seen.has('RequestRedirect') && seen.has('URLRewrite')) {
    problems.invalid(path, 'RequestRedirect and URLRewrite cannot stand together');
  }
}

/** Of the fields for single types that of its own type is set, and no other. */
function checkField(filter: HttpRouteFilter, path: Path, problems: Problems): void {
  const own = fieldOf[filter.type];
  if (filter[own] === undefined) {
    problems.invalid(path, `a filter ${filter.type} needs "${own}"`);
  }
  for (const [type, field] of Object.entries(fieldOf)) {
    if (field === own || filter[field] === undefined) continue;
    problems.invalid([...path, field], `"${field}" is for filters of type ${type}`);
  }
}

function checkFilter(filter: HttpRouteFilter, path: Path, problems: Problems): void {
  const { requestHeaderModifier, responseHeaderModifier, requestMirror } = filter;
  const { requestRedirect, urlRewrite, cors } = filter;
  checkHeaders(requestHeaderModifier, [...path, 'requestHeaderModifier'], problems);
  checkHeaders(responseHeaderModifier, [...path, 'responseHeaderModifier'], problems);
  if (requestMirror !== undefined) {
    checkMirror(requestMirror, [...path, 'requestMirror'], problems);
  }
  if (requestRedirect !== undefined) {
    checkRedirect(requestRedirect, [...path, 'requestRedirect'], problems);
  }
  if (urlRewrite !== undefined) checkRewrite(urlRewrite, [...path, 'urlRewrite'], problems);
  if (cors !== undefined) checkCors(cors, [...path, 'cors'], problems);
}

function checkHeaders(filter: HeaderFilter | undefined, path: Path, problems: Problems): void {
  for (const verb of ['set', 'add'] as const) {
    for (const [index, { name, value }] of (filter?.[verb] ?? []).entries()) {
      const place = [...path, verb, index];
      checkHeaderName(name, [...place, 'name'], problems);
      if (name.toLowerCase() === 'host') checkAuthorityText(value, [...place, 'value'], problems);
      else checkValueText(value, [...place, 'value'], problems);
    }
  }
  for (const [index, name] of (filter?.remove ?? []).entries()) {
    checkHeaderName(name, [...path, 'remove', index], problems);
  }
}

export function checkHeaderName(name: string, path: Path, problems: Problems): void {
  if (!isFieldName(name)) problems.invalid(path, `"${name}" is not a header name`);
}

function checkMirror({ fraction }: MirrorFilter, path: Path, problems: Problems): void {
  if (fraction === undefined) return;
  const { numerator, denominator = 100 } = fraction;
  if (numerator <= denominator) return;
  const message = `numerator ${numerator} is more than denominator ${denominator}`;
  problems.invalid([...path, 'fraction'], message);
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function checkRedirect(filter: RedirectFilter, path: Path, problems: Problems): void {
  const { hostname, statusCode, path: modifier } = filter;
  if (statusCode !== undefined && !redirectStatuses.has(statusCode)) {
    const message = `${statusCode} is not 301, 302, 303, 307 or 308`;
    problems.invalid([...path, 'statusCode'], message);
  }
  checkHost(hostname, [...path, 'hostname'], problems);
  checkModifier(modifier, [...path, 'path'], problems);
}

function checkRewrite(filter: RewriteFilter, path: Path, problems: Problems): void {
  checkHost(filter.hostname, [...path, 'hostname'], problems);
  checkModifier(filter.path, [...path, 'path'], problems);
}

function checkHost(hostname: string | undefined, path: Path, problems: Problems): void {
  const mistake = hostname === undefined ? null : hostNameMistake(hostname);
  if (mistake !== null) problems.invalid(path, mistake);
}

function checkModifier(modifier: PathModifier | undefined, path: Path, problems: Problems): void {
  if (modifier === undefined) return;
  const { type, replaceFullPath, replacePrefixMatch } = modifier;
  const field = type === 'ReplaceFullPath' ? 'replaceFullPath' : 'replacePrefixMatch';
  if (modifier[field] === undefined) problems.invalid(path, `type ${type} needs "${field}"`);
  checkTargetText(replaceFullPath, [...path, 'replaceFullPath'], problems);
  checkTargetText(replacePrefixMatch, [...path, 'replacePrefixMatch'], problems);
}

const methods = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', '*'],
]);

/** A star may stand for anything to the left of a host, or for the whole host. */
const origin = /^https?:\/\/(\*|(\*\.)?[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d+)?$/;

function checkCors(cors: CorsFilter, path: Path, problems: Problems): void {
  for (const [index, text] of (cors.allowOrigins ?? []).entries()) {
    if (text === '*' || origin.test(text)) continue;
    const hint = 'an origin is https://host or http://host, with a port where it is not the usual';
    problems.invalid([...path, 'allowOrigins', index], `"${text}" is not an origin`, hint);
  }
  for (const [index, method] of (cors.allowMethods ?? []).entries()) {
    if (methods.has(method)) continue;
    problems.invalid([...path, 'allowMethods', index], `"${method}" is not an HTTP method`);
  }
  for (const field of ['allowHeaders', 'exposeHeaders'] as const) {
    for (const [index, name] of (cors[field] ?? []).entries()) {
      if (name !== '*') checkHeaderName(name, [...path, field, index], problems);
    }
  }
  for (const field of ['allowOrigins', 'allowMethods', 'allowHeaders'] as const) {
    const list = cors[field] ?? [];
    if (list.includes('*') && list.length > 1) {
      problems.invalid([...path, field], '"*" stands for all, nothing can stand beside it');
    }
  }
}
