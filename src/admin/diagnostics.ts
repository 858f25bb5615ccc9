/** Looks into the process itself: V8's profiles and heap, and how late the event loop is. */

import type { Session } from 'node:inspector/promises';
import type { Readable } from 'node:stream';
import { getHeapSnapshot } from 'node:v8';
import { type EventLoopDelay, measureEventLoopDelay } from '../base/event-loop.ts';
import type { Timers } from '../base/timers.ts';

export type ProfileKind = 'cpu' | 'heap';

export class Diagnostics {
  readonly #timers: Timers;
  readonly #sessions = new Map<ProfileKind, Session>();
  readonly #starting = new Set<ProfileKind>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** False: a profile of this kind is being made already. */
  async startProfile(kind: ProfileKind): Promise<boolean> {
    if (this.#sessions.has(kind) || this.#starting.has(kind)) return false;
    this.#starting.add(kind);
    try {
      this.#sessions.set(kind, await startSession(kind));
      return true;
    } finally {
      this.#starting.delete(kind);
    }
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

  eventLoopDelay(ms: number): Promise<EventLoopDelay> {
    return measureEventLoopDelay(ms, this.#timers);
  }

  /** Holds up the process while it is made. What is in memory is in it. */
  heapSnapshot(): Readable {
    return getHeapSnapshot();
  }
}

/** The inspector takes 3 MiB, which a proxy that is not looked into need not have. */
async function startSession(kind: ProfileKind): Promise<Session> {
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  if (kind === 'cpu') {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
  } else {
    await session.post('HeapProfiler.startSampling');
  }
  return session;
}
