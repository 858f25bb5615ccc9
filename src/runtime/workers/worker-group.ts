/**
 * The workers of a primary: starts them, has all or none of them serve a configuration, and puts
 * another in the place of one that ends.
 */

import type { Clock } from '../../base/clock.ts';
import type { Timer, Timers } from '../../base/timers.ts';
import type { EndpointHealth } from '../../cluster/health/health-leader.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Secrets } from '../secret-store.ts';
import type { Order, Questions, WorkerConfig, WorkerReport } from './messages.ts';
import type { WorkerHandle } from './worker-handle.ts';

/** A configuration takes longer than this on no machine: a worker hangs. */
const publishMs = 60_000;
/** One that lived so long has not died of its start. */
const soundMs = 10_000;
/** Before another one is started in the place of one that died early; doubles up to the longest. */
const shortestPauseMs = 100;
const longestPauseMs = 10_000;
/** What a worker gets beyond the drain time before it is killed. */
const graceMs = 5_000;

export interface WorkerGroupParts {
  readonly size: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Starts a process. `number`: from 1, which one that takes its place has again. */
  spawn(number: number): WorkerHandle;
  /** Of all endpoints, as it is now: for a worker that takes the place of another. */
  health(): readonly EndpointHealth[];
  /** It serves from now on. */
  onJoin(worker: WorkerHandle): void;
  /** It is gone. */
  onLeave(worker: WorkerHandle): void;
}

export class WorkerGroup {
  readonly #parts: WorkerGroupParts;
  /** Those that can be asked. */
  readonly #workers = new Set<WorkerHandle>();
  readonly #pauses = new Set<Timer>();
  /** One after the other: publishing, and starting in the place of others. */
  #work: Promise<unknown> = Promise.resolve();
  /** null before the first was published. */
  #config: WorkerConfig | null = null;
  /** By number: how often in a row one has died early. */
  readonly #earlyDeaths = new Map<number, number>();
  /** In the place of another; null while none is started. */
  #starting: WorkerHandle | null = null;
  #stopping = false;

  constructor(parts: WorkerGroupParts) {
    this.#parts = parts;
  }

  get workers(): readonly WorkerHandle[] {
    return [...this.#workers];
  }

  get size(): number {
    return this.#parts.size;
  }

  /** All are there, and serve. */
  get isWhole(): boolean {
    return this.#config !== null && this.#workers.size === this.#parts.size;
  }

  /** Starts all of them. Rejects, with none left, where one does not start. */
  async start(): Promise<void> {
    const numbers = Array.from({ length: this.#parts.size }, (_, index) => index + 1);
    const spawned = numbers.map((number) => this.#parts.spawn(number));
    try {
      await Promise.all(spawned.map((worker) => worker.started()));
    } catch (error) {
      for (const worker of spawned) worker.kill();
      throw error;
    }
    for (const worker of spawned) this.#join(worker);
  }

  /** Has all of them serve it; rejects where one cannot, and then none does. */
  publish(config: WorkerConfig, health: readonly EndpointHealth[]): Promise<void> {
    return this.#inTurn(() => this.#publish(config, health));
  }

  /** Certificates have been renewed. */
  renewSecrets(secrets: Secrets): void {
    if (this.#config !== null) this.#config = { ...this.#config, secrets };
    this.tell({ kind: 'secrets', secrets });
  }

  tell(order: Order): void {
    for (const worker of this.#workers) worker.tell(order);
  }

  /** Of those that answer. */
  async ask<Kind extends keyof Questions>(
    question: Kind,
    content: Questions[Kind][0],
    ms: number,
  ): Promise<Map<WorkerHandle, Questions[Kind][1]>> {
    const answers = new Map<WorkerHandle, Questions[Kind][1]>();
    await Promise.all(
      this.workers.map(async (worker) => {
        try {
          answers.set(worker, await worker.ask(question, content, ms));
        } catch {
          // It has ended, or hangs: what it said before counts.
        }
      }),
    );
    return answers;
  }

  /**
   * Lets open requests end, at most `drainMs`. Resolves when no process is left. `gently`: see
   * `ListenerSet.shutDown`.
   */
  async stop(drainMs: number, gently = false): Promise<Map<WorkerHandle, WorkerReport>> {
    this.#stopping = true;
    for (const pause of this.#pauses) pause.cancel();
    this.#starting?.kill();
    const workers = this.workers;
    const reports = await this.ask('stop', { drainMs, gently }, drainMs + graceMs);
    for (const worker of workers) if (!reports.has(worker)) worker.kill();
    const late = this.#parts.timers.set(graceMs, () => {
      for (const worker of workers) worker.kill();
    });
    await Promise.all(workers.map((worker) => worker.exited));
    late.cancel();
    await this.#work;
    return reports;
  }

  /** For a start that has failed. */
  kill(): void {
    this.#stopping = true;
    for (const worker of this.#workers) worker.kill();
  }

  async #publish(config: WorkerConfig, health: readonly EndpointHealth[]): Promise<void> {
    const workers = this.workers;
    const prepared = await Promise.allSettled(
      workers.map((worker) => worker.ask('prepare', { ...config, health }, publishMs)),
    );
    const refusal = prepared.find((each) => each.status === 'rejected');
    if (refusal !== undefined) {
      await this.ask('discard', null, publishMs);
      throw refusal.reason;
    }
    this.#config = config;
    await Promise.all(workers.map((worker) => this.#publishTo(worker)));
  }

  async #publishTo(worker: WorkerHandle): Promise<void> {
    try {
      const unbound = await worker.ask('publish', null, publishMs);
      if (unbound.length === 0) return;
      const fields = { worker: worker.number, listeners: unbound.join(', ') };
      this.#parts.log.error('a worker cannot open listeners', fields);
    } catch (error) {
      // The one that takes its place does.
      this.#parts.log.error((error as Error).message, { worker: worker.number });
      worker.kill();
    }
  }

  #join(worker: WorkerHandle): void {
    const { clock, log, onJoin, onLeave } = this.#parts;
    const joinedAt = clock.now();
    this.#workers.add(worker);
    onJoin(worker);
    void worker.exited.then((how) => {
      this.#workers.delete(worker);
      onLeave(worker);
      if (this.#stopping) return;
      const { number } = worker;
      const early = clock.now() - joinedAt < soundMs;
      log.error('a worker ended, another takes its place', { worker: number, reason: how });
      this.#replace(number, early);
    });
  }

  #replace(number: number, early: boolean): void {
    const deaths = early ? (this.#earlyDeaths.get(number) ?? 0) + 1 : 0;
    this.#earlyDeaths.set(number, deaths);
    const pauseMs = deaths < 2 ? 0 : Math.min(shortestPauseMs * 2 ** (deaths - 2), longestPauseMs);
    const pause = this.#parts.timers.set(pauseMs, () => {
      this.#pauses.delete(pause);
      void this.#inTurn(() => this.#startAnother(number));
    });
    this.#pauses.add(pause);
  }

  async #startAnother(number: number): Promise<void> {
    if (this.#stopping) return;
    const worker = this.#parts.spawn(number);
    this.#starting = worker;
    try {
      await worker.started();
      if (this.#config !== null) {
        const health = this.#parts.health();
        await worker.ask('prepare', { ...this.#config, health }, publishMs);
        await worker.ask('publish', null, publishMs);
      }
    } catch (error) {
      worker.kill();
      this.#parts.log.error('a worker did not start', { reason: (error as Error).message });
      if (!this.#stopping) this.#replace(number, true);
      return;
    } finally {
      this.#starting = null;
    }
    this.#join(worker);
    if (this.#stopping) worker.kill();
    else this.#parts.log.info('a worker has started', { worker: number, pid: worker.pid });
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => undefined);
    return done;
  }
}
