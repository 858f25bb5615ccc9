/** A worker process as the primary sees it: started, asked, told, and gone. */

import { type ChildProcess, fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { programModule } from '../../base/program-files.ts';
import type { Timers } from '../../base/timers.ts';
import type { ListeningHandle } from '../../transport/listening-handle.ts';
import type { HeldSocket } from '../takeover/takeover-protocol.ts';
import type { FromWorker, Notice, Order, Questions, ToWorker, WorkerStart } from './messages.ts';

/** Longer than a worker takes to start on a slow machine. */
const startMs = 30_000;

export interface WorkerHandleOptions {
  readonly start: WorkerStart;
  readonly timers: Timers;
  /** Its standard output is read by the primary, and is not the primary's own. */
  readonly pipesOutput: boolean;
  /** What the process runs; tests have one of their own. */
  readonly module?: URL;
  onNotice(notice: Notice): void;
}

interface Asked {
  resolve(content: unknown): void;
  reject(error: Error): void;
}

export class WorkerHandle {
  readonly number: number;
  /** How it ended, in words. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  readonly #timers: Timers;
  readonly #asked = new Map<number, Asked>();
  readonly #started = Promise.withResolvers<void>();
  /** Until they are asked for. */
  #lent: HeldSocket[] = [];
  #nextId = 1;
  #ended: string | null = null;

  constructor(options: WorkerHandleOptions) {
    const { start, timers, pipesOutput, onNotice } = options;
    this.number = start.number;
    this.#timers = timers;
    const module = options.module ?? programModule('runtime/workers/worker-process');
    this.#child = fork(fileURLToPath(module), {
      serialization: 'advanced',
      // Unheard, SIGUSR1 opens a debugger to every user of the machine.
      execArgv: [...process.execArgv, '--disable-sigusr1'],
      stdio: ['ignore', pipesOutput ? 'pipe' : 'inherit', 'inherit', 'ipc'],
    });
    this.exited = new Promise((resolve) => {
      const onEnd = (how: string): void => {
        this.#onEnd(how);
        resolve(how);
      };
      this.#child.once('exit', (code, signal) =>
        onEnd(signal === null ? `exit code ${code}` : `signal ${signal}`),
      );
      // The system may refuse to start one, or the channel may break.
      this.#child.on('error', (error) => {
        this.kill();
        onEnd(error.message);
      });
    });
    this.#child.on('message', (message: FromWorker, handle: unknown) => {
      if (message.kind !== 'socket') this.#onMessage(message, onNotice);
      else this.#lent.push({ ...message.socket, handle: handle as ListeningHandle });
    });
    // Whoever waits for the start is told; nobody may.
    this.#started.promise.catch(() => undefined);
    this.#send({ kind: 'start', start });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Whole lines of the access log; null where they go to the primary's own output. */
  get output(): Readable | null {
    return this.#child.stdout;
  }

  /** Resolves when it can be asked; rejects with one line for the user. */
  async started(): Promise<void> {
    const late = new Error(`a worker has not started within ${startMs / 1000} s`);
    const timer = this.#timers.set(startMs, () => this.#started.reject(late));
    try {
      await this.#started.promise;
    } finally {
      timer.cancel();
    }
  }

  /** Rejects when the worker refuses, ends, or gives no answer within `ms` milliseconds. */
  async ask<Kind extends keyof Questions>(
    question: Kind,
    content: Questions[Kind][0],
    ms: number,
  ): Promise<Questions[Kind][1]> {
    if (this.#ended !== null) throw this.#endError(this.#ended);
    const id = this.#nextId++;
    const answer = Promise.withResolvers<unknown>();
    this.#asked.set(id, answer);
    const late = new Error(`worker ${this.number} gives no answer`);
    const timer = this.#timers.set(ms, () => answer.reject(late));
    this.#send({ kind: 'question', id, question, content });
    try {
      return (await answer.promise) as Questions[Kind][1];
    } finally {
      timer.cancel();
      this.#asked.delete(id);
    }
  }

  tell(order: Order): void {
    this.#send({ kind: 'order', order });
  }

  /** Resolves when it has been sent, or cannot be. The caller keeps the handle. */
  give({ handle, ...socket }: HeldSocket): Promise<void> {
    const message: ToWorker = { kind: 'socket', socket };
    return new Promise((resolve) => {
      // The types of Node do not know that it may be one.
      this.#child.send(message, handle as never, () => resolve());
    });
  }

  /** What has come of `lend-sockets`. The handles are the caller's. */
  takeLent(): readonly HeldSocket[] {
    const lent = this.#lent;
    this.#lent = [];
    return lent;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #send(message: ToWorker): void {
    if (this.#ended !== null || !this.#child.connected) return;
    // That it cannot be sent is told by its end.
    this.#child.send(message, () => undefined);
  }

  #onMessage(
    message: Exclude<FromWorker, { kind: 'socket' }>,
    onNotice: (notice: Notice) => void,
  ): void {
    switch (message.kind) {
      case 'started':
        if (message.problem === null) this.#started.resolve();
        else this.#started.reject(new Error(message.problem));
        break;
      case 'notice':
        onNotice(message.notice);
        break;
      case 'answer':
        this.#asked.get(message.id)?.resolve(message.content);
        break;
      case 'refusal':
        this.#asked.get(message.id)?.reject(new Error(message.message));
        break;
    }
  }

  #onEnd(how: string): void {
    if (this.#ended !== null) return;
    this.#ended = how;
    const error = this.#endError(how);
    this.#started.reject(error);
    for (const { reject } of this.#asked.values()) reject(error);
  }

  #endError(how: string): Error {
    return new Error(`worker ${this.number} ended: ${how}`);
  }
}
