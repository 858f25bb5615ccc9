/**
 * Holds an answer against what a case expects, by the rules of the conformance suite: what is not
 * named is not looked at, and a request is expected to arrive as it was sent.
 */

import type { Echo } from './echo-answer.ts';
import type { HttpRequest, PlacedCase, RedirectRequest } from './expectations.ts';
import type { Answer, Outgoing } from './send.ts';

/** Null, or the first thing that differs. */
export function compare(expected: PlacedCase, sent: Outgoing, answer: Answer): string | null {
  if (expected.at?.fails === true) return failed(answer);
  if (answer.failure !== null) return `no answer: ${answer.failure}`;
  const differences =
    sent.protocol === 'grpc' ? compareGrpc(expected, answer) : compareHttp(expected, sent, answer);
  for (const difference of differences) return difference;
  return null;
}

function failed({ failure, status, grpcStatus, echo }: Answer): string | null {
  const isError = status >= 500 || (grpcStatus ?? 0) !== 0;
  if (failure !== null || (isError && echo === null)) return null;
  return `no failure, but ${status} of ${echo?.pod ?? 'the proxy'}`;
}

function* compareHttp(expected: PlacedCase, sent: Outgoing, answer: Answer): Iterable<string> {
  const { Response = {}, RedirectRequest } = expected;
  const fallback = sent.protocol === 'websocket' ? 101 : 200;
  const statuses = Response.StatusCodes ?? [Response.StatusCode ?? fallback];
  // Envoy answers 504; either is a timeout to the suite.
  const isTimeout = (status: number): boolean => status === 408 || status === 504;
  if (statuses.some(isTimeout) && isTimeout(answer.status)) return;
  if (!statuses.includes(answer.status)) {
    yield `status ${answer.status}, not ${statuses.join(' or ')}`;
    return;
  }
  yield* compareHeaders(expected, answer);
  if (answer.status >= 300 && answer.status < 400 && RedirectRequest !== undefined) {
    yield* compareRedirect(RedirectRequest, sent, answer);
  }
  if (answer.status === 200) yield* compareEcho(expected, sent, answer.echo);
}

function* compareHeaders({ Response = {} }: PlacedCase, { headers }: Answer): Iterable<string> {
  const plain = (text: string): string =>
    Response.IgnoreWhitespace === true ? text.replaceAll(' ', '') : text;
  for (const [name, value] of Object.entries(Response.Headers ?? {})) {
    const actual = headers.get(name.toLowerCase());
    if (plain(actual ?? '') !== plain(value)) yield `response header ${name}: ${actual}`;
  }
  for (const [name, values] of Object.entries(Response.ValidHeaderValues ?? {})) {
    const actual = headers.get(name.toLowerCase());
    const isValid = values.some((value) => plain(value) === plain(actual ?? ''));
    if (!isValid) yield `response header ${name}: ${actual}, not one of ${values.join(' | ')}`;
  }
  for (const name of Response.AbsentHeaders ?? []) {
    const actual = headers.get(name.toLowerCase());
    if (actual !== undefined) yield `response header ${name}: ${actual}, not absent`;
  }
}

function* compareEcho(expected: PlacedCase, sent: Outgoing, echo: Echo | null): Iterable<string> {
  if (sent.protocol === 'tcp') {
    yield* compareBackend(expected, echo);
    return;
  }
  const { Request = {}, ExpectedRequest } = expected;
  const arrived = ExpectedRequest?.Request ?? Request;
  // An answer of somebody else counts as one to what was asked for.
  const { method = sent.method, path = '', host = '' } = echo ?? {};
  if (method !== (arrived.Method ?? 'GET')) yield `arrived with method ${method}`;
  if (path !== (arrived.Path ?? (echo === null ? '' : sent.path))) yield `arrived at ${path}`;
  if ((arrived.Host ?? '') !== '' && host !== arrived.Host) yield `arrived with host ${host}`;
  yield* compareArrivedHeaders(arrived, ExpectedRequest?.AbsentHeaders ?? [], echo);
  yield* compareBackend(expected, echo);
}

function* compareArrivedHeaders(
  { Headers }: HttpRequest,
  absent: readonly string[],
  echo: Echo | null,
): Iterable<string> {
  const of = (name: string): string | undefined => echo?.headers[name.toLowerCase()]?.join(',');
  for (const [name, value] of Object.entries(Headers ?? {})) {
    if (name.toLowerCase() === 'host') continue;
    if (of(name) !== value) yield `arrived with ${name}: ${of(name)}, not ${value}`;
  }
  for (const name of absent) {
    if (of(name) !== undefined) yield `arrived with ${name}: ${of(name)}, not absent`;
  }
}

function* compareBackend(expected: PlacedCase, echo: Echo | null): Iterable<string> {
  const { Backend = '', Namespace, at } = expected;
  if (!(echo?.pod ?? '').startsWith(Backend)) yield `went to ${echo?.pod}, not ${Backend}`;
  if (Namespace !== undefined && (echo?.namespace ?? '') !== Namespace) {
    yield `went to namespace ${echo?.namespace}, not ${Namespace}`;
  }
  if (at?.sni !== undefined && echo?.tls?.serverName !== at.sni) {
    yield `the backend was asked for ${echo?.tls?.serverName}, not ${at.sni}`;
  }
}

function* compareRedirect(
  expected: RedirectRequest,
  sent: Outgoing,
  answer: Answer,
): Iterable<string> {
  const text = answer.headers.get('location') ?? '';
  const scheme = sent.tls === null ? 'http' : 'https';
  const location = new URL(text, `${scheme}://${sent.host}`);
  const given = {
    scheme: location.protocol.slice(0, -1),
    host: location.hostname,
    // The default port of the scheme may be written or not.
    port: location.port,
    path: location.pathname,
  };
  const wanted = {
    scheme: expected.Scheme ?? scheme,
    host: expected.Host ?? given.host,
    port: expected.Port ?? '',
    path: expected.Path ?? new URL(sent.path, location).pathname,
  };
  for (const part of ['scheme', 'host', 'port', 'path'] as const) {
    if (given[part] !== wanted[part]) yield `redirected to ${text}: ${part} is not ${wanted[part]}`;
  }
}

function* compareGrpc(expected: PlacedCase, { status, grpcStatus, echo }: Answer) {
  const code = expected.Response?.Code ?? 0;
  if (grpcStatus !== code) {
    yield `gRPC status ${grpcStatus} (HTTP ${status}), not ${code}`;
    return;
  }
  if (code !== 0) return;
  const { Request = {}, AbsentHeaders = [] } = expected.ExpectedRequest ?? {};
  yield* compareArrivedHeaders(Request, AbsentHeaders, echo);
  yield* compareBackend(expected, echo);
}
