import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { systemClock } from '../../../src/base/clock.ts';
import { systemTimers } from '../../../src/base/timers.ts';
import type { WorkerConfig } from '../../../src/runtime/workers/messages.ts';
import { WorkerGroup } from '../../../src/runtime/workers/worker-group.ts';
import { WorkerHandle } from '../../../src/runtime/workers/worker-handle.ts';
import { LogRoot } from '../../../src/telemetry/logger.ts';
import { testMesh } from '../../admin/running-state-fixture.ts';
import { eventually } from '../../support/deadline.ts';

const scripted = pathToFileURL(join(import.meta.dirname, 'scripted-worker.ts'));

t.setTimeout(120_000);

/** `script`: see scripted-worker.ts. */
function config(...script: string[]): WorkerConfig {
  return { mesh: testMesh(), secrets: new Map(), refused: script };
}

async function start(t: Test) {
  const lines: string[] = [];
  const logs = new LogRoot({ clock: systemClock, write: (line) => lines.push(line) });
  const spawned: WorkerHandle[] = [];
  const group = new WorkerGroup({
    size: 2,
    clock: systemClock,
    timers: systemTimers,
    log: logs.logger('workers'),
    spawn: (number) => {
      const worker = new WorkerHandle({
        start: { number, mesh: testMesh(), seed: null, localTls: false, logLevels: new Map() },
        timers: systemTimers,
        pipesOutput: false,
        module: scripted,
        onNotice: () => undefined,
      });
      spawned.push(worker);
      return worker;
    },
    health: () => [],
    onJoin: () => undefined,
    onLeave: () => undefined,
  });
  t.teardown(async () => {
    await group.stop(0);
    for (const worker of spawned) worker.kill();
  });
  await group.start();
  /** What each worker has been asked, by its number. */
  const asked = async (): Promise<Record<number, unknown>> => {
    const answers = await group.ask('recent', null, 30_000);
    return Object.fromEntries([...answers].map(([{ number }, said]) => [number, said]));
  };
  return { group, spawned, lines, asked };
}

t.test('a configuration is published when all have prepared it', async (t) => {
  const { group, asked } = await start(t);
  t.equal(group.isWhole, false, 'they serve nothing yet');
  await group.publish(config(), []);
  t.equal(group.isWhole, true);
  const both = ['prepare', 'publish', 'recent'];
  t.same(await asked(), { 1: both, 2: both });

  await t.test('one that refuses leaves all with the last one', async (t) => {
    await t.rejects(group.publish(config('refuse 2'), []), /worker 2 cannot/);
    const refused = [...both, 'prepare', 'discard', 'recent'];
    t.same(await asked(), { 1: refused, 2: refused });
  });

  await t.test('so does one that dies of it, and the next one has the last one', async (t) => {
    await t.rejects(group.publish(config('die 1'), []), /worker 1 ended: exit code 3/);
    await eventually('another one', { within: 60_000 }, () => group.isWhole);
    const after = await asked();
    t.same(after[1], both);
    t.match(after[2], [...both, 'prepare', 'discard', 'recent', 'prepare', 'discard', 'recent']);
  });
});

t.test('one that is killed is replaced, and the other is not touched', async (t) => {
  const { group, spawned, lines, asked } = await start(t);
  await group.publish(config(), []);
  const [first, second] = group.workers;
  first?.kill();
  await eventually('one is gone', { within: 30_000, every: 1 }, () => !group.isWhole);
  await eventually('another one', { within: 60_000 }, () => group.isWhole);
  t.equal(spawned.length, 3);
  t.ok(group.workers.includes(second as WorkerHandle));
  t.same(group.workers.map(({ number }) => number).sort(), [1, 2]);
  t.same(await asked(), {
    1: ['prepare', 'publish', 'recent'],
    2: ['prepare', 'publish', 'recent'],
  });
  t.match(lines.join(''), /a worker ended, another takes its place worker=1/);
});
