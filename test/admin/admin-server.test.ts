import t from 'tap';
import { AdminServer } from '../../src/admin/admin-server.ts';
import { onError, startAdmin as start } from './admin-harness.ts';
import { testMesh, testState } from './running-state-fixture.ts';

t.test('/ready is 200 only while requests are served', async (t) => {
  const { state, call } = await start(t);
  t.match(await call('/ready'), { status: 200, body: 'LIVE\n', type: /^text\/plain/ });
  state.lifecycleState = 'DRAINING';
  t.match(await call('/ready'), { status: 503, body: 'DRAINING\n' });
  state.lifecycleState = 'INITIALIZING';
  t.match(await call('/ready'), { status: 503, body: 'INITIALIZING\n' });
});

t.test('/server_info says who runs and since when', async (t) => {
  const { call } = await start(t);
  const { body } = await call('/server_info');
  t.match(JSON.parse(body), {
    version: '0.1.0',
    state: 'LIVE',
    uptime_current_epoch: '90s',
    node: {
      id: 'client-v1.web',
      locality: { region: 'eu', sub_zone: '1' },
      metadata: { LABELS: { app: 'client' } },
    },
  });
});

t.test('/listeners shows the port that is really bound', async (t) => {
  const { call } = await start(t);
  t.equal((await call('/listeners')).body, 'outbound_127.0.0.1_15001::127.0.0.1:40123\n');
  const json = JSON.parse((await call('/listeners?format=json')).body) as unknown;
  t.match(json, {
    listener_statuses: [
      {
        name: 'outbound_127.0.0.1_15001',
        local_address: { socket_address: { address: '127.0.0.1', port_value: 40123 } },
        direction: 'outbound',
        draining: false,
        proxy_protocol: false,
        filter_chains: [{ name: 'http', protocol: 'http', tls: null }],
      },
    ],
  });
});

t.test('/listeners says which accept no connections any more', async (t) => {
  const state = testState();
  const [status] = state.listeners();
  if (status === undefined) throw new Error('one listener');
  const { call } = await start(t, { ...state, listeners: () => [{ ...status, draining: true }] });
  t.match((await call('/listeners')).body, /^outbound_\S+::127\.0\.0\.1:40123::draining\n$/);
  t.match(JSON.parse((await call('/listeners?format=json')).body), {
    listener_statuses: [{ draining: true }],
  });
});

t.test('/clusters shows limits, counts and health', async (t) => {
  const { state, call } = await start(t);
  const [first, second] = state.cluster.endpoints;
  if (first === undefined || second === undefined) throw new Error('two endpoints expected');
  first.requestsTotal = 7;
  first.activeRequests = 2;
  second.ejected = true;
  second.unhealthy = true;
  const name = state.cluster.name;
  const { body } = await call('/clusters');
  for (const line of [
    `${name}::observability_name::${name};`,
    `${name}::default_priority::max_connections::4294967295`,
    `${name}::127.0.0.1:9080::rq_total::7`,
    `${name}::127.0.0.1:9080::rq_active::2`,
    `${name}::127.0.0.1:9080::health_flags::healthy`,
    `${name}::127.0.0.1:9080::zone::a`,
    `${name}::127.0.0.1:9081::health_flags::/failed_active_hc/failed_outlier_check`,
  ]) {
    t.ok(body.split('\n').includes(line), line);
  }
  const json = JSON.parse((await call('/clusters?format=json')).body) as {
    cluster_statuses: { name: string; host_statuses: unknown[] }[];
  };
  t.match(json.cluster_statuses[0], {
    name,
    host_statuses: [
      { address: { socket_address: { port_value: 9080 } }, weight: 1 },
      { health_status: { failed_outlier_check: true, failed_active_health_check: true } },
    ],
  });
  t.ok(JSON.stringify(json).includes('{"name":"rq_total","value":"7"}'));
});

t.test('/clusters says why an active health check failed', async (t) => {
  const { state, call } = await start(t);
  const [first] = state.cluster.endpoints;
  if (first === undefined) throw new Error('two endpoints expected');
  Object.assign(first, { unhealthy: true, excluded: true, checkTimedOut: true });
  const flags = '/failed_active_hc/excluded_via_immediate_hc_fail/active_hc_timeout';
  t.match((await call('/clusters')).body, `:9080::health_flags::${flags}\n`);
  t.match((await call('/clusters?format=json')).body, '"active_hc_timeout": true');
});

t.test('/config_dump is the model, with version and time', async (t) => {
  const { call } = await start(t);
  const dump = JSON.parse((await call('/config_dump')).body) as unknown;
  t.same(dump, { version: 3, published: '2026-11-21T00:00:00.000Z', mesh: testMesh() });
});

t.test('/config_dump can be narrowed', async (t) => {
  const { call } = await start(t);
  const read = async (query: string) =>
    JSON.parse((await call(`/config_dump?${query}`)).body) as Record<string, unknown[]>;
  const clusters = await read('resource=clusters');
  t.same(Object.keys(clusters), ['version', 'published', 'clusters']);
  t.equal((await read('resource=clusters&name_regex=reviews'))['clusters']?.length, 1);
  t.equal((await read('resource=clusters&name_regex=%5Ereviews'))['clusters']?.length, 0);
  t.match(await read('name_regex=nothing'), { mesh: { listeners: [], clusters: [] } });
  t.match(await call('/config_dump?resource=secrets'), { status: 404 });
  t.match(await call('/config_dump?name_regex=('), { status: 400, body: /^Invalid re2 regex/ });
});

t.test('/api/v1/config has version and findings', async (t) => {
  const { call } = await start(t);
  t.match(JSON.parse((await call('/api/v1/config')).body), {
    version: 3,
    lastLoadOk: false,
    rejected: ['VirtualService default/reviews'],
    findings: [{ code: 'SLC0001', file: 'reviews.yaml', line: 12 }],
  });
});

t.test('/stats in text and JSON, filtered, used only', async (t) => {
  const { state, call, post } = await start(t);
  const requests = state.metrics.counter({ name: 'requests', help: '', labelNames: ['code'] });
  requests.slot(['200']).value = 4;
  const options = { name: 'size', help: '', labelNames: [], bounds: [1, 10] };
  state.metrics.histogram(options).slot([]).observe(3);
  state.metrics.addCollector(() => [
    { kind: 'counter', name: 'b.total', value: 5 },
    { kind: 'counter', name: 'a.total', value: 0 },
  ]);
  const all = 'a.total: 0\nb.total: 5\nrequests{code="200"}: 4\nsize_count: 1\nsize_sum: 3\n';
  t.equal((await call('/stats')).body, all);
  t.equal((await call('/stats?usedonly&filter=total')).body, 'b.total: 5\n');
  t.same(JSON.parse((await call('/stats?format=json&filter=%5Ea')).body), {
    stats: [{ name: 'a.total', value: 0 }],
  });
  t.match(await call('/stats?filter=['), { status: 400 });
  t.match(await call('/stats?format=xml'), { status: 400 });
  const prometheus = await call('/stats/prometheus');
  t.equal(prometheus.type, 'text/plain; version=0.0.4; charset=utf-8');
  t.match(prometheus.body, /^requests\{code="200"\} 4$/m);
  t.equal((await call('/stats?format=prometheus')).body, prometheus.body);
  t.match(await post('/reset_counters'), { status: 200, body: 'OK\n' });
  t.equal((await call('/stats?usedonly')).body, '');
});

t.test('a filter that backtracks elsewhere is linear here', async (t) => {
  const { state, call } = await start(t);
  state.metrics.addCollector(() => [{ kind: 'counter', name: `${'a'.repeat(5000)}!`, value: 1 }]);
  t.match(await call('/stats?filter=(a%2B)%2B%24'), { status: 200, body: '' });
  t.match(await call('/stats?filter=(a)%5C1'), { status: 400 }, 'no reference to a group');
});

t.test('mutations happen by POST, and by nothing else', async (t) => {
  const { state, call, post } = await start(t);
  for (const path of [
    '/drain_listeners',
    '/quitquitquit',
    '/reset_counters',
    '/logging?level=off',
  ]) {
    t.match(await call(path), { status: 400, body: 'Method GET not allowed, POST required.\n' });
  }
  t.same(state.calls, []);
  t.match(await post('/drain_listeners'), { status: 200, body: 'OK\n' });
  t.match(await post('/drain_listeners?graceful&inboundonly&skip_exit'), { status: 200 });
  t.match(await post('/quitquitquit'), { status: 200, body: 'OK\n' });
  await new Promise((resolve) => setImmediate(resolve));
  t.same(state.calls, [
    'drain {"inboundOnly":false,"graceful":false,"skipExit":false}',
    'drain {"inboundOnly":true,"graceful":true,"skipExit":true}',
    'quit',
  ]);
  t.match(await post('/ready'), { status: 405 });
  t.match(await call('/ready', { method: 'HEAD' }), { status: 200, body: '' });
});

t.test('/logging shows and sets levels', async (t) => {
  const { state, post } = await start(t);
  state.logs.logger('config');
  state.logs.logger('admin');
  t.equal((await post('/logging')).body, 'active loggers:\n  admin: info\n  config: info\n');
  t.equal(
    (await post('/logging?config=debug')).body,
    'active loggers:\n  admin: info\n  config: debug\n',
  );
  t.equal(
    (await post('/logging?level=error')).body,
    'active loggers:\n  admin: error\n  config: error\n',
  );
  t.equal(
    (await post('/logging?paths=admin:off,config:trace')).body,
    'active loggers:\n  admin: off\n  config: trace\n',
  );
  for (const [query, mistake] of [
    ['level=loud', 'unknown logger level'],
    ['nobody=info', 'unknown logger name'],
    ['paths=admin:info,nobody:info', 'unknown logger name'],
    ['paths=admin', 'unknown logger level'],
    ['level=info&config=debug', 'invalid number of parameters'],
  ] as const) {
    const body = new RegExp(`^error: ${mistake}\\n\\nusage: .*\\n {2}admin: off\\n`, 's');
    t.match(await post(`/logging?${query}`), { status: 400, body }, query);
  }
});

t.test('/help, the index and unknown paths list every path', async (t) => {
  const { call } = await start(t);
  const help = (await call('/help')).body;
  t.match(help, /^admin commands are:$/m);
  t.match(help, /^ {2}\/clusters: .*\n {6}filter: /m);
  t.match(help, /^ {2}\/quitquitquit \(POST\): /m);
  const index = await call('/');
  t.match(index, { type: /^text\/html/, body: /"\/stats\/prometheus"/ });
  t.match(index.body, /<form method="post" action="\/quitquitquit"><button>/);
  t.match(index.body, /<form method="get" action="\/clusters">.*<input name="filter">/);
  t.match(index.body, /<input type="checkbox" name="graceful">/);
  t.match(index.body, /<select name="level"><option><\/option><option>trace/);
  t.match(await call('/nothing'), { status: 404, body: /invalid path\. admin commands are:/ });
});

t.test('a page that fails answers 500 and the server goes on', async (t) => {
  const state = testState();
  const errors: string[] = [];
  const broken = { ...state, clusters: () => JSON.parse('{') as [] };
  const server = new AdminServer(broken, {
    onError: (_error, path) => void errors.push(path ?? ''),
  });
  const bound = await server.listen('127.0.0.1', 0);
  if (!bound.ok) throw bound.error;
  t.teardown(() => server.close());
  const response = await fetch(`http://127.0.0.1:${bound.value.port}/clusters`);
  t.equal(response.status, 500);
  t.equal(await response.text(), 'internal error\n');
  t.same(errors, ['/clusters']);
  t.equal((await fetch(`http://127.0.0.1:${bound.value.port}/listeners`)).status, 200);
});

t.test('a body that cannot be made ends its connection and nothing else', async (t) => {
  const errors: string[] = [];
  const open = (): never => {
    throw new Error('no snapshot');
  };
  const page = {
    ...{ path: '/long', mutation: false, help: 'a long body', parameters: [] },
    handle: () => ({ status: 200, contentType: 'text/plain', body: { open } }),
  };
  const server = new AdminServer(testState(), {
    endpoints: [page],
    onError: (error, path) => void errors.push(`${path}: ${error.message}`),
  });
  const bound = await server.listen('127.0.0.1', 0);
  if (!bound.ok) throw bound.error;
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${bound.value.port}`;
  await t.rejects(fetch(`${url}/long`).then((response) => response.text()));
  t.same(errors, ['/long: no snapshot']);
  t.equal((await fetch(`${url}/nothing`)).status, 404);
});

t.test('a query goes on behind a second question mark', async (t) => {
  const { call } = await start(t);
  const { body } = await call('/stats?filter=^envoy_a?no_such$');
  t.equal(body, '');
  t.match(await call('/stats?filter=a?('), { status: 400, body: /Invalid re2 regex/ });
});

t.test('an address in use is an error as a value', async (t) => {
  const { port } = await start(t);
  const second = new AdminServer(testState(), { onError });
  const bound = await second.listen('127.0.0.1', port);
  t.notOk(bound.ok);
  if (!bound.ok) t.equal(bound.error.code, 'EADDRINUSE');
});
