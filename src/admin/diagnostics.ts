/** Looks into the process itself: V8's profiles and heap, and how long the event loop is held up. */

import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import { getHeapSnapshot } from 'node:v8';
import type { Timers } from '../base/timers.ts';

export type ProfileKind = 'cpu' | 'heap';

/** Milliseconds. */
export interface EventLoopDelay {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly p50: number;
  readonly p99: number;
}

export interface EventLoopShare {
  /** Milliseconds. */
  readonly idle: number;
  readonly active: number;
  /** 0 to 1. */
  readonly utilization: number;
}

const samplingMs = 10;

export class Diagnostics {
  readonly #timers: Timers;
  readonly #sessions = new Map<ProfileKind, Session>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** False: a profile of this kind is being made already. */
  async startProfile(kind: ProfileKind): Promise<boolean> {
    if (this.#sessions.has(kind)) return false;
    const session = new Session();
    this.#sessions.set(kind, session);
    session.connect();
    if (kind === 'cpu') {
      await session.post('Profiler.enable');
      await session.post('Profiler.start');
    } else {
      await session.post('HeapProfiler.startSampling');
    }
    return true;
  }

  /** JSON of a `.cpuprofile` or `.heapprofile`; null: none has been started. */
  async stopProfile(kind: ProfileKind): Promise<string | null> {
    const session = this.#sessions.get(kind);
    if (session === undefined) return null;
    this.#sessions.delete(kind);
    try {
      const { profile } =
        kind === 'cpu'
          ? await session.post('Profiler.stop')
          : await session.post('HeapProfiler.stopSampling');
      return JSON.stringify(profile);
    } finally {
      session.disconnect();
    }
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#timers.set(ms, resolve));
  }

  /** Since the start of the process. */
  eventLoopShare(): EventLoopShare {
    return performance.eventLoopUtilization();
  }

  /** Looks for `ms` milliseconds by how much timers of 10 ms are late. */
  async eventLoopDelay(ms: number): Promise<EventLoopDelay> {
    const histogram = monitorEventLoopDelay({ resolution: samplingMs });
    histogram.enable();
    await this.wait(ms);
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

  /** Holds up the process while it is made. What is in memory is in it. */
  heapSnapshot(): Readable {
    return getHeapSnapshot();
  }
}

/** Of a time between two samples, in hundredths of a millisecond. */
function latenessMs(ns: number): number {
  return Math.max(0, Math.round((ns / 1e6 - samplingMs) * 100) / 100);
}
