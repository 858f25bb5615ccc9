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

t.test('an idle process keeps the memory', async (t) => {
  const clock = new ManualClock();
  growYoungGenerationWhenBusy(new ManualTimers(clock));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const before = youngGenerationBytes();
  // The event loop has waited nearly all the time.
  clock.advance(1000);
  t.equal(youngGenerationBytes(), before);
});

t.test('it grows once, and not beyond', async (t) => {
  growYoungGeneration();
  const grown = youngGenerationBytes();
  t.ok(grown >= wanted, `${grown} bytes`);
  growYoungGeneration();
  t.ok(youngGenerationBytes() < 5 * 1024 * 1024);
});
