/** How busy the event loop is, and by how much it is late. */

import { type ELDHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Timers } from './timers.ts';

/** Resolves when everything else that is due has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Milliseconds. */
export interface EventLoopDelay {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly p50: number;
  readonly p99: number;
}

/** Since the start of the process. */
export interface EventLoopShare {
  /** Milliseconds. */
  readonly idle: number;
  readonly active: number;
  /** 0 to 1. */
  readonly utilization: number;
}

const samplingMs = 10;

export function eventLoopShare(): EventLoopShare {
  return performance.eventLoopUtilization();
}

/** Looks for `ms` milliseconds by how much timers of 10 ms are late. */
export async function measureEventLoopDelay(ms: number, timers: Timers): Promise<EventLoopDelay> {
  const histogram = monitorEventLoopDelay({ resolution: samplingMs });
  histogram.enable();
  await new Promise<void>((resolve) => timers.set(ms, resolve));
  histogram.disable();
  const late = (ns: number): number => (histogram.count === 0 ? 0 : latenessMs(ns));
  return {
    min: late(histogram.min),
    mean: late(histogram.mean),
    max: late(histogram.max),
    p50: late(histogram.percentile(50)),
    p99: late(histogram.percentile(99)),
  };
}

/** Measures all the time by how much timers of 10 ms are late. */
export class EventLoopDelayWatch {
  readonly #histogram: ELDHistogram;

  constructor() {
    this.#histogram = monitorEventLoopDelay({ resolution: samplingMs });
    this.#histogram.enable();
  }

  /**
   * The median since the last call, in milliseconds. One long pause, of the machine for example,
   * is one late timer among many.
   */
  takeMedian(): number {
    const histogram = this.#histogram;
    const median = histogram.count === 0 ? 0 : latenessMs(histogram.percentile(50));
    histogram.reset();
    return median;
  }

  stop(): void {
    this.#histogram.disable();
  }
}

/** Of a time between two samples, in hundredths of a millisecond. */
function latenessMs(ns: number): number {
  return Math.max(0, Math.round((ns / 1e6 - samplingMs) * 100) / 100);
}
