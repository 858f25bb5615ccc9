/** The runner's own rules: what counts as a difference and what does not. */

import t from 'tap';
import { ChoiceRules } from './choice.ts';
import { compareAccessLog } from './compare-access-log.ts';
import { compareSingle } from './compare-single.ts';
import { Comparison, type Mismatch, sameValue } from './mismatch.ts';
import { expandRepeats, fillPlaceholders } from './placeholders.ts';
import type { Outcome, Scenario } from './scenario.ts';
import { countsPlausible, sameUpToRotation, sameUpToStart } from './statistics.ts';

const scenario: Scenario = {
  name: 's',
  area: 'a',
  description: '',
  role: 'sidecar',
  listeners: [80],
  backends: [{ name: 'a-0' }, { name: 'a-1' }],
  config: '',
  requests: [],
};

const documents = [
  {
    kind: 'ServiceEntry',
    spec: {
      endpoints: [{ ports: { http: 1 } }, { ports: { http: 2 }, labels: { version: 'v2' } }],
    },
  },
];
const backends = new Map([
  ['a-0', 1],
  ['a-1', 2],
  ['b-0', 3],
]);
const keys = { pairs: {}, tokens: { a: 'x.y.z' }, keySets: {} };
const ports = { backends, listeners: new Map([[80, 4]]), spare: 5, keys };

const outcome: Outcome = {
  status: 200,
  backend: 'a-0',
  response_headers: [
    ['location', '/x'],
    ['server', 'envoy'],
    ['x-envoy-upstream-service-time', '<ms>'],
  ],
  upstream_attempts: 1,
  upstream: { backend: 'a-0', method: 'GET', path: '/', headers: [['host', 'a']] },
  log: { flags: '-', details: 'via_upstream', cluster: 'outbound|80||a.default.svc.cluster.local' },
};

function differences(actual: Outcome, expected: Outcome = outcome): string[] {
  const comparison = new Comparison();
  const choice = new ChoiceRules(scenario, { documents, ports });
  const namedHeaders = new Set<string>();
  const comparing = { comparison, request: {}, expected, actual, choice, namedHeaders };
  compareSingle({ ...comparing, logged: [] });
  return comparison.mismatches.map(({ level, field }: Mismatch) => `${level} ${field}`);
}

const same: Outcome = {
  ...outcome,
  response_headers: [
    ['location', '/x'],
    ['server', 'envoy'],
    ['x-envoy-upstream-service-time', '12'],
  ],
};

t.test('differences have levels', (t) => {
  t.same(differences(same), []);
  t.same(differences({ ...same, status: 404 }), ['1 status']);
  t.same(differences({ ...same, backend: 'a-1' }), [], 'an equal endpoint');
  t.same(differences({ ...same, backend: 'b-0' }), ['1 backend'], 'of another service');
  const log = { ...outcome.log, cluster: 'outbound|80|v1|a.default.svc.cluster.local' };
  t.same(
    differences({ ...same, log, backend: 'a-1' }, { ...outcome, log }),
    ['1 backend'],
    'of another subset',
  );
  t.same(differences({ ...same, backend: null }), ['1 backend']);
  const flagged = { ...same, log: { ...outcome.log, flags: 'UF' } };
  t.same(differences(flagged), ['2 log.flags']);
  t.same(differences({ ...same, elapsed_ms_bucket: 100 }), [], 'within the tolerance');
  t.same(differences({ ...same, elapsed_ms_bucket: 200 }), ['2 elapsed_ms_bucket']);
  const [location, ...others] = same.response_headers ?? [];
  t.same(differences({ ...same, response_headers: [...others, location ?? ['', '']] }), [
    '3 response_headers (order and case)',
  ]);
  t.ok(differences({ ...same, response_headers: others }).includes('1 response_headers.location'));
  t.end();
});

t.test('a body of gRPC is the same in hex and as it is', (t) => {
  const upstream = { backend: 'a-0', method: 'POST', path: '/', headers: [], body_length: 2 };
  const expected = { ...outcome, upstream: { ...upstream, body: 'hi' } };
  const sent = (body: string) => ({ ...same, upstream: { ...upstream, body } });
  t.same(differences(sent('6869'), expected), []);
  t.same(differences(sent('6868'), expected), ['1 upstream.body']);
  t.end();
});

t.test('what happens below messages', (t) => {
  const tls = { version: 'TLSv1.3', alpn: 'h2', server_cert: 'server-a' };
  const expected: Outcome = { ...outcome, tls };
  t.same(differences({ ...same, tls }, expected), []);
  t.same(differences({ ...same, tls: { ...tls, alpn: null } }, expected), ['1 tls.alpn']);
  t.same(differences(same, expected), ['1 tls.server_cert', '1 tls.alpn', '2 tls.version']);

  const closed: Outcome = { client_error: 'closed', upstream_attempts: 0 };
  t.same(differences({ ...closed, client_error: 'ECONNRESET' }, closed), []);
  const alert: Outcome = { ...closed, client_error: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE' };
  const renamed = 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE';
  t.same(differences({ ...closed, client_error: renamed }, alert), []);
  t.same(differences(closed, alert), ['3 client_error']);
  t.same(differences({ ...closed, upstream_attempts: 1 }, closed), ['1 upstream_attempts']);

  const reset: Outcome = { rst_code: 'PROTOCOL_ERROR', upstream_attempts: 0 };
  t.same(differences({ ...reset, rst_code: 'CANCEL' }, reset), ['2 rst_code']);
  t.end();
});

t.test('connections without HTTP', (t) => {
  const upstream = [{ backend: 't-0', kind: 'tcp', received: 'abc' }];
  const expected: Outcome = { received: 't-0:abc', upstream };
  t.same(differences(expected, expected), []);
  t.same(differences({ ...expected, upstream: [] }, expected), ['1 upstream']);
  t.same(differences({ ...expected, received: '' }, expected), ['1 received']);
  t.same(differences({ ...expected, held_open: true }, expected), ['2 held_open']);
  t.end();
});

t.test('trailers and the version of HTTP', (t) => {
  const { upstream } = outcome;
  const spoken = { ...upstream, http_version: '2.0' } as NonNullable<typeof upstream>;
  const expected: Outcome = { ...outcome, response_trailers: [['grpc-status', '0']] };
  t.same(differences({ ...same, response_trailers: [['grpc-status', '0']] }, expected), []);
  t.same(differences(same, expected), [
    '1 response_trailers.grpc-status',
    '3 response_trailers (order and case)',
  ]);
  t.same(differences(same, { ...outcome, upstream: spoken }), ['1 upstream.http_version']);
  t.end();
});

t.test('placeholders', (t) => {
  t.ok(sameValue('<uuid>', '0f8fad5b-d9cb-469f-a165-70867728950e'));
  t.notOk(sameValue('<uuid>', 'x'));
  t.ok(sameValue('127.0.0.2,<local-ip>', '127.0.0.2,10.0.0.1'));
  t.ok(sameValue('s="0123456789abcdef"; HttpOnly', 's="fedcba9876543210"; HttpOnly'));
  t.equal(expandRepeats('a${repeat:b:3}c'), 'abbbc');
  t.equal(
    fillPlaceholders('${port:a-0} ${listen:80} ${jwt:a} ${port:z}', ports),
    '1 4 x.y.z ${port:z}',
  );
  t.end();
});

t.test('random draws', (t) => {
  t.ok(countsPlausible([{ a: 500, b: 500 }], { a: 540, b: 460 }));
  t.notOk(countsPlausible([{ a: 500, b: 500 }], { a: 700, b: 300 }));
  t.notOk(countsPlausible([{ a: 1000 }], { a: 500, b: 500 }), 'a share never seen');
  t.ok(sameUpToRotation(['a', 'b', 'c', 'a'], ['c', 'a', 'b', 'c']));
  t.notOk(sameUpToRotation(['a', 'b', 'c', 'a'], ['a', 'c', 'b', 'a']));
  t.ok(sameUpToStart(['a', '-', 'a', 'a'], ['-', 'a', 'a', 'a'], 2));
  t.notOk(sameUpToStart(['a', 'a', 'a', 'a'], ['-', '-', 'a', 'a'], 2));
  t.end();
});

t.test('lines of an access log: text by its masks, JSON by its members', (t) => {
  const compared = (expected: readonly unknown[], actual: readonly string[]) => {
    const comparison = new Comparison();
    compareAccessLog(comparison, { expected, actual });
    return comparison.mismatches.map(({ level, field }) => `${level} ${field}`);
  };
  const line = '[<time>] "GET" <ms> 127.0.0.1:<ephemeral>';
  const logged = '[2026-01-02T03:04:05.678Z] "GET" 12 127.0.0.1:4711';
  t.same(compared([line], [logged]), []);
  t.same(compared([line], [logged.replace('GET', 'PUT')]), ['2 access_log[0]']);
  t.same(compared([line], []), ['1 access_log lines']);
  t.same(compared([], [logged]), ['1 access_log lines']);
  const json = { code: 200, took: '<n>', port: '80', none: null };
  const same = '{"code":200,"took":3,"port":80,"none":null}';
  t.same(compared([json], [same]), []);
  t.same(compared([json], [same.replace('200', '"200"')]), ['2 access_log[0].code']);
  t.same(compared([json], [same.replace(',"none":null', '')]), ['2 access_log[0].none']);
  t.same(compared([json], ['no JSON']), ['2 access_log[0]']);
  t.end();
});
