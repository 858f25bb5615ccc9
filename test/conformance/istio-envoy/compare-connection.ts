/**
 * Comparing what happened below HTTP messages: the TLS handshake, errors of the client, resets of
 * streams, who closed, and the bytes and connections of clients that speak no HTTP.
 */

import type { Comparing } from './compare-single.ts';
import type { Level } from './mismatch.ts';
import type { Outcome } from './scenario.ts';

/** Compared with a default: a field that is not recorded did not happen. */
const always: readonly (readonly [Level, keyof Outcome])[] = [
  [2, 'rst_code'],
  [2, 'client_aborted'],
  [2, 'held_open'],
  [2, 'closed_by_proxy'],
  [2, 'end_stream_on_headers'],
];

/** Compared where they were recorded. */
const recorded: readonly (readonly [Level, keyof Outcome])[] = [
  [2, 'goaway_code'],
  [2, 'enable_connect_protocol'],
];

export function compareConnection(comparing: Comparing): void {
  const { comparison, expected, actual } = comparing;
  compareTls(comparing);
  comparison.check(3, 'client_error', {
    expected: plainName(expected.client_error),
    actual: plainName(actual.client_error),
  });
  for (const [level, field] of always) {
    comparison.check(level, field, { expected: expected[field], actual: actual[field] });
  }
  for (const [level, field] of recorded) {
    if (expected[field] === undefined) continue;
    comparison.check(level, field, { expected: expected[field], actual: actual[field] });
  }
  compareBytes(comparing);
  compareSeen(comparing);
}

function compareTls({ comparison, request, expected, actual }: Comparing): void {
  // The first set does not record it.
  if (request.tls === true) return;
  if (expected.tls === undefined) {
    const got = actual.tls === undefined ? 'no handshake' : actual.tls.server_cert;
    comparison.check(1, 'tls.server_cert', { expected: 'no handshake', actual: got });
    return;
  }
  for (const [level, field] of [
    [1, 'server_cert'],
    [1, 'alpn'],
    [2, 'version'],
  ] as const) {
    const got = actual.tls === undefined ? 'no handshake' : actual.tls[field];
    comparison.check(level, `tls.${field}`, { expected: expected.tls[field], actual: got });
  }
}

function compareSeen({ comparison, expected, actual }: Comparing): void {
  if (expected.upstream_connections_seen === undefined) return;
  const list = ({ upstream_connections_seen: seen = [] }: Outcome): unknown =>
    seen.map(({ error, ...rest }) => ({ ...rest, error: plainName(error) }));
  const pair = { expected: list(expected), actual: list(actual) };
  comparison.check(3, 'upstream_connections_seen', pair);
}

function compareBytes({ comparison, request, expected, actual }: Comparing): void {
  if (expected.received === undefined) return;
  if (request.unstable?.includes('received') !== true) {
    comparison.check(1, 'received', { expected: expected.received, actual: actual.received });
  }
  comparison.check(1, 'upstream', { expected: expected.upstream, actual: actual.upstream });
}

/**
 * A reset and an end are not told apart in the second set, and alerts are named after another
 * version of the protocol by each version of OpenSSL.
 */
function plainName(error: string | undefined): string | undefined {
  if (error === 'ECONNRESET') return 'closed';
  return error?.replace(/^ERR_SSL_[A-Z0-9/]+_ALERT_/, 'alert ');
}
