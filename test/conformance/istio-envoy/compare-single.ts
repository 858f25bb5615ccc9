/** Comparing the outcome of one request, field by field, each at its level. */

import { headerValues } from '../../support/http-reader.ts';
import type { ChoiceRules } from './choice.ts';
import { compareAccessLog, compareLoggedCluster } from './compare-access-log.ts';
import { compareConnection } from './compare-connection.ts';
import { alwaysInResponses, alwaysUpstream, compareHeaders } from './compare-headers.ts';
import { type Comparison, levels } from './mismatch.ts';
import type {
  Outcome,
  RecordedLog,
  RecordedUpstream,
  RequestSpec,
  SeenConnection,
} from './scenario.ts';

export interface Comparing {
  readonly comparison: Comparison;
  readonly request: RequestSpec;
  /** With the ports of this run filled in. */
  readonly expected: Outcome;
  readonly actual: Outcome;
  readonly choice: ChoiceRules;
  readonly namedHeaders: ReadonlySet<string>;
  /** Lines on the proxy's standard output, where the scenario is about them. */
  readonly logged: readonly string[];
}

/** Time between two buckets that is no difference, milliseconds. */
const elapsedTolerance = 100;

export function compareSingle(comparing: Comparing): void {
  const { comparison, expected, actual } = comparing;
  if (expected.passthrough === true || expected.original_destination === true) {
    if (expected.access_log !== undefined) {
      const cluster = expected.log?.cluster ?? '';
      compareLoggedCluster(comparison, { expected: cluster, actual: comparing.logged });
      return;
    }
    comparison.check(
      1,
      'log.cluster',
      pairOf(comparing, (outcome) => outcome.log?.cluster),
    );
    comparison.check(
      3,
      'log.route',
      pairOf(comparing, (outcome) => named(outcome.log?.route)),
    );
    return;
  }
  if ((expected.client_error === undefined) !== (actual.client_error === undefined)) {
    const pair = pairOf(comparing, (outcome) => outcome.client_error ?? outcome.status);
    // Without a response there is nothing to compare at the other levels either.
    for (const level of levels) comparison.fail(level, 'client_error', pair);
    return;
  }
  compareConnection(comparing);
  if (expected.received !== undefined) {
    compareLog(comparing);
    return;
  }
  comparison.check(
    1,
    'status',
    pairOf(comparing, (outcome) => outcome.status),
  );
  compareBackend(comparing);
  comparison.check(
    1,
    'upstream_attempts',
    pairOf(comparing, (outcome) => outcome.upstream_attempts),
  );
  if (expected.status !== undefined) compareResponse(comparing);
  // What a request without a response had reached is recorded for some of them only.
  if (expected.status !== undefined || expected.upstream !== undefined) compareUpstream(comparing);
  compareOthers(comparing);
  compareAttempts(comparing);
  compareElapsed(comparing);
  compareLog(comparing);
}

/** A name that is not set is recorded as nothing, as null or as a dash. */
function named(value: string | null | undefined): string {
  return value === '-' ? '' : (value ?? '');
}

function pairOf<T>(
  { expected, actual }: Comparing,
  pick: (outcome: Outcome) => T,
): { expected: T; actual: T } {
  return { expected: pick(expected), actual: pick(actual) };
}

function compareBackend({ comparison, request, expected, actual, choice }: Comparing): void {
  const pair = { expected: expected.backend ?? null, actual: actual.backend ?? null };
  const on = { outcome: expected, request, field: 'backend' };
  if (!choice.accepts(pair.expected, pair.actual, on)) comparison.fail(1, 'backend', pair);
}

function compareResponse(comparing: Comparing): void {
  const { comparison, request, expected, actual, namedHeaders } = comparing;
  const local = (expected.backend ?? null) === null;
  compareHeaders(
    comparison,
    { expected: expected.response_headers ?? [], actual: actual.response_headers ?? [] },
    {
      field: 'response_headers',
      named: namedHeaders,
      always: alwaysInResponses,
      framing: local,
      unstable: request.unstable ?? [],
    },
  );
  comparison.check(
    2,
    'interim',
    pairOf(comparing, (outcome) => outcome.interim ?? []),
  );
  comparison.check(
    2,
    'truncated',
    pairOf(comparing, (outcome) => outcome.truncated ?? false),
  );
  compareHeaders(
    comparison,
    { expected: expected.response_trailers ?? [], actual: actual.response_trailers ?? [] },
    {
      field: 'response_trailers',
      named: namedHeaders,
      always: alwaysInResponses,
      framing: false,
      unstable: request.unstable ?? [],
    },
  );
  comparison.check(
    2,
    'http_version',
    pairOf(comparing, (outcome) => outcome.http_version ?? '1.1'),
  );
  if (expected.response_body === undefined) return;
  const byRule = expected.log?.details === 'direct_response';
  const level = local && !byRule ? 3 : 1;
  comparison.check(
    level,
    'response_body',
    pairOf(comparing, (outcome) => outcome.response_body),
  );
}

function compareUpstream(comparing: Comparing): void {
  const pair = pairOf(comparing, ({ upstream }) =>
    upstream === undefined || isList(upstream) ? null : upstream,
  );
  if (pair.expected === null || pair.actual === null) {
    comparing.comparison.check(1, 'upstream', {
      expected: pair.expected !== null,
      actual: pair.actual !== null,
    });
    return;
  }
  const { expected, actual } = pair;
  compareUpstreamRequest(comparing, { expected, actual }, 'upstream');
}

function isList(
  upstream: RecordedUpstream | readonly SeenConnection[],
): upstream is readonly SeenConnection[] {
  return Array.isArray(upstream);
}

function compareUpstreamRequest(
  comparing: Comparing,
  pair: { readonly expected: RecordedUpstream; readonly actual: RecordedUpstream },
  field: string,
): void {
  const { comparison, request, namedHeaders } = comparing;
  const of = <T>(pick: (upstream: RecordedUpstream) => T) => ({
    expected: pick(pair.expected),
    actual: pick(pair.actual),
  });
  comparison.check(
    1,
    `${field}.method`,
    of((upstream) => upstream.method),
  );
  comparison.check(
    1,
    `${field}.path`,
    of((upstream) => upstream.path),
  );
  comparison.check(
    1,
    `${field}.body_length`,
    of((upstream) => upstream.body_length ?? 0),
  );
  if (pair.expected.body !== undefined) {
    comparison.check(1, `${field}.body`, {
      expected: pair.expected.body,
      actual: bodyLike(pair.expected, pair.actual),
    });
  }
  if (pair.expected.http_version !== undefined) {
    comparison.check(
      1,
      `${field}.http_version`,
      of((upstream) => upstream.http_version),
    );
  }
  compareUpstreamEnd(comparing, of, field);
  comparison.check(
    2,
    `${field}.kind`,
    of((upstream) => upstream.kind ?? 'request'),
  );
  compareHeaders(
    comparison,
    { expected: pair.expected.headers, actual: pair.actual.headers },
    {
      field: `${field}.headers`,
      named: namedHeaders,
      always: alwaysUpstream,
      framing: false,
      unstable: request.unstable ?? [],
    },
  );
}

type OfUpstream = <T>(pick: (upstream: RecordedUpstream) => T) => { expected: T; actual: T };

/** Bodies of gRPC are recorded in hex, but not in every area. */
function bodyLike(expected: RecordedUpstream, actual: RecordedUpstream): string | undefined {
  const { body, body_length: length } = actual;
  const isHex = body !== undefined && length !== undefined && body.length === 2 * length;
  const isPlain = expected.body?.length === expected.body_length;
  return isHex && isPlain ? Buffer.from(body, 'hex').toString('latin1') : body;
}

/** How it ended, and what its connection was: compared where it was recorded. */
function compareUpstreamEnd(
  { comparison, request }: Comparing,
  of: OfUpstream,
  field: string,
): void {
  const fields = ['tls', 'trailers', 'rst_code', 'aborted', 'upgrade_bytes'] as const;
  for (const name of fields) {
    const pair = of((upstream) => upstream[name]);
    const unstable = request.unstable?.includes(`${field}.${name}`) === true;
    if (pair.expected === undefined || unstable) continue;
    comparison.check(2, `${field}.${name}`, pair);
  }
}

function compareOthers(comparing: Comparing): void {
  const { comparison, expected, actual } = comparing;
  if (expected.other_upstream_requests === undefined) return;
  const others = actual.other_upstream_requests ?? [];
  const list = (requests: readonly RecordedUpstream[]) =>
    requests.map((request) => [
      request.backend,
      request.method,
      request.path,
      ...headerValues(request.headers, 'host'),
    ]);
  const pair = { expected: list(expected.other_upstream_requests), actual: list(others) };
  comparison.check(1, 'other_upstream_requests', pair);
  expected.other_upstream_requests.forEach((request, index) => {
    const other = others[index];
    if (other === undefined) return;
    const field = `other_upstream_requests[${index}]`;
    compareUpstreamRequest(comparing, { expected: request, actual: other }, field);
  });
}

function compareAttempts(comparing: Comparing): void {
  const { comparison, request, expected, actual, choice } = comparing;
  const unstable = request.unstable ?? [];
  if (expected.attempt_backends !== undefined) {
    const wanted = expected.attempt_backends;
    const got = actual.attempt_backends ?? [];
    const pair = { expected: [...wanted].sort(), actual: [...got].sort() };
    const random = unstable.includes('attempt_backends') || choice.hashOfRandomPorts;
    if (!random) comparison.check(2, 'attempt_backends', pair);
  }
  if (expected.upstream_connections !== undefined) {
    const pair = pairOf(comparing, (outcome) => outcome.upstream_connections);
    comparison.check(2, 'upstream_connections', pair);
  }
  if (unstable.includes('attempt_offsets_ms_bucket')) return;
  (expected.attempt_offsets_ms_bucket ?? []).forEach((offset, index) => {
    const got = actual.attempt_offsets_ms_bucket?.[index] ?? Number.NaN;
    if (Math.abs(got - offset) <= elapsedTolerance) return;
    comparison.fail(2, `attempt_offsets_ms_bucket[${index}]`, { expected: offset, actual: got });
  });
}

function compareElapsed(comparing: Comparing): void {
  const { comparison, request } = comparing;
  if (request.unstable?.includes('elapsed_ms_bucket') === true) return;
  const pair = pairOf(comparing, (outcome) => outcome.elapsed_ms_bucket ?? 0);
  if (Math.abs(pair.expected - pair.actual) <= elapsedTolerance) return;
  comparison.fail(2, 'elapsed_ms_bucket', pair);
}

function compareLog(comparing: Comparing): void {
  const { comparison, expected, actual } = comparing;
  if (expected.access_log !== undefined) {
    // The same process logs by its own configuration, so that there is no log of the runner's.
    const lines = { expected: expected.access_log, actual: comparing.logged };
    compareAccessLog(comparison, lines);
    return;
  }
  if (!expected.log) return;
  const log: RecordedLog = actual.log ?? {};
  const pair = (pick: (log: RecordedLog) => string | null | undefined) => ({
    expected: named(pick(expected.log ?? {})),
    actual: actual.log ? named(pick(log)) : 'no log line',
  });
  comparison.check(
    2,
    'log.flags',
    pair(({ flags }) => flags),
  );
  comparison.check(
    3,
    'log.details',
    pair(({ details }) => details),
  );
  comparison.check(
    3,
    'log.route',
    pair(({ route }) => route),
  );
  comparison.check(
    3,
    'log.cluster',
    pair(({ cluster }) => cluster),
  );
  comparison.check(3, 'log.attempts', { expected: expected.log.attempts, actual: log.attempts });
}
