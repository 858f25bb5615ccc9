/** Looks into the process itself: V8's profiles and heap, and how late the event loop is. */

import type { Session } from 'node:inspector/promises';
import type { Readable } from 'node:stream';
import { getHeapSnapshot } from 'node:v8';
import { type EventLoopDelay, measureEventLoopDelay } from '../base/event-loop.ts';
import type { Timers } from '../base/timers.ts';

export type ProfileKind = 'cpu' | 'heap';

/** What nobody ends is ended then; longer than any `seconds` that can be asked for. */
const longestProfileMs = 65_000;

export class Diagnostics {
  readonly #timers: Timers;
  readonly #sessions = new Map<ProfileKind, Session>();
  readonly #starting = new Set<ProfileKind>();
  /** That reached their longest time and wait to be fetched. */
  readonly #finished = new Map<ProfileKind, string>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** False: a profile of this kind is being made already. */
  async startProfile(kind: ProfileKind): Promise<boolean> {
    if (this.#sessions.has(kind) || this.#starting.has(kind)) return false;
    this.#starting.add(kind);
    this.#finished.delete(kind);
    try {
      const session = await startSession(kind);
      this.#sessions.set(kind, session);
      this.#timers.set(longestProfileMs, () => void this.#finish(kind, session));
      return true;
    } finally {
      this.#starting.delete(kind);
    }
  }

  /** JSON of a `.cpuprofile` or `.heapprofile`; null: none has been started. */
  async stopProfile(kind: ProfileKind): Promise<string | null> {
    const session = this.#sessions.get(kind);
    if (session === undefined) return this.#takeFinished(kind);
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

  /** Nobody has ended it: it would grow for as long as the process lives. */
  async #finish(kind: ProfileKind, session: Session): Promise<void> {
    if (this.#sessions.get(kind) !== session) return;
    const profile = await this.stopProfile(kind);
    if (profile !== null) this.#finished.set(kind, profile);
  }

  #takeFinished(kind: ProfileKind): string | null {
    const profile = this.#finished.get(kind) ?? null;
    this.#finished.delete(kind);
    return profile;
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
