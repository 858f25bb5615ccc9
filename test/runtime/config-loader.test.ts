import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { ConfigLoader, type ConfigStart } from '../../src/runtime/config-loader.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';

const scripted = pathToFileURL(join(import.meta.dirname, 'scripted-config-process.ts'));
const defaults: ConfigStart = { flags: {}, firstBindablePort: 0 };

function start(t: Test) {
  const timers = new ManualTimers(new ManualClock());
  const loader = new ConfigLoader(defaults, timers, scripted);
  t.teardown(() => loader.close());
  /** What the process has read by now, in order. */
  const load = async (text: string): Promise<string> => {
    const outcome = await loader.load({ files: [{ path: 'a.yaml', text }], findings: [] });
    return outcome.kept.join(' ');
  };
  return { timers, loader, load };
}

t.test('one process reads one change after the other', async (t) => {
  const { load } = start(t);
  t.equal(await load('a'), 'a');
  t.equal(await load('b'), 'a b');
});

t.test('a process that is idle is let go; the next one is brought up to date', async (t) => {
  const { load, timers } = start(t);
  await load('a');
  await load('b');
  timers.advance(10_000);
  t.equal(await load('c'), 'b c', 'only the last good one counts');
});

t.test('a process is kept while it alone knows last good versions', async (t) => {
  const { load, timers } = start(t);
  await load('a');
  await load('bad');
  timers.advance(60_000);
  t.equal(await load('c'), 'a bad c');
});

t.test('a process that breaks down is replaced by one that knows as much', async (t) => {
  const { load } = start(t);
  await load('a');
  await load('b');
  await load('bad1');
  await load('bad2');
  await t.rejects(load('die'), { message: 'the configuration process broke down: exit code 3' });
  t.equal(await load('c'), 'b bad1 bad2 c');
});

t.test('what another process must read is bounded', async (t) => {
  const { load } = start(t);
  await load('good');
  for (let i = 1; i <= 9; i++) await load(`bad${i}`);
  await t.rejects(load('die'));
  t.equal(await load('c'), 'good bad3 bad4 bad5 bad6 bad7 bad8 bad9 c');
});

t.test('a mistake of the program is told as one, and its process ends', async (t) => {
  const { load } = start(t);
  await load('a');
  await t.rejects(load('defect'), { message: 'internal error: x is not a function' });
  t.equal(await load('b'), 'a b');
});

t.test('a process that gives no answer is ended', async (t) => {
  const { load, timers } = start(t);
  await load('a');
  const loading = load('loop');
  timers.advance(59_999);
  timers.advance(1);
  await t.rejects(loading, { message: 'the configuration process gave no answer within 60 s' });
  t.equal(await load('b'), 'a b');
});

t.test('closing rejects a load under way', async (t) => {
  const { load, loader } = start(t);
  await load('a');
  const loading = load('loop');
  loader.close();
  await t.rejects(loading, { message: 'the configuration process broke down: signal SIGKILL' });
});

t.test('the real process answers with a configuration', async (t) => {
  const timers = new ManualTimers(new ManualClock());
  const loader = new ConfigLoader(defaults, timers);
  t.teardown(() => loader.close());
  const outcome = await loader.load({ files: [], findings: [] });
  t.match(outcome.findings, [{ code: 'SLC0005' }]);
});
