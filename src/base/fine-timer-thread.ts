/** Entry point of the thread of `FineTimers`: sleeps until the alarm is due, and tells. */

import { parentPort, workerData } from 'node:worker_threads';
import { type Alarm, monotonicMs } from './fine-timers.ts';

const { turn, dueMs } = workerData as Alarm;

for (;;) {
  // Before the time, so that a change of both in between ends the sleep at once.
  const seen = Atomics.load(turn, 0);
  const waitMs = (dueMs[0] ?? Infinity) - monotonicMs();
  if (waitMs > 0) {
    Atomics.wait(turn, 0, seen, waitMs);
    continue;
  }
  parentPort?.postMessage(null);
  Atomics.wait(turn, 0, seen);
}
