/** `sluice run --takeover` with real processes: what clients notice of it (nothing), and its limits. */

import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { eventually } from '../support/deadline.ts';
import {
  type EdgeProxy,
  type EdgeProxyOptions,
  edgeConfig,
  startEdgeProxy,
} from '../support/edge-proxy.ts';
import { freePort } from '../support/free-port.ts';
import { httpOrigin } from '../support/origin.ts';
import { type ExitResult, runCommand, SluiceProcess } from '../support/sluice-process.ts';
import { SteadyLoad } from '../support/steady-load.ts';
import { tempFolder } from '../support/temp-folder.ts';

t.setTimeout(300_000);

async function setUp(t: Test, options: Partial<EdgeProxyOptions> = {}): Promise<EdgeProxy> {
  const origin = await httpOrigin((_, response) => response.end('ok'));
  t.teardown(() => origin.stop());
  const edge = await startEdgeProxy({ originPort: origin.port, ...options });
  t.teardown(() => edge.stop());
  return edge;
}

/** Another process in the place of `old`. */
async function replace(
  t: Test,
  old: SluiceProcess,
  args: readonly string[],
): Promise<SluiceProcess> {
  const next = await SluiceProcess.takeOver(old, args);
  t.teardown(() => next.kill());
  return next;
}

/** It ends by itself. */
function refused(args: readonly string[]): Promise<ExitResult> {
  return runCommand(['run', '--takeover', ...args], { timeoutMs: 60_000 });
}

/** Another listener of the new process has a port that somebody else has. */
function blockedBy(edge: EdgeProxy, port: number, concurrency: string): Promise<ExitResult> {
  return refused([
    ...['-f', edge.folder.path, '--port', `8080=${edge.port}`, ...adminOf(edge)],
    ...['--outbound', `127.0.0.1:${port}`, '--concurrency', concurrency],
  ]);
}

async function takenPort(t: Test): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

function adminOf({ proxy }: EdgeProxy): string[] {
  return ['--admin', `127.0.0.1:${proxy.adminPort}`];
}

/** What a few hundred more requests take. */
async function goOn(load: SteadyLoad): Promise<void> {
  const before = load.answered;
  await eventually('more answers', { within: 60_000 }, () => {
    return load.failure !== null || load.answered > before + 300;
  });
}

t.test('no request fails when one process takes the place of another, twice', async (t) => {
  const edge = await setUp(t, { args: ['--drain-time', '1s'] });
  const load = SteadyLoad.start(t, edge.port);
  await goOn(load);
  let serving = edge.proxy;
  for (const round of [1, 2]) {
    const next = await replace(t, serving, edge.args);
    t.match(next.stderr, `sluice: in the place of process ${serving.pid} (sluice `);
    await goOn(load);
    const exit = await serving.exited(30_000);
    t.equal(exit.code, 0, `round ${round}`, { stderr: exit.stderr });
    t.match(exit.stderr, /another process serves from now on/);
    t.equal((await next.admin('/ready')).status, 200);
    serving = next;
  }
  await goOn(load);
  const { failures, fresh, staying, toldToClose } = await load.stop();
  t.same(failures, [], `${fresh} new connections, ${staying} requests on kept ones`);
  t.ok(toldToClose > 0, 'kept connections ended with a response that said so');
  t.equal((await serving.stop()).code, 0);
});

t.test('no request fails when the number of workers changes', async (t) => {
  const edge = await setUp(t, { args: ['--drain-time', '1s', '--concurrency', '2'] });
  const load = SteadyLoad.start(t, edge.port);
  await goOn(load);

  const blocked = await blockedBy(edge, await takenPort(t), '2');
  t.equal(blocked.code, 1);
  t.match(blocked.stderr, /cannot listen on 127\.0\.0\.1:\d+/);
  await goOn(load);

  let serving = edge.proxy;
  for (const concurrency of [2, 1, 3]) {
    const next = await replace(t, serving, [...edge.args, '--concurrency', String(concurrency)]);
    t.equal((await serving.exited(30_000)).code, 0);
    const { workers } = JSON.parse((await next.admin('/workers')).body);
    t.equal(workers.length, concurrency === 1 ? 0 : concurrency);
    await goOn(load);
    serving = next;
  }
  const { failures, fresh, staying } = await load.stop();
  t.same(failures, [], `${fresh} new connections, ${staying} requests on kept ones`);
  await replacesWorkers(serving);
  t.equal((await serving.stop()).code, 0);
});

/** Also one that had its socket from another process. */
async function replacesWorkers(proxy: SluiceProcess): Promise<void> {
  const pids = async (): Promise<number[]> => {
    const { workers } = JSON.parse((await proxy.admin('/workers')).body);
    return workers.map(({ pid }: { pid: number }) => pid);
  };
  const before = await pids();
  process.kill(before[0] ?? 0, 'SIGKILL');
  await eventually('another worker', { within: 60_000 }, async () => {
    const now = await pids();
    return now.length === before.length && !now.includes(before[0] ?? 0);
  });
}

t.test('a process that cannot serve leaves all to the one that does', async (t) => {
  const edge = await setUp(t);
  const load = SteadyLoad.start(t, edge.port);
  const stays = async (why: string): Promise<void> => {
    await goOn(load);
    t.equal((await edge.proxy.admin('/ready')).status, 200, why);
  };

  const other = tempFolder({ 'edge.yaml': edgeConfig(1).replace('STATIC', 'STATTIC') });
  t.teardown(() => other.remove());
  const broken = await refused(['-f', other.path, ...adminOf(edge)]);
  t.equal(broken.code, 1);
  t.match(broken.stderr, /STATTIC[\s\S]*the configuration was refused/);
  await stays('with a broken configuration');

  const port = await takenPort(t);
  const blocked = await blockedBy(edge, port, '1');
  t.equal(blocked.code, 1);
  t.match(blocked.stderr, `cannot listen on 127.0.0.1:${port}`);
  await stays('with a port that somebody else has');

  const workers = await refused([...edge.args, ...adminOf(edge), '--concurrency', '2']);
  t.equal(workers.code, 1);
  t.match(workers.stderr, /the running proxy is one process, whose ports workers cannot share/);
  await stays('with workers, which cannot share its ports');
  t.same((await load.stop()).failures, []);
});

t.test('a process without connections leaves nothing behind', async (t) => {
  const temporary = tempFolder();
  t.teardown(() => temporary.remove());
  const edge = await setUp(t, { env: { TMPDIR: temporary.path } });
  const next = await replace(t, edge.proxy, edge.args);
  t.equal((await edge.proxy.exited(30_000)).code, 0);
  t.same(readdirSync(temporary.path), []);
  t.equal((await next.stop()).code, 0);
});

t.test('there has to be a proxy, of the same protocol', async (t) => {
  const edge = await setUp(t);
  const args = ['-f', edge.folder.path, '--outbound', 'off'];
  const nobody = await refused([`127.0.0.1:${await freePort()}`, ...args, '--admin', 'off']);
  t.equal(nobody.code, 1);
  t.match(
    nobody.stderr,
    /^sluice: --takeover: no proxy answers on 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/,
  );

  const older = await edge.proxy.admin('/takeover?protocol=2', 'POST');
  t.equal(older.status, 409);
  t.match(older.body, /^this is sluice \S+, which hands over by protocol 1, not by "2": stop it/);

  const off = await refused([...args, '--admin', 'off']);
  t.equal(off.code, 1);
  t.match(off.stderr, /--takeover: the admin API is off: say where/);
  const nonsense = await refused(['nonsense', ...args]);
  t.equal(nonsense.code, 2);
  t.match(nonsense.stderr, /Write the admin address/);
});
