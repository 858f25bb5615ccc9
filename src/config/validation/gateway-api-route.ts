/** HTTPRoute and GRPCRoute: what the API server would refuse. */

import { parseDuration } from '../../base/duration.ts';
import type { Path, Problems } from '../problem.ts';
import type { GrpcMethodMatch, GrpcRouteSpec } from '../schema/gateway-api/grpc-route.ts';
import type {
  HttpPathMatch,
  HttpRouteMatch,
  HttpRouteRule,
  HttpRouteSpec,
  HttpRouteTimeouts,
  NamedMatch,
} from '../schema/gateway-api/http-route.ts';
import type { SessionPersistence } from '../schema/gateway-api/session-persistence.ts';
import { checkFilters, checkHeaderName } from './gateway-api-filters.ts';
import { hostNameMistake } from './host-names.ts';
import { checkPattern } from './values.ts';

export function checkGatewayApiHttpRoute(
  { hostnames, rules = [] }: HttpRouteSpec,
  problems: Problems,
): void {
  checkHostnames(hostnames, problems);
  checkRules(rules, problems);
  for (const [index, rule] of rules.entries()) {
    const path = ['spec', 'rules', index];
    for (const [position, match] of (rule.matches ?? []).entries()) {
      checkMatch(match, [...path, 'matches', position], problems);
    }
    checkRedirects(rule, path, problems);
    if (rule.timeouts !== undefined) {
      checkTimeouts(rule.timeouts, [...path, 'timeouts'], problems);
    }
    const backoff = [...path, 'retry', 'backoff'];
    checkGatewayApiDuration(rule.retry?.backoff, backoff, problems);
  }
}

export function checkGrpcRoute({ hostnames, rules = [] }: GrpcRouteSpec, problems: Problems): void {
  checkHostnames(hostnames, problems);
  checkRules(rules, problems);
  for (const [index, rule] of rules.entries()) {
    for (const [position, { method, headers = [] }] of (rule.matches ?? []).entries()) {
      const path = ['spec', 'rules', index, 'matches', position];
      if (method !== undefined) checkMethod(method, [...path, 'method'], problems);
      checkHeaderMatches(headers, [...path, 'headers'], problems);
    }
  }
}

/** Hosts of routes, `*.` may stand before them. */
export function checkHostnames(hostnames: readonly string[] = [], problems: Problems): void {
  for (const [index, host] of hostnames.entries()) {
    const name = host.startsWith('*.') ? host.slice(2) : host;
    const mistake = host === '*' ? '"*" is not a host name' : hostNameMistake(name);
    const hint = host === '*' ? 'leave hostnames out to serve all hosts' : null;
    if (mistake !== null) problems.invalid(['spec', 'hostnames', index], mistake, hint);
  }
}

type CommonRule = Pick<HttpRouteRule, 'name' | 'filters' | 'backendRefs' | 'sessionPersistence'>;

function checkRules(rules: readonly CommonRule[], problems: Problems): void {
  const names = new Set<string>();
  for (const [index, { name, filters = [], backendRefs = [], ...rule }] of rules.entries()) {
    const path = ['spec', 'rules', index];
    if (name !== undefined && names.has(name)) {
      problems.invalid([...path, 'name'], `there are two rules named "${name}"`);
    }
    if (name !== undefined) names.add(name);
    checkFilters(filters, [...path, 'filters'], problems);
    for (const [position, backend] of backendRefs.entries()) {
      const place = [...path, 'backendRefs', position, 'filters'];
      checkFilters(backend.filters ?? [], place, problems);
    }
    const session = rule.sessionPersistence;
    if (session !== undefined) checkSession(session, [...path, 'sessionPersistence'], problems);
  }
}

function checkMatch(match: HttpRouteMatch, path: Path, problems: Problems): void {
  const { method, queryParams = [], headers = [] } = match;
  if (match.path !== undefined) checkPath(match.path, [...path, 'path'], problems);
  checkHeaderMatches(headers, [...path, 'headers'], problems);
  for (const [index, { type, value }] of queryParams.entries()) {
    if (type !== 'RegularExpression') continue;
    checkPattern(value, [...path, 'queryParams', index, 'value'], problems);
  }
  if (method === undefined || methods.has(method)) return;
  const upper = method.toUpperCase();
  const hint = methods.has(upper) ? `did you mean "${upper}"?` : null;
  problems.invalid([...path, 'method'], `"${method}" is not an HTTP method`, hint);
}

const methods = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'],
]);

function checkHeaderMatches(headers: readonly NamedMatch[], path: Path, problems: Problems): void {
  for (const [index, { name, type, value }] of headers.entries()) {
    checkHeaderName(name, [...path, index, 'name'], problems);
    if (type === 'RegularExpression') checkPattern(value, [...path, index, 'value'], problems);
  }
}

/** What a path of a request never has, or what it means something else by. */
const pathMistakes: readonly (readonly [RegExp, string])[] = [
  [/^[^/]|^$/, 'it must begin with "/"'],
  [/\/\//, 'it has "//"'],
  [/\/\.{1,2}(\/|$)/, 'it has a segment "." or ".."'],
  [/%2f/i, 'it has an encoded "/"'],
  [/#/, 'it has "#"'],
  [/[^-A-Za-z0-9/._~!$&'()*+,;=:@%]|%(?![0-9a-f]{2})/i, 'it has characters that paths have not'],
];

function checkPath({ type, value }: HttpPathMatch, path: Path, problems: Problems): void {
  if (value === undefined) return;
  const place = [...path, 'value'];
  if (type === 'RegularExpression') {
    checkPattern(value, place, problems);
    return;
  }
  const [, mistake] = pathMistakes.find(([pattern]) => pattern.test(value)) ?? [];
  if (mistake !== undefined) problems.invalid(place, `"${value}" is not a path: ${mistake}`);
}

/** A redirect answers itself, and has a prefix to replace only where one prefix is matched. */
function checkRedirects(rule: HttpRouteRule, path: Path, problems: Problems): void {
  const { filters = [], backendRefs = [], matches = [{}] } = rule;
  for (const [index, { requestRedirect, urlRewrite }] of filters.entries()) {
    const place = [...path, 'filters', index];
    if (requestRedirect !== undefined && backendRefs.length > 0) {
      problems.invalid(place, 'a rule with a redirect cannot have backends');
    }
    const field = requestRedirect === undefined ? 'urlRewrite' : 'requestRedirect';
    const modifier = (requestRedirect ?? urlRewrite)?.path;
    if (modifier?.type !== 'ReplacePrefixMatch') continue;
    const [match] = matches;
    const type = match?.path?.type ?? 'PathPrefix';
    if (matches.length === 1 && type === 'PathPrefix') continue;
    const message = 'ReplacePrefixMatch needs exactly one match, of type PathPrefix';
    problems.invalid([...place, field, 'path', 'type'], message);
  }
}

function checkTimeouts(timeouts: HttpRouteTimeouts, path: Path, problems: Problems): void {
  const { request, backendRequest } = timeouts;
  checkGatewayApiDuration(request, [...path, 'request'], problems);
  checkGatewayApiDuration(backendRequest, [...path, 'backendRequest'], problems);
  const whole = parseDuration(request ?? '0s') ?? 0;
  const single = parseDuration(backendRequest ?? '0s') ?? 0;
  if (whole === 0 || single <= whole) return;
  const message = `the time for one try, ${backendRequest}, is more than that for all, ${request}`;
  problems.invalid([...path, 'backendRequest'], message);
}

/** GEP-2257. */
const durationForm = /^([0-9]{1,5}(h|m|s|ms)){1,4}$/;

function checkGatewayApiDuration(text: string | undefined, path: Path, problems: Problems): void {
  if (text === undefined || durationForm.test(text)) return;
  const hint = 'whole numbers with h, m, s or ms, at most four of them: 1m30s';
  problems.invalid(path, `"${text}" is not a duration of the Gateway API`, hint);
}

function checkSession(session: SessionPersistence, path: Path, problems: Problems): void {
  const { absoluteTimeout, idleTimeout, cookieConfig, type = 'Cookie' } = session;
  checkGatewayApiDuration(absoluteTimeout, [...path, 'absoluteTimeout'], problems);
  checkGatewayApiDuration(idleTimeout, [...path, 'idleTimeout'], problems);
  if (cookieConfig === undefined) return;
  const place = [...path, 'cookieConfig'];
  if (type !== 'Cookie') problems.invalid(place, `a session of type ${type} has no cookie`);
  if (cookieConfig.lifetimeType === 'Permanent' && absoluteTimeout === undefined) {
    problems.invalid(place, 'a permanent cookie needs an absoluteTimeout');
  }
}

const serviceName = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;
const methodName = /^[A-Za-z_]\w*$/;

function checkMethod(match: GrpcMethodMatch, path: Path, problems: Problems): void {
  const { type = 'Exact', service, method } = match;
  if (service === undefined && method === undefined) {
    problems.invalid(path, 'the match needs a service, a method or both');
  }
  for (const [field, text, form] of [
    ['service', service, serviceName],
    ['method', method, methodName],
  ] as const) {
    if (text === undefined) continue;
    const place = [...path, field];
    if (type === 'RegularExpression') checkPattern(text, place, problems);
    else if (!form.test(text)) problems.invalid(place, `"${text}" is no name of a ${field}`);
  }
}
