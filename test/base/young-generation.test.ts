import { setFlagsFromString } from 'node:v8';
import t from 'tap';
import {
  growYoungGeneration,
  growYoungGenerationWhenBusy,
  youngGenerationBytes,
} from '../../src/base/young-generation.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';

const wanted = 3 * 1024 * 1024;

// As a serving process begins: small, and growing by nobody else.
setFlagsFromString('--semi-space-growth-factor=1');

t.test('an idle process keeps the memory, a busy one lets it grow', async (t) => {
  const timers = new ManualTimers(new ManualClock());
  let share = 0.1;
  growYoungGenerationWhenBusy(timers, () => share);
  const before = youngGenerationBytes();
  timers.advance(1000);
  t.equal(youngGenerationBytes(), before);
  share = 0.9;
  timers.advance(1000);
  t.ok(youngGenerationBytes() >= wanted, `${youngGenerationBytes()} bytes`);
});

t.test('it grows once, and not beyond', async (t) => {
  growYoungGeneration();
  const grown = youngGenerationBytes();
  t.ok(grown >= wanted, `${grown} bytes`);
  growYoungGeneration();
  t.ok(youngGenerationBytes() <= grown);
});
