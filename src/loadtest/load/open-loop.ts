/**
 * The open-loop driver: sends requests when they are due, whether or not earlier ones are answered,
 * and counts latency from when a request was due. A proxy that stalls thus shows in all requests
 * that would have come meanwhile (no coordinated omission).
 */

import type { Clock } from '../../base/clock.ts';
import type { Timers } from '../../base/timers.ts';
import { LatencyHistogram } from '../latency-histogram.ts';
import type { Answer, FailureKind, RequestLog } from '../request-log.ts';
import type { RequestMix } from '../request-mix.ts';
import type { AnswerListener } from './answer-reader.ts';
import type { LoadClient } from './load-client.ts';

export interface OpenLoopOptions {
  /** Ascending times in milliseconds; those below 0 are not counted. */
  readonly due: Iterator<number>;
  readonly mix: RequestMix;
  readonly client: LoadClient;
  readonly log: RequestLog;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly timeoutMs: number;
  /** By the clock: when time 0 is. */
  readonly zero: number;
  readonly signal: AbortSignal;
}

/**
 * Timers fire a little late. A request that left within this time of when it was due counts from
 * when it left; a later one counts from when it was due.
 */
const timerPrecisionMs = 1;

/** Wakes at most this often, milliseconds: at high rates each wake sends several requests. */
const shortestWaitMs = 0.2;

/** Requests without an answer at one time; further ones fail at once. */
const maxPending = 100_000;

/** How often timeouts are looked for, milliseconds. */
const sweepMs = 10;

export interface OpenLoopResult {
  /** By how much the driver itself was late, for each request that it sent. */
  readonly lateness: LatencyHistogram;
}

export class OpenLoop {
  readonly #options: OpenLoopOptions;
  /** Oldest first: all have the same timeout. */
  readonly #pending = new Set<PendingRequest>();
  readonly #finished = Promise.withResolvers<OpenLoopResult>();
  #next: number | null = null;
  readonly #lateness = new LatencyHistogram();

  constructor(options: OpenLoopOptions) {
    this.#options = options;
  }

  /** Resolves when every request has ended; all of them are in the log. */
  run(): Promise<OpenLoopResult> {
    this.#advance();
    this.#turn();
    return this.#finished.promise;
  }

  forget(request: PendingRequest): void {
    this.#pending.delete(request);
  }

  #now(): number {
    return this.#options.clock.now() - this.#options.zero;
  }

  #advance(): void {
    const { due, signal } = this.#options;
    const result = signal.aborted ? null : due.next();
    this.#next = result === null || result.done === true ? null : result.value;
  }

  #turn(): void {
    const { timers, signal } = this.#options;
    for (let now = this.#now(); this.#next !== null && this.#next <= now; ) {
      this.#send(this.#next, now);
      this.#advance();
    }
    if (signal.aborted) {
      this.#next = null;
      this.#giveUp(Infinity, 'unfinished');
    }
    this.#giveUp(this.#now() - this.#options.timeoutMs, 'timeout');
    if (this.#next === null && this.#pending.size === 0) {
      this.#finished.resolve({ lateness: this.#lateness });
      return;
    }
    const wait = this.#next === null ? sweepMs : Math.min(sweepMs, this.#next - this.#now());
    timers.set(Math.max(shortestWaitMs, wait), () => this.#turn());
  }

  #send(dueMs: number, nowMs: number): void {
    const { client, log, mix, clock, zero } = this.#options;
    const isWarmUp = dueMs < 0;
    const request = mix.next(isWarmUp);
    const lateMs = nowMs - dueMs;
    if (!isWarmUp) this.#lateness.record(lateMs);
    const index = isWarmUp ? null : log.begin(dueMs, request.kind, request.key);
    if (this.#pending.size >= maxPending) {
      if (index !== null) log.failed(index, 'dropped', 0);
      return;
    }
    const fromMs = lateMs <= timerPrecisionMs ? nowMs : dueMs;
    const sink = index === null ? null : { log, index };
    const pending = new PendingRequest({ loop: this, sink, fromMs, zero, clock });
    this.#pending.add(pending);
    pending.cancel = client.send(request, pending);
  }

  /** Those that count from `latestMs` or before. */
  #giveUp(latestMs: number, failure: FailureKind): void {
    for (const pending of this.#pending) {
      if (pending.fromMs > latestMs) return;
      pending.cancel?.();
      pending.onFailure(failure);
    }
  }
}

interface PendingOptions {
  readonly loop: OpenLoop;
  /** null: of the warm-up. */
  readonly sink: { readonly log: RequestLog; readonly index: number } | null;
  readonly fromMs: number;
  readonly zero: number;
  readonly clock: Clock;
}

class PendingRequest implements AnswerListener {
  readonly fromMs: number;
  readonly #options: PendingOptions;
  cancel: (() => void) | null = null;

  constructor(options: PendingOptions) {
    this.#options = options;
    this.fromMs = options.fromMs;
  }

  onAnswer(answer: Answer): void {
    const { loop, sink } = this.#options;
    loop.forget(this);
    sink?.log.answered(sink.index, answer, this.#latencyMs());
  }

  onFailure(failure: FailureKind): void {
    const { loop, sink } = this.#options;
    loop.forget(this);
    sink?.log.failed(sink.index, failure, this.#latencyMs());
  }

  #latencyMs(): number {
    const { clock, zero } = this.#options;
    return clock.now() - zero - this.fromMs;
  }
}
