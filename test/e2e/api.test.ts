/** /api/v1 of the real command, asked by its client while real traffic passes. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { AdminClient, type LiveEvent } from '../../src/admin/api/client.ts';
import type { RequestRecord } from '../../src/telemetry/traffic/request-record.ts';
import { answered } from '../support/api-answers.ts';
import { eventually } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { exchange, getRequest } from '../support/raw-client.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** Each test starts a proxy, which takes its time on a busy machine. */
t.setTimeout(120_000);

function resources(good: number, bad: number): string {
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: web}
spec:
  hosts: [web.test]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints:
  - {address: 127.0.0.1, ports: {http: ${good}}, labels: {app: web, version: v1}}
  - {address: 127.0.0.1, ports: {http: ${bad}}, labels: {app: web, version: v2}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec:
  host: web.test
  trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web.test]
  http:
  - name: broken
    match: [{headers: {x-want: {exact: broken}}}]
    retries: {attempts: 0}
    route: [{destination: {host: web.test, subset: v2}}]
  - name: everybody
    retries: {attempts: 3, retryOn: connect-failure, perTryTimeout: 1s}
    rewrite: {uri: /inner/}
    route: [{destination: {host: web.test}}]
`;
}

interface Running {
  readonly proxy: SluiceProcess;
  readonly client: AdminClient;
  readonly folder: ReturnType<typeof tempFolder>;
  get(path: string, want?: string): Promise<number>;
}

async function start(t: Test): Promise<Running> {
  const origin = createServer((_request, response) => response.end('web'));
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const { port: good } = origin.address() as AddressInfo;
  const folder = tempFolder({ 'web.yaml': resources(good, await freePort()) });
  const port = await freePort();
  const args = ['-f', folder.path, '--outbound', `127.0.0.1:${port}=80`, '--access-log', 'off'];
  const proxy = await SluiceProcess.start(args);
  t.teardown(async () => {
    await proxy.kill();
    origin.closeAllConnections();
    origin.close();
    folder.remove();
  });
  const client = new AdminClient(`127.0.0.1:${proxy.adminPort}`);
  const get = async (path: string, want = ''): Promise<number> => {
    const request = getRequest(path, 'web.test', want === '' ? [] : [['x-want', want]]);
    const { status } = await exchange(request, { port });
    return status;
  };
  return { proxy, client, folder, get };
}

t.test('what passes can be looked at, explained and followed', async (t) => {
  const { client, get } = await start(t);
  t.equal(await get('/a'), 200);
  t.equal(await get('/b'), 200);
  t.equal(await get('/c', 'broken'), 503);

  const info = answered(t, 'info', await client.info());
  t.match(info, { state: 'LIVE', config: { version: 1, lastLoadOk: true }, resources: 3 });

  const { listeners } = answered(t, 'listeners', await client.listeners());
  t.match(listeners, [{ direction: 'outbound', filterChains: [{ routeTables: ['80'] }] }]);

  const { routeTables } = answered(t, 'routes', await client.routes());
  const hosts = routeTables.flatMap(({ virtualHosts }) => virtualHosts);
  const web = hosts.find(({ domains }) => domains.includes('web.test'));
  t.match(web?.routes, [
    { name: 'broken', match: ['path prefix "/"', 'header x-want exact "broken"'], retries: null },
    {
      name: 'everybody',
      rewrite: 'prefix to "/inner/"',
      retries: { retries: 3, retryOn: ['connect-failure'], perTryTimeoutMs: 1000 },
      origin: { kind: 'VirtualService', name: 'web', line: 32 },
    },
  ]);

  const { clusters } = answered(t, 'clusters', await client.clusters());
  const subset = clusters.find((cluster) => cluster.subset === 'v2');
  t.match(subset, { service: { host: 'web.test' }, endpoints: 1, loadBalancer: 'ROUND_ROBIN' });
  t.equal(subset?.counters['upstream_rq_503'], 1);

  const cluster = 'outbound|80||web.test';
  const { endpoints } = answered(t, 'endpoints', await client.endpoints({ cluster }));
  t.equal(endpoints.length, 2);
  const dead = endpoints.find(({ connectFailures }) => connectFailures > 0);
  t.match(dead, { workload: { version: 'v2' }, cluster });

  const { requests, ended } = answered(t, 'requests', await client.requests());
  t.equal(ended, 3);
  t.match(requests, [
    { path: '/c', status: 503, route: 'broken', flags: ['UF'], attempts: 1, failedAttempts: [] },
    { originalPath: '/b', path: '/inner/b', route: 'everybody', status: 200 },
    { originalPath: '/a', path: '/inner/a', cluster, source: { workload: '' } },
  ]);
  // Taken in turn, at least one of two requests came to the dead endpoint first.
  const [retried] = requests.filter(({ attempts }) => attempts === 2);
  t.same(retried?.failedAttempts, [{ endpoint: dead?.address, outcome: 'connect-refused' }]);
  const failed = await client.requests({ filter: 'status>=500 and route=~"bro.*"' });
  t.equal(answered(t, 'requests', failed).requests.length, 1);

  const graph = answered(t, 'graph', await client.graph({ window: '1m' }));
  const passed = graph.edges.reduce((sum, edge) => sum + edge.requests, 0);
  t.equal(passed, 3);
  t.ok(graph.edges.every(({ service }) => service === 'web.test'));
});

t.test('an explanation says where the request then goes', async (t) => {
  const { client, get } = await start(t);
  const url = 'http://web.test/x/../a?b=1';
  const everybody = answered(t, 'explain', await client.explain({ url }));
  t.match(everybody, {
    outcome: 'forwarded',
    request: { path: '/a?b=1', authority: 'web.test' },
    virtualHost: { name: 'web.test:80' },
    matched: { name: 'everybody' },
    rejected: [
      {
        route: { name: 'broken' },
        mismatches: [{ part: 'header', name: 'x-want', expected: 'exact "broken"', actual: null }],
      },
    ],
    targets: [{ cluster: 'outbound|80||web.test', percent: 100, exists: true }],
    upstreamAuthority: 'web.test',
  });
  await get('/x/../a?b=1');
  const { requests } = answered(t, 'requests', await client.requests());
  t.match(requests, [{ path: everybody.upstreamPath, route: 'everybody' }]);

  const broken = await client.explain({ url, header: ['X-Want: broken'], method: 'POST' });
  t.match(answered(t, 'explain', broken), { matched: { name: 'broken' }, rejected: [] });
  const elsewhere = answered(t, 'explain', await client.explain({ url: 'http://other.test/' }));
  t.match(elsewhere, { matched: { origin: null }, targets: [{ cluster: 'PassthroughCluster' }] });
  const refused = answered(t, 'explain', await client.explain({ url: 'http://web.test/%00' }));
  t.match(refused, { outcome: 'refused', matched: null });
});

t.test('live requests come as they end, and only those that are asked for', async (t) => {
  const { client, get } = await start(t);
  const ended = new AbortController();
  const stream = await client.streamRequests({ filter: 'status>=500' }, ended.signal);
  if (!stream.ok) throw new Error(stream.error);
  const seen: RequestRecord[] = [];
  const reading = (async () => {
    for await (const event of stream.value) {
      if (event.kind === 'request') seen.push(event.request);
    }
  })();
  await get('/a');
  await get('/b', 'broken');
  await get('/c', 'broken');
  await eventually('two events', { within: 5000, every: 10 }, () => seen.length === 2);
  t.same(
    seen.map(({ path }) => path),
    ['/b', '/c'],
  );
  ended.abort();
  await reading;
});

t.test('what is too much for a second is told, and the end of the proxy ends it', async (t) => {
  const { proxy, client, get } = await start(t);
  const stream = await client.streamRequests({ limit: 1 });
  if (!stream.ok) throw new Error(stream.error);
  const events: LiveEvent[] = [];
  const reading = (async () => {
    for await (const event of stream.value) events.push(event);
  })();
  await Promise.all([get('/a'), get('/b'), get('/c'), get('/d')]);
  const dropped = () =>
    events.flatMap((event) => (event.kind === 'dropped' ? [event.dropped] : []));
  await eventually('word of it', { within: 5000, every: 20 }, () => dropped().length > 0);
  const missed = dropped().reduce((sum, { byLimit }) => sum + byLimit, 0);
  const got = events.filter(({ kind }) => kind === 'request').length;
  t.equal(missed + got, 4);
  t.equal((await proxy.stop()).code, 0);
  await reading;
});

t.test('a resource that breaks keeps its last good version, and says so', async (t) => {
  const { client, folder } = await start(t);
  const before = answered(t, 'resources', await client.resources()).resources;
  t.same(
    before.map(({ kind, line, status }) => `${kind} ${line} ${status}`),
    ['ServiceEntry 1 accepted', 'DestinationRule 12 accepted', 'VirtualService 22 accepted'],
  );
  const detail = await client.resource('VirtualService', 'default', 'web');
  const path = 'resources/{kind}/{namespace}/{name}';
  t.match(answered(t, path, detail).usedBy, [
    { kind: 'virtual-host', name: 'web.test:80', within: '80', line: 22 },
    { kind: 'route', name: 'web.test:80/broken', line: 29 },
    { kind: 'route', name: 'web.test:80/everybody', line: 32 },
  ]);
  folder.write(
    'more.yaml',
    'apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: x}\nspec: {egres: []}\n',
  );
  await eventually('the finding', { within: 10_000, every: 50 }, async () => {
    const after = await client.resources();
    return after.ok && after.value.resources.some(({ status }) => status === 'rejected');
  });
  const after = answered(t, 'resources', await client.resources()).resources;
  t.match(
    after.find(({ kind }) => kind === 'Sidecar'),
    { status: 'rejected', findings: [{ code: 'SLC0030', severity: 'error' }] },
  );
  const nobody = await client.resource('Gateway', 'default', 'nobody');
  t.match(nobody, { ok: false, error: /no resource Gateway default\/nobody was loaded/ });
});
