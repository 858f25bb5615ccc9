/** Two workers as one proxy, with real processes: what clients and the admin API see of them. */

import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { eventually, within } from '../support/deadline.ts';
import { type EdgeProxy, edgeConfig } from '../support/edge-proxy.ts';
import { freePorts } from '../support/free-port.ts';
import { headerValue } from '../support/http-reader.ts';
import { type HttpOrigin, httpOrigin } from '../support/origin.ts';
import { getRequest, type RawConnection } from '../support/raw-client.ts';
import { tempFolder } from '../support/temp-folder.ts';
import {
  ask,
  connectMany,
  isReady,
  startWorkers,
  statOf,
  workersOf,
} from '../support/worker-proxy.ts';

t.setTimeout(300_000);

const cluster = 'cluster.outbound|80||origin.test;.';

interface Setup {
  readonly edge: EdgeProxy;
  readonly origin: HttpOrigin;
}

async function setUp(t: Test, args: readonly string[] = []): Promise<Setup> {
  const origin = await httpOrigin((_, response) => response.end('ok'));
  const edge = await startWorkers({ originPort: origin.port, args });
  t.teardown(() => Promise.all([edge.stop(), origin.stop()]));
  return { edge, origin };
}

function versioned(version: number): string {
  return `  - headers: {response: {set: {x-version: "${version}"}}}
    route: [{destination: {host: origin.test, port: {number: 80}}}]`;
}

/** Statuses of one request on each connection. */
function askAll(connections: readonly RawConnection[]): Promise<number[]> {
  return Promise.all(connections.map((connection) => ask(connection)));
}

t.test('what two workers count is one sum', async (t) => {
  const log = tempFolder({});
  t.teardown(() => log.remove());
  const { edge } = await setUp(t, ['--access-log', `${log.path}/access.log`]);
  const connections = await connectMany(edge.port);
  for (let round = 0; round < 5; round++) await askAll(connections);
  const sent = 5 * connections.length;
  t.equal(await statOf(edge, `${cluster}upstream_rq_total`), sent);
  t.equal(await statOf(edge, `${cluster}upstream_rq_200`), sent);
  t.equal(await statOf(edge, 'server.total_connections'), connections.length);
  t.equal(await statOf(edge, 'server.concurrency'), 2);
  const prometheus = (await edge.proxy.admin('/stats/prometheus')).body;
  t.match(prometheus, new RegExp(`istio_requests_total\\{.*response_code="200".*\\} ${sent}\n`));
  t.match(
    prometheus,
    new RegExp(`istio_request_duration_milliseconds_count\\{.*\\} ${sent}\n`),
    'histograms are added up, too',
  );
  t.match((await edge.proxy.admin('/clusters')).body, `::rq_total::${sent}\n`);
  const clusters = JSON.parse((await edge.proxy.admin('/api/v1/clusters')).body).clusters;
  t.equal(clusters[0].counters.upstream_rq_total, sent);
  const recent = JSON.parse((await edge.proxy.admin('/api/v1/requests?limit=1000')).body);
  t.equal(recent.ended, sent);
  const ids = new Set(recent.requests.map((each: { id: number }) => each.id));
  t.equal(ids.size, sent - recent.unrecorded, 'records of both workers, each with its own id');

  t.equal(await streamed(edge, connections), connections.length, 'and who reads along sees all');

  await edge.proxy.admin('/reset_counters', 'POST');
  await askAll(connections);
  t.equal(
    await statOf(edge, `${cluster}upstream_rq_total`),
    connections.length,
    'counters begin again together',
  );
  for (const connection of connections) connection.destroy();
  await edge.proxy.stop();
  const lines = readFileSync(`${log.path}/access.log`, 'utf8').trimEnd().split('\n');
  t.equal(lines.length, sent + 2 * connections.length, 'each request has its line in one file');
  t.ok(
    lines.every((line) => /^\[\S+\] "GET \/ HTTP\/1.1" 200 /.test(line)),
    'and each line is whole',
  );
});

/** Requests that a reader of the live traffic is told of, of one on each connection. */
async function streamed(edge: EdgeProxy, connections: readonly RawConnection[]): Promise<number> {
  const url = `http://127.0.0.1:${edge.proxy.adminPort}/api/v1/requests/stream?limit=1000`;
  const { body } = await fetch(url);
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) throw new Error('there is no stream');
  // The workers have been told by then, for this is answered behind it.
  await edge.proxy.admin('/stats');
  await askAll(connections);
  let text = '';
  const count = (): number => text.match(/^event: request$/gm)?.length ?? 0;
  while (count() < connections.length) {
    const { value = '', done } = await within(20_000, 'an event', reader.read());
    if (done) break;
    text += value;
  }
  await reader.cancel();
  return count();
}

t.test('a worker that is killed is replaced, and the other goes on', async (t) => {
  const { edge } = await setUp(t);
  const connections = await connectMany(edge.port);
  await askAll(connections);
  const before = await statOf(edge, `${cluster}upstream_rq_total`);
  const [first, second] = await workersOf(edge);
  process.kill(first?.pid ?? 0, 'SIGKILL');
  await eventually('not ready', { within: 5_000, every: 2 }, async () => !(await isReady(edge)));
  t.equal((await edge.proxy.admin('/ready')).body, 'INITIALIZING\n', 'ready means all workers');

  const statuses = await Promise.all(connections.map((each) => ask(each).catch(() => 'gone')));
  const kept = connections.filter((_, index) => statuses[index] === 200);
  const lost = statuses.filter((status) => status === 'gone');
  t.equal(kept.length + lost.length, connections.length, 'no answer but 200', { statuses });
  t.ok(kept.length > 0 && lost.length > 0, 'both workers had connections', { statuses });
  // From the moment at which the kernel knows that a listener is gone, no new connection fails.
  const more = await connectMany(edge.port, 20);
  t.same(new Set(await askAll(more)), new Set([200]));

  await eventually('two workers again', { within: 20_000 }, () => isReady(edge));
  const now = await workersOf(edge);
  t.same(now.map(({ number }) => number).sort(), [1, 2]);
  t.ok(
    now.some(({ pid }) => pid === second?.pid),
    'the other is the same process',
  );
  t.same(new Set(await askAll(kept)), new Set([200]), 'its connections go on');
  const after = await statOf(edge, `${cluster}upstream_rq_total`);
  t.ok(after >= before, 'counters do not fall', { before, after });
  t.equal(await statOf(edge, 'sluice_workers_ended_total'), 1);
  for (const connection of [...connections, ...more]) connection.destroy();
});

t.test('a reload reaches all workers while requests go on', async (t) => {
  const { edge, origin } = await setUp(t);
  const connections = await connectMany(edge.port);
  const versions = async (): Promise<Set<string | null>> => {
    const seen = await Promise.all(
      connections.map(async (connection) => {
        connection.write(getRequest('/', 'a'));
        const { status, headers } = await connection.readResponse();
        return status === 200 ? headerValue(headers, 'x-version') : `status ${status}`;
      }),
    );
    return new Set(seen);
  };
  for (let version = 1; version <= 5; version++) {
    edge.folder.write('edge.yaml', edgeConfig(origin.port, versioned(version)));
    const seen = await eventually(`version ${version}`, { within: 20_000 }, async () => {
      const now = await versions();
      return now.has(String(version)) ? now : null;
    });
    t.notOk(
      [...seen].some((each) => each?.startsWith('status')),
      'no request fails',
    );
    t.same(await versions(), new Set([String(version)]), 'all workers have it at once');
  }
  edge.folder.write('edge.yaml', 'kind: [');
  edge.proxy.signal('SIGHUP');
  await eventually('the mistake is seen', { within: 10_000 }, async () => {
    const { body } = await edge.proxy.admin('/api/v1/config');
    return JSON.parse(body).lastLoadOk === false;
  });
  t.same(await versions(), new Set(['5']), 'a broken configuration changes nothing');
  for (const connection of connections) connection.destroy();
  await t.test('a listener that comes with a reload is opened by all workers', (t) =>
    newListener(t, { edge, origin }),
  );
});

async function newListener(t: Test, { edge, origin }: Setup): Promise<void> {
  const config = edgeConfig(origin.port);
  const [other = 0] = await freePorts(1);
  edge.folder.write('edge.yaml', config.replace('number: 8080', `number: ${other}`));
  const connections = await eventually('the new port', { within: 20_000 }, async () => {
    try {
      return await connectMany(other);
    } catch {
      return null;
    }
  });
  t.same(new Set(await askAll(connections)), new Set([200]));
  const [first] = await workersOf(edge);
  process.kill(first?.pid ?? 0, 'SIGKILL');
  await eventually('two workers again', { within: 20_000 }, async () => {
    return (await isReady(edge)) && (await workersOf(edge)).every(({ pid }) => pid !== first?.pid);
  });
  t.same(new Set(await askAll(await connectMany(other))), new Set([200]), 'by a later one, too');
}

t.test('SIGTERM lets open requests of all workers end', async (t) => {
  const held: (() => void)[] = [];
  const origin = await httpOrigin((_, response) => held.push(() => response.end('ok')));
  const edge = await startWorkers({ originPort: origin.port, args: ['--access-log', '-'] });
  t.teardown(() => Promise.all([edge.stop(), origin.stop()]));
  const workers = await workersOf(edge);
  const connections = await connectMany(edge.port, 20);
  const answers = askAll(connections);
  await eventually('all requests are held', { within: 10_000 }, () => held.length === 20);
  edge.proxy.signal('SIGTERM');
  await eventually('no further client is let in', { within: 10_000 }, async () => {
    try {
      (await connectMany(edge.port, 1))[0]?.destroy();
      return false;
    } catch {
      return true;
    }
  });
  for (const finish of held) finish();
  t.same(new Set(await answers), new Set([200]));
  const exit = await edge.proxy.exited();
  t.equal(exit.code, 0);
  t.equal(exit.stdout.match(/^\[\S+\] "GET \/ HTTP\/1.1" 200 .*\n/gm)?.length, 20, 'lines of all');
  t.match(exit.stderr, /stopping; open requests get up to 5s/);
  for (const { pid } of workers) t.throws(() => process.kill(pid, 0), 'no worker is left');
});

t.test(
  'a port of a proxy is not shared with another; workers end with their primary',
  async (t) => {
    const { edge, origin } = await setUp(t);
    const taken = `127.0.0.1:${edge.port}`;
    await t.rejects(
      startWorkers({ originPort: origin.port, args: ['--outbound', taken] }),
      /the port is in use/,
    );
    const workers = await workersOf(edge);
    await edge.proxy.kill();
    await eventually('no worker is left', { within: 10_000 }, () =>
      workers.every(({ pid }) => !isAlive(pid)),
    );
    t.pass('none is left');
  },
);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
