/** V8 settings of a process that serves for long; see docs/decisions/0030-heap-of-a-proxy.md. */

import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** In a smaller one such bytes may pass twice the limit, and then V8 does nothing but collect. */
const roomyHeapBytes = 1024 ** 3;

/** To be called first: what is allocated and compiled before is not affected. */
export function setStartingHeapFlags(): void {
  // The young generation stays at its first size until young-generation.ts grows it.
  setFlagsFromString('--semi-space-growth-factor=1');
  // One compiler less, whose working memory malloc keeps once it was used; TurboFan does the rest.
  setFlagsFromString('--no-maglev');
  // Little survives in so small a young generation: to wake other threads for it costs more.
  setFlagsFromString('--no-parallel-scavenge');
  if (getHeapStatistics().heap_size_limit >= roomyHeapBytes) {
    // Bytes that wait for slow readers are outside the heap, and V8 goes through all of the heap for
    // every 64 MiB more of them at the latest, up to 25 ms at a time. So they count with the heap.
    setFlagsFromString('--external-memory-accounted-in-global-limit');
  }
  // Nothing of a start runs often enough to be worth a compiler, which stays in memory.
  setFlagsFromString('--no-turbofan');
  setFlagsFromString('--no-sparkplug');
}

/** To be called when clients come, who are worth all that V8 can do. */
export function setServingHeapFlags(): void {
  setFlagsFromString('--turbofan');
  // V8 waits for 3,000 calls, and what is not compiled yet costs several times as much.
  setFlagsFromString('--invocation-count-for-turbofan=600');
  // The path of a request is many small functions. By V8's limits (920, 460) a branch more in one of
  // them, such as one for traces, leaves others to be called.
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=6000');
  setFlagsFromString('--max-inlined-bytecode-size=1000');
  setFlagsFromString('--sparkplug');
}
