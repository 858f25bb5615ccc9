/**
 * Lets V8's young generation grow when the process is busy. What is alive when it fills up is
 * copied, and under load that is what the requests under way need, whatever its size: eight times
 * the size is an eighth of the copying. An idle process keeps the memory.
 */

import { performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import type { Timers } from './timers.ts';

/**
 * Smaller than this it grows, to 8 MiB. Beyond that a megabyte of memory pays less and less
 * (docs/decisions/0030-heap-of-a-proxy.md).
 */
const busyBytes = 6 * 1024 * 1024;
/** V8's first size is 1 MiB: one step. */
const growthFactor = 8;
const checkMs = 1000;
/** Share of the time in which the event loop had something to do. */
const busyShare = 0.3;
/** Objects that grow it survive; this many bytes of them are more than enough. */
const growthBytes = 32 * 1024 * 1024;
const pieceLength = 512;
const pieceBytes = pieceLength * 8;

/**
 * Looks once a second, for as long as the process lives. `utilization` is how busy the event loop
 * has been since it was last asked, 0 to 1.
 */
export function growYoungGenerationWhenBusy(
  timers: Timers,
  utilization: () => number = utilizationSinceLast(),
): void {
  const check = (): void => {
    // Growing it takes some milliseconds. V8 shrinks it again when little is allocated.
    if (utilization() > busyShare && youngGenerationBytes() < busyBytes) growYoungGeneration();
    timers.set(checkMs, check);
  };
  timers.set(checkMs, check);
}

function utilizationSinceLast(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}

/** What it may hold before V8 collects it. */
export function youngGenerationBytes(): number {
  const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
  return young === undefined ? 0 : young.space_used_size + young.space_available_size;
}

/**
 * V8 takes a size from its command line alone. While it runs there is a factor by which it grows
 * what is too small for what survives, so something is made to survive, until it has grown once.
 */
export function growYoungGeneration(): void {
  setFlagsFromString(`--semi-space-growth-factor=${growthFactor}`);
  const kept: number[][] = [];
  while (youngGenerationBytes() < busyBytes && kept.length * pieceBytes < growthBytes) {
    for (let i = 0; i < 64; i++) kept.push(new Array<number>(pieceLength).fill(i));
  }
  setFlagsFromString('--semi-space-growth-factor=1');
}
