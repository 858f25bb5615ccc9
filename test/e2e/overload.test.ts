/** The overload manager through the real command, with real pressure. */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { eventually, pause } from '../support/deadline.ts';
import { type EdgeProxy, startEdgeProxy } from '../support/edge-proxy.ts';
import { exchange, getRequest, RawConnection } from '../support/raw-client.ts';
import { ok, scriptedOrigin } from '../support/scripted-origin.ts';
import { statOf } from '../support/worker-proxy.ts';

t.setTimeout(120_000);

const logFormat = '%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%';

async function start(t: Test, overload: string, more = ''): Promise<EdgeProxy> {
  const origin = await scriptedOrigin(() => ok('hello'));
  const edge = await startEdgeProxy({
    originPort: origin.port,
    documents: bootstrap(overload, more),
    args: ['--access-log', '-', '--access-log-format', `${logFormat}\n`],
  });
  t.teardown(async () => {
    await Promise.all([edge.stop(), origin.stop()]);
  });
  return edge;
}

function bootstrap(overload: string, more = ''): string {
  return `
apiVersion: sluice.dev/v1
kind: Bootstrap
metadata: {name: proxy}
spec:
  overload: ${overload}
${more}
`;
}

/** Of one request on a connection of its own; 0: there was no answer. */
async function statusOf(port: number): Promise<number> {
  try {
    return (await exchange(getRequest('/', 'a'), { port })).status;
  } catch {
    return 0;
  }
}

async function connectAll(port: number, count: number): Promise<RawConnection[]> {
  const attempts = await Promise.allSettled(
    Array.from({ length: count }, () => RawConnection.connect({ port })),
  );
  return attempts.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

function h2StatusOf(port: number): Promise<number> {
  const client = connectHttp2(`http://127.0.0.1:${port}`);
  return new Promise<number>((resolve, reject) => {
    const stream = client.request({ ':path': '/' });
    stream.on('response', (headers) => resolve(Number(headers[':status'])));
    stream.on('error', reject);
    client.on('error', reject);
  }).finally(() => client.destroy());
}

t.test('a heap over its threshold sheds requests, until the threshold is raised', async (t) => {
  const heap = (threshold: number): string =>
    `{actions: {stopAcceptingRequests: {fixedHeap: {threshold: ${threshold}}}}}`;
  const edge = await start(t, heap(0.0001));
  t.equal(await statusOf(edge.port), 503);
  t.equal(await h2StatusOf(edge.port), 503);
  const action = 'envoy.overload_actions.stop_accepting_requests';
  const { body } = await edge.proxy.admin('/overload');
  const { actions } = JSON.parse(body) as { actions: { name: string }[] };
  t.match(
    actions.find(({ name }) => name === action),
    { active: true, scale: 100 },
  );
  t.equal(await statOf(edge, `overload.${action}.active`), 1);
  t.equal(await statOf(edge, 'http.outbound_0.0.0.0_8080;.downstream_rq_overload_close'), 2);
  t.match(edge.proxy.stderr, `overload action begins action=${action}`);
  await eventually('the access log', { within: 5000 }, () => {
    return edge.proxy.stdout === '503 OM overload\n503 OM overload\n';
  });

  writeFileSync(join(edge.folder.path, 'more.yaml'), bootstrap(heap(0.99)));
  await eventually('the new threshold', { within: 10_000 }, async () => {
    return (await statusOf(edge.port)) === 200;
  });
  t.match(edge.proxy.stderr, `overload action ends action=${action}`);
});

t.test('open connections are limited, for one listener and for all', async (t) => {
  const edge = await start(
    t,
    '{resources: {downstreamConnections: 4}}',
    '  listeners: {connectionLimits: {gateway_8080: 2}}',
  );
  const listener = `listener.127.0.0.1_${edge.port}`;
  const open = await connectAll(edge.port, 2);
  await eventually('connections', { within: 5000 }, async () => {
    return (await statOf(edge, `${listener}.downstream_cx_active`)) === 2;
  });
  t.equal(await statusOf(edge.port), 0);
  t.equal(await statOf(edge, `${listener}.downstream_cx_overflow`), 1);
  t.equal(await statOf(edge, `${listener}.downstream_global_cx_overflow`), 0);

  writeFileSync(
    join(edge.folder.path, 'more.yaml'),
    bootstrap('{resources: {downstreamConnections: 2}}'),
  );
  await eventually('the limit of all', { within: 10_000 }, async () => {
    await statusOf(edge.port);
    return (await statOf(edge, `${listener}.downstream_global_cx_overflow`)) > 0;
  });
  for (const each of open) each.destroy();
  await eventually('room', { within: 5000 }, async () => (await statusOf(edge.port)) === 200);
});

t.test('a busy event loop sheds requests, and serves them when it is calm', async (t) => {
  const edge = await start(t, '{refreshInterval: 100ms, resources: {eventLoopDelay: 4ms}}');
  const clients = await connectAll(edge.port, 60);
  const statuses = new Map<number, number>();
  const pipelined = 30;
  let until = performance.now() + 10_000;
  const load = async (client: RawConnection): Promise<void> => {
    while (performance.now() < until) {
      client.write(getRequest('/', 'a').repeat(pipelined));
      for (let i = 0; i < pipelined; i++) {
        const { status } = await client.readResponse();
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if ((statuses.get(503) ?? 0) > 100) until = 0;
      }
    }
  };
  await Promise.all(clients.map(load));
  for (const client of clients) client.destroy();
  t.ok((statuses.get(503) ?? 0) > 0, `shed: ${[...statuses].join(' ')}`);
  statuses.delete(503);
  statuses.delete(200);
  t.equal(statuses.size, 0, 'nothing else comes');
  await eventually('calm', { within: 20_000 }, async () => (await statusOf(edge.port)) === 200);
});

function limitDescriptors({ proxy }: EdgeProxy, limit: number): void {
  execFileSync('prlimit', [`--pid=${proxy.pid}`, `--nofile=${limit}:${limit}`]);
}

/** Ticks of CPU time, hundredths of a second. */
function cpuTicks({ proxy }: EdgeProxy): number {
  const stat = readFileSync(`/proc/${proxy.pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

const skip = process.platform === 'linux' ? false : 'prlimit is of Linux';

t.test('descriptors are kept for connections to endpoints', { skip }, async (t) => {
  const limit = 100;
  const edge = await start(t, `{resources: {fileDescriptors: ${limit}}}`);
  limitDescriptors(edge, limit);
  const flood = await connectAll(edge.port, 150);
  const listener = `listener.127.0.0.1_${edge.port}`;
  await eventually('rejections', { within: 10_000 }, () => flood.some((each) => each.isClosed));
  const open = flood.filter((each) => !each.isClosed);
  const asked = open.slice(0, 2);
  for (const client of asked) {
    client.write(getRequest('/', 'a'));
    t.equal((await client.readResponse()).status, 200);
  }
  for (const client of flood) client.destroy();
  await eventually('room', { within: 10_000 }, async () => (await statusOf(edge.port)) === 200);
  t.ok((await statOf(edge, `${listener}.downstream_cx_overload_reject`)) > 0);
});

t.test('without descriptors it neither spins nor ends', { skip }, async (t) => {
  const edge = await start(t, '{actions: {rejectIncomingConnections: {}}}');
  limitDescriptors(edge, edge.proxy.openFiles() + 20);
  const flood = await connectAll(edge.port, 100);
  const kept = await eventually('the limit', { within: 10_000 }, () => {
    const open = flood.filter((each) => !each.isClosed);
    return open.length < 30 ? open : null;
  });
  const before = cpuTicks(edge);
  const since = performance.now();
  // Time to spin in.
  await pause(500);
  const share = (cpuTicks(edge) - before) / ((performance.now() - since) / 10);
  t.ok(share < 0.5, `it uses ${share} of a processor`);
  const [client] = kept;
  client?.write(getRequest('/', 'a'));
  const answer = await client?.readResponse();
  t.equal(answer?.status, 503, 'there is no descriptor for the endpoint');
  await eventually('the access log', { within: 5000 }, () =>
    /^503 (URX,)?UF /m.test(edge.proxy.stdout),
  );
  for (const each of flood) each.destroy();
  await eventually('room', { within: 10_000 }, async () => (await statusOf(edge.port)) === 200);
});
