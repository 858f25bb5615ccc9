/** What an HTTP rule does: redirect, direct response, rewrite, retries, faults, mirrors, CORS. */

import { STATUS_CODES } from 'node:http';
import { RE2JS } from 're2js';
import { parseDuration } from '../../base/duration.ts';
import { findingCode } from '../finding-code.ts';
import type { Path, Problems } from '../problem.ts';
import type { CorsPolicy } from '../schema/cors-policy.ts';
import type { HttpFaultAbort, HttpFaultInjection } from '../schema/http-fault.ts';
import type { HttpRetry } from '../schema/http-retry.ts';
import type {
  HttpDirectResponse,
  HttpMirrorPolicy,
  HttpRedirect,
  HttpRewrite,
  HttpRoute,
} from '../schema/virtual-service.ts';
import { checkPort } from './addresses.ts';
import { checkDestination } from './destination.ts';
import { checkAuthorityText, checkTargetText } from './head-text.ts';
import { checkCorsHeader } from './headers.ts';
import { checkDuration, checkPattern, checkPercent, checkStringMatch, isWhole } from './values.ts';

export function checkRedirect(redirect: HttpRedirect, route: HttpRoute, place: Place): void {
  const { path, problems } = place;
  const { uri = '', authority = '', scheme = '', port, derivePort, prefixRewrite = '' } = redirect;
  const isEmpty = [uri, authority, scheme, prefixRewrite].every((text) => text === '');
  checkTargetText(uri, [...path, 'uri'], problems);
  checkAuthorityText(authority, [...path, 'authority'], problems);
  checkTargetText(prefixRewrite, [...path, 'prefixRewrite'], problems);
  if (isEmpty && port === undefined && derivePort === undefined) {
    problems.invalid(path, 'the redirect changes nothing', 'set uri, authority, scheme or port');
  }
  if (uri !== '' && prefixRewrite !== '') {
    problems.invalid([...path, 'prefixRewrite'], 'only one of uri and prefixRewrite may be set');
  }
  if (prefixRewrite !== '') checkPrefixMatches(route, place);
  const code = redirect.redirectCode ?? 0;
  if (code !== 0 && (code < 300 || code > 399)) {
    problems.invalid([...path, 'redirectCode'], `${code} is not a redirect, it must be 3xx`);
  }
  if (scheme !== '' && scheme !== 'http' && scheme !== 'https') {
    problems.invalid([...path, 'scheme'], `the scheme must be http or https, not "${scheme}"`);
  }
  if (port !== undefined && port > 0) checkPort(port, [...path, 'port'], problems);
}

export interface Place {
  readonly path: Path;
  readonly problems: Problems;
}

/** Envoy has a prefix to replace only where the route matched one. */
function checkPrefixMatches(route: HttpRoute, { path, problems }: Place): void {
  const matches = route.match ?? [];
  if (matches.every((match) => match.uri?.prefix !== undefined)) return;
  const message = 'prefixRewrite needs a uri prefix in every match of the rule';
  problems.invalid([...path, 'prefixRewrite'], message);
}

const maxBodyBytes = 1024 * 1024;

export function checkDirectResponse(
  response: HttpDirectResponse,
  path: Path,
  problems: Problems,
): void {
  checkStatus(response.status, [...path, 'status'], problems);
  const { string: text = '', bytes = '' } = response.body ?? {};
  const size = text === '' ? Buffer.byteLength(bytes, 'base64') : Buffer.byteLength(text);
  if (size > maxBodyBytes) problems.invalid([...path, 'body'], 'the body is larger than 1 MiB');
}

/** Istio's own check lets 600 pass. */
function checkStatus(status: number, path: Path, problems: Problems): void {
  if (status >= 200 && status <= 600) return;
  problems.invalid(path, `the status must be 200 to 599, not ${status}`);
}

export function checkRewrite(rewrite: HttpRewrite, path: Path, problems: Problems): void {
  const { uri = '', authority = '', uriRegexRewrite } = rewrite;
  checkTargetText(uri, [...path, 'uri'], problems);
  checkAuthorityText(authority, [...path, 'authority'], problems);
  checkTargetText(uriRegexRewrite?.rewrite, [...path, 'uriRegexRewrite', 'rewrite'], problems);
  if (uri !== '' && uriRegexRewrite !== undefined) {
    problems.invalid(path, 'only one of uri and uriRegexRewrite may be set');
  }
  if (uri === '' && authority === '' && uriRegexRewrite === undefined) {
    problems.invalid(path, 'the rewrite changes nothing', 'set uri, uriRegexRewrite or authority');
  }
  if (uriRegexRewrite === undefined) return;
  const { match = '', rewrite: replacement = '' } = uriRegexRewrite;
  const place = [...path, 'uriRegexRewrite'];
  if (match === '' || replacement === '') {
    problems.invalid(place, 'uriRegexRewrite needs both match and rewrite');
    return;
  }
  const isPattern = checkPattern(match, [...place, 'match'], problems);
  const mistake = isPattern ? substitutionMistake(match, replacement) : null;
  if (mistake !== null) problems.invalid([...place, 'rewrite'], mistake, 'a backslash is \\\\');
}

/** Envoy refuses what its RE2 would (CheckRewriteString), and with it the whole configuration. */
function substitutionMistake(pattern: string, replacement: string): string | null {
  const groups = RE2JS.compile(pattern).groupCount();
  for (const [written, digit] of replacement.matchAll(/\\(\d|.|$)/gs)) {
    if (digit === '\\') continue;
    if (digit === undefined || !/^\d$/.test(digit))
      return `"${written}" is no group of the pattern`;
    if (Number(digit) > groups) return `the pattern has no group ${digit}`;
  }
  return null;
}

const retryConditions = new Set([
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
]);

/** Valid words that change nothing, and why. */
const idleRetryConditions: ReadonlyMap<string, string> = new Map([
  ['retriable-headers', 'no field of Istio names the headers'],
  ['http3-post-connect-failure', 'endpoints are not spoken to in HTTP/3'],
]);

export function checkRetries(retries: HttpRetry, path: Path, problems: Problems): void {
  const { attempts = 0, retryOn = '', perTryTimeout, backoff, retryRemoteLocalities } = retries;
  if (attempts < 0) problems.invalid([...path, 'attempts'], 'attempts must not be negative');
  const isConfigured =
    perTryTimeout !== undefined || retryOn !== '' || retryRemoteLocalities !== undefined;
  if (attempts === 0 && isConfigured) {
    const hint = 'set attempts, or remove the other fields';
    problems.invalid(
      path,
      'attempts is 0, which switches retries off, but retries are configured',
      hint,
    );
  }
  checkDuration(perTryTimeout, [...path, 'perTryTimeout'], problems);
  checkDuration(backoff, [...path, 'backoff'], problems);
  if (retryOn !== '') checkRetryOn(retryOn, [...path, 'retryOn'], problems);
}

function checkRetryOn(retryOn: string, path: Path, problems: Problems): void {
  for (const word of retryOn.split(',')) {
    const idle = idleRetryConditions.get(word);
    if (idle !== undefined) {
      const message = `"${word}" has no effect: ${idle}`;
      problems.add({ code: findingCode.noEffect, path, at: 'value', message, hint: null });
    }
    if (retryConditions.has(word) || STATUS_CODES[word] !== undefined) continue;
    const trimmed = word.trim();
    const isKnown = retryConditions.has(trimmed) || STATUS_CODES[trimmed] !== undefined;
    const hint = isKnown
      ? 'remove the blanks around it'
      : `one of ${[...retryConditions].join(', ')}, or a status code`;
    problems.invalid(path, `"${word}" is not a retry condition`, hint);
  }
}

export function checkFault(fault: HttpFaultInjection, path: Path, problems: Problems): void {
  const { abort, delay } = fault;
  if (abort === undefined && delay === undefined) {
    problems.invalid(path, 'a fault needs a delay or an abort');
  }
  if (delay !== undefined) {
    const place = [...path, 'delay'];
    checkFraction(delay.percentage?.value, [...place, 'percentage', 'value'], problems);
    checkPercent(delay.percent, [...place, 'percent'], problems);
    checkDuration(delay.fixedDelay, [...place, 'fixedDelay'], problems);
    if (delay.exponentialDelay !== undefined) {
      problems.invalid([...place, 'exponentialDelay'], 'exponentialDelay is not supported');
    }
  }
  if (abort !== undefined) checkAbort(abort, [...path, 'abort'], problems);
}

const grpcStatuses = new Set([
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

function checkAbort(abort: HttpFaultAbort, path: Path, problems: Problems): void {
  checkFraction(abort.percentage?.value, [...path, 'percentage', 'value'], problems);
  if (abort.httpStatus !== undefined) {
    checkStatus(abort.httpStatus, [...path, 'httpStatus'], problems);
  } else if (abort.grpcStatus !== undefined) {
    if (grpcStatuses.has(abort.grpcStatus)) return;
    const hint = 'for example NOT_FOUND or UNAVAILABLE';
    problems.invalid([...path, 'grpcStatus'], `"${abort.grpcStatus}" is not a gRPC status`, hint);
  } else if (abort.http2Error !== undefined) {
    problems.invalid([...path, 'http2Error'], 'http2Error is not supported');
  } else problems.doubtful(path, 'the abort has neither httpStatus nor grpcStatus');
}

/** Envoy counts in millionths. */
function checkFraction(value: number | undefined, path: Path, problems: Problems): void {
  if (value === undefined || value === 0 || (value >= 0.0001 && value <= 100)) return;
  problems.invalid(path, `the percentage must be 0, or 0.0001 to 100, not ${value}`);
}

export function checkMirrors(
  mirrors: readonly HttpMirrorPolicy[],
  path: Path,
  problems: Problems,
): void {
  for (const [index, mirror] of mirrors.entries()) {
    const place = [...path, index];
    checkDestination(mirror.destination, [...place, 'destination'], problems);
    checkPercent(mirror.percentage?.value, [...place, 'percentage', 'value'], problems);
  }
}

const methods = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  '*',
]);

export function checkCors(cors: CorsPolicy, path: Path, problems: Problems): void {
  for (const [index, origin] of (cors.allowOrigins ?? []).entries()) {
    const place = [...path, 'allowOrigins', index];
    const text = origin.exact ?? origin.prefix ?? origin.regex ?? '';
    if (text === '') problems.invalid(place, 'an allowed origin must not be empty');
    else checkStringMatch(origin, place, problems);
  }
  for (const [index, method] of (cors.allowMethods ?? []).entries()) {
    if (methods.has(method)) continue;
    const place = [...path, 'allowMethods', index];
    const upper = method.toUpperCase();
    const hint = methods.has(upper) ? `did you mean "${upper}"?` : null;
    problems.invalid(place, `"${method}" is not an HTTP method`, hint);
  }
  for (const field of ['allowHeaders', 'exposeHeaders'] as const) {
    for (const [index, name] of (cors[field] ?? []).entries()) {
      checkCorsHeader(name, [...path, field, index], problems);
    }
  }
  checkDuration(cors.maxAge, [...path, 'maxAge'], problems);
  if (cors.maxAge !== undefined && !isWhole((parseDuration(cors.maxAge) ?? 0) / 1000)) {
    problems.invalid(
      [...path, 'maxAge'],
      `maxAge must be a whole number of seconds: ${cors.maxAge}`,
    );
  }
}
