import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { processSamples } from '../../src/runtime/process-samples.ts';

const armedTimers = 7;

function read(): Map<string, number> {
  return new Map([...processSamples(armedTimers)].map(({ name, value }) => [name, value]));
}

t.test('work of the process is counted in seconds', async (t) => {
  // The event loop counts from its first turn on.
  await nextTurn();
  const before = read();
  const end = performance.now() + 50;
  while (performance.now() < end);
  await nextTurn();
  const after = read();
  for (const [name, value] of after) {
    if (!name.endsWith('_seconds_total')) continue;
    const used = value - (before.get(name) ?? 0);
    t.ok(used > 0.01 && used < 10, `${name}: ${used}`);
  }
});

t.test('timers are told as they are', async (t) => {
  t.equal(read().get('sluice_timers_armed'), armedTimers);
});

t.test('they are documented', async (t) => {
  const docs = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8');
  for (const name of read().keys()) t.match(docs, `\`${name}\``);
});
