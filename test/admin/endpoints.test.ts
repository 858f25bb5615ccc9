/** Pages of Envoy's admin API: shapes as Envoy 1.40 has them. */

import t from 'tap';
import { Diagnostics } from '../../src/admin/diagnostics.ts';
import { heapDump } from '../../src/admin/endpoints/process.ts';
import { redacted } from '../../src/admin/redacted.ts';
import type { CertificateUse } from '../../src/admin/running-state.ts';
import type { Timers } from '../../src/base/timers.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import { eventually } from '../support/deadline.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { pem, simpleTls } from '../support/tls-fixtures.ts';
import { startAdmin } from './admin-harness.ts';
import { testMesh, testState } from './running-state-fixture.ts';

t.test('/certs shows what is presented and trusted, with nothing of a key', async (t) => {
  const both = `${pem('server-a')}${pem('server-a.key')}`;
  const uses: readonly CertificateUse[] = [
    {
      chain: [{ name: '/etc/a.pem', pem: both }],
      authorities: [{ name: 'kubernetes://web/ca', pem: `${pem('authority')}${pem('authority')}` }],
    },
    { chain: [{ name: 'broken', pem: 'x' }], authorities: [] },
  ];
  const { call, json } = await startAdmin(t, { ...testState(), certificates: () => uses });
  const { body } = await call('/certs');
  t.notMatch(body, /PRIVATE|BEGIN/);
  const [first, second] = ((await json('/certs')) as { certificates: unknown[] }).certificates;
  t.match(first, {
    ca_cert: [{ path: 'kubernetes://web/ca' }, { path: 'kubernetes://web/ca' }],
    cert_chain: [
      {
        path: '/etc/a.pem',
        serial_number: /^[0-9a-f]+$/,
        subject_alt_names: [{ dns: 'a.example.com' }],
        days_until_expiration: /^\d+$/,
        valid_from: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
        expiration_time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
      },
    ],
  });
  t.same(second, { ca_cert: [], cert_chain: [] });
});

t.test('/listeners says where there are TLS and the PROXY protocol', async (t) => {
  const state = testState();
  const [status] = state.listeners();
  const chain = status?.listener.filterChains[0];
  if (status === undefined || chain === undefined) throw new Error('one listener with one chain');
  const filterChains = [{ ...chain, tls: simpleTls() }];
  const listener = { ...status.listener, address: '::1', proxyProtocol: true, filterChains };
  const listeners = () => [{ ...status, listener }];
  const { call, json } = await startAdmin(t, { ...state, listeners });
  t.match((await call('/listeners')).body, /^\S+::\[::1\]:40123::tls::proxy_protocol\n$/);
  t.match(await json('/listeners?format=json'), {
    listener_statuses: [
      {
        proxy_protocol: true,
        filter_chains: [{ tls: { certificates: ['server-a'], client_certificate: 'none' } }],
      },
    ],
  });
});

t.test('/clusters has the lines of Envoy, in its order', async (t) => {
  const state = testState();
  const { name, endpoints } = state.cluster;
  const [first] = endpoints;
  if (first === undefined) throw new Error('two endpoints');
  Object.assign(first, { requestsPending: 2, requestsTimeout: 3 });
  const { call, json } = await startAdmin(t, state);
  const lines = (await call('/clusters')).body.split('\n');
  const own = lines.filter((line) => line.includes('127.0.0.1:9080::'));
  t.same(
    own.map((line) => line.slice(name.length + '::127.0.0.1:9080::'.length)),
    [
      'cx_active::0',
      'cx_connect_fail::0',
      'cx_total::0',
      'rq_active::0',
      'rq_error::0',
      'rq_pending_active::2',
      'rq_success::0',
      'rq_timeout::3',
      'rq_total::0',
      'hostname::',
      'health_flags::healthy',
      'weight::1',
      'region::eu',
      'zone::a',
      'sub_zone::1',
      'canary::false',
      'priority::0',
      'success_rate::-1',
      'local_origin_success_rate::-1',
    ],
  );
  const heads = lines.filter((line) => !line.includes('127.0.0.1') && line !== '');
  const limits = ['max_connections', 'max_pending_requests', 'max_requests', 'max_retries'];
  t.same(
    heads.map((line) => line.slice(name.length).replace(/::[^:]*$/, '')),
    [
      '::observability_name',
      ...limits.map((limit) => `::default_priority::${limit}`),
      ...limits.map((limit) => `::high_priority::${limit}`),
      '::added_via_api',
    ],
  );
  t.match(await json('/clusters?format=json&filter=reviews'), { cluster_statuses: [{ name }] });
  t.same(await json('/clusters?format=json&filter=nothing'), { cluster_statuses: [] });
  t.match(await call('/clusters?filter=('), { status: 400, body: /^Invalid re2 regex/ });
});

t.test('/config_dump shows some fields of some resources, and endpoints', async (t) => {
  const { call, json } = await startAdmin(t);
  t.match(await json('/config_dump?resource=clusters&mask=name,endpoints.port'), {
    clusters: [{ endpoints: [{ port: 9080 }, { port: 9081 }] }],
  });
  const masked = (await json('/config_dump?resource=clusters&mask=name')) as Record<
    string,
    unknown
  >;
  t.same(Object.keys((masked['clusters'] as object[])[0] ?? {}), ['name']);
  t.same(await json('/config_dump?mask=proxy.namespace,listeners.name'), {
    version: 3,
    published: '2026-11-21T00:00:00.000Z',
    mesh: {
      proxy: { namespace: 'web' },
      listeners: [{ name: 'outbound_127.0.0.1_15001' }],
    },
  });
  for (const query of ['mask=foo', 'resource=clusters&mask=foo', 'mask=proxy.namespace.x']) {
    t.match(await call(`/config_dump?${query}`), {
      status: 400,
      body: /could not be successfully/,
    });
  }
  const dump = (await json('/config_dump?include_eds')) as { mesh: { endpoints: unknown[] } };
  t.match(dump.mesh.endpoints, [
    { endpoints: [{ address: '127.0.0.1', port: 9080, available: true }, { port: 9081 }] },
  ]);
  t.same((await json('/config_dump?resource=endpoints&name_regex=nothing')) as object, {
    version: 3,
    published: '2026-11-21T00:00:00.000Z',
    endpoints: [],
  });
  t.match(await json('/config_dump?resource=proxy'), { proxy: { namespace: 'web' } });
});

t.test('what only a collector is to see is in no dump', async (t) => {
  const mesh = testMesh();
  const collector = {
    protocol: 'otlp-http',
    url: 'https://me:pass-word@collector.example/v1',
    headers: { authorization: 'Bearer api-key' },
    timeoutMs: 1000,
  } as const;
  const tracing = {
    randomSamplingPercent: 1,
    collector,
    customTags: [],
    istioTags: true,
    maxPathTagLength: 256,
    resource: {},
  };
  const log = { kind: 'otlp', collector, filter: null, logName: 'a', body: null, attributes: {} };
  const both = { ...mesh.telemetry.client, accessLogs: [log], tracing };
  const telemetry = { client: both, server: both } as unknown as Mesh['telemetry'];
  const shown = JSON.stringify(redacted({ ...mesh, telemetry }));
  t.notMatch(shown, /api-key|pass-word/);
  t.equal(shown.split('"authorization":"[redacted]"').length, 5);
  t.equal(shown.split('https://[redacted]@collector.example/v1').length, 5);
  t.same(redacted(mesh), mesh);
});

t.test('/healthcheck/fail makes it drain, /healthcheck/ok takes that back', async (t) => {
  const { call, post, json } = await startAdmin(t);
  t.match(await post('/healthcheck/fail'), { status: 200, body: 'OK\n' });
  for (const path of ['/ready', '/healthz/ready']) {
    t.match(await call(path), { status: 503, body: 'DRAINING\n' });
  }
  t.match(await json('/server_info'), { state: 'DRAINING' });
  t.match(await post('/healthcheck/ok'), { status: 200, body: 'OK\n' });
  for (const path of ['/ready', '/healthz/ready']) {
    t.match(await call(path), { status: 200, body: 'LIVE\n' });
  }
});

t.test('/init_dump names what is waited for', async (t) => {
  const { json } = await startAdmin(t, { ...testState(), warming: () => ['outbound|80||a.b'] });
  const dump = {
    unready_targets_dumps: [
      { name: 'init manager Server', target_names: ['Cluster outbound|80||a.b'] },
    ],
  };
  t.same(await json('/init_dump'), dump);
  t.same(await json('/init_dump?mask=cluster'), dump);
  t.same(await json('/init_dump?mask=listener'), {});
  const { json: idle } = await startAdmin(t);
  t.same(await idle('/init_dump'), {});
});

t.test('what this proxy has not is said as Envoy says it', async (t) => {
  const { call, post, json } = await startAdmin(t);
  t.same(await json('/runtime'), { entries: {}, layers: [] });
  t.match(await post('/runtime_modify?a=b'), { status: 503, body: /^No admin layer specified/ });
  t.match(await call('/hot_restart_version'), { status: 200, body: 'disabled\n' });
  t.match(await json('/server_info'), { hot_restart_version: 'disabled' });
});

t.test('/reopen_logs opens the access logs anew', async (t) => {
  const { state, post } = await startAdmin(t);
  t.match(await post('/reopen_logs'), { status: 200, body: 'OK\n' });
  t.same(state.calls, ['reopen logs']);
});

t.test('/memory has the names of Envoy, and those of V8', async (t) => {
  const { json } = await startAdmin(t);
  const bytes = /^\d+$/;
  t.match(await json('/memory'), {
    allocated: bytes,
    heap_size: bytes,
    pageheap_unmapped: bytes,
    pageheap_free: bytes,
    total_thread_cache: bytes,
    total_physical_bytes: bytes,
    v8: { heap: { used_heap_size: Number }, spaces: [{ space_name: String }] },
  });
});

/** Time that passes at once. */
const noWait: Timers = {
  set(_ms, callback) {
    setImmediate(callback);
    return { cancel: () => undefined };
  },
};

t.test('/contention measures how late the event loop is', async (t) => {
  const { call, json } = await startAdmin(t, {
    ...testState(),
    diagnostics: new Diagnostics(noWait),
  });
  t.match(await json('/contention?seconds=2'), {
    seconds: 2,
    delay_ms: { min: Number, mean: Number, max: Number, p50: Number, p99: Number },
    since_start: { utilization: Number },
  });
  t.match(await json('/contention'), { seconds: 1 });
  for (const seconds of ['0', '61', 'x', '1.5', '-1']) {
    t.match(await call(`/contention?seconds=${seconds}`), { status: 400 });
  }
});

/** Waits that were asked for are over at once, limits are never reached. */
const noLimits: Timers = {
  set: (ms, callback) => (ms > 60_000 ? { cancel: () => {} } : noWait.set(ms, callback)),
};

t.test('a profile that nobody ends is ended, and kept until it is fetched', async (t) => {
  const timers = new ManualTimers(new ManualClock());
  const { post } = await startAdmin(t, { ...testState(), diagnostics: new Diagnostics(timers) });
  t.match(await post('/cpuprofiler?enable=y'), { status: 200 });
  timers.advance(65_000);
  const fetched = async () => (await post('/cpuprofiler?enable=n')).status === 200;
  await eventually('the profile', { within: 5_000 }, fetched);
  t.match(await post('/cpuprofiler?enable=n'), { status: 409 });
});

t.test('profiles of V8 are begun and ended, or made for a while', async (t) => {
  const { post } = await startAdmin(t, { ...testState(), diagnostics: new Diagnostics(noLimits) });
  for (const [path, field] of [
    ['/cpuprofiler', 'nodes'],
    ['/heapprofiler', 'head'],
  ] as const) {
    t.match(await post(path), { status: 400, body: /enable=<y\|n>/ });
    t.match(await post(`${path}?enable=n`), { status: 409, body: /none|no profile/ });
    t.match(await post(`${path}?enable=y`), { status: 200, body: 'OK\n' });
    t.match(await post(`${path}?enable=y`), { status: 409 });
    t.match(await post(`${path}?seconds=1`), { status: 409 });
    const made = await post(`${path}?enable=n`);
    t.match(made, { status: 200, type: 'application/json' });
    t.ok(field in (JSON.parse(made.body) as object), path);
    t.ok(field in (JSON.parse((await post(`${path}?seconds=1`)).body) as object));
    t.match(await post(`${path}?seconds=0`), { status: 400 });
  }
});

t.test('/heap_dump is a snapshot of the heap', async (t) => {
  const { port } = await startAdmin(t);
  const response = await fetch(`http://127.0.0.1:${port}/heap_dump`);
  t.equal(response.status, 200);
  t.match(response.headers.get('content-disposition'), /filename="sluice\.heapsnapshot"/);
  const text = await response.text();
  t.ok(text.startsWith('{"snapshot":'));
  t.ok(text.trimEnd().endsWith('}'));
});

t.test('/heap_dump is for this machine alone', async (t) => {
  const request = { query: new URLSearchParams(), variables: {}, headers: {}, body: '' };
  t.match(await heapDump.handle({ ...request, isLocal: false }, testState()), { status: 403 });
});
