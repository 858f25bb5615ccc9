/**
 * Has configuration read by a process of its own, which is let go of when it has been idle: a proxy
 * that only serves holds neither parser nor schemas.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { programModule } from '../base/program-files.ts';
import type { Timer, Timers } from '../base/timers.ts';
import type { Finding } from '../config/finding.ts';
import type { SourceFile } from '../config/parse/source-file.ts';
import type { ProxyFlags } from '../config/settings/proxy-flags.ts';
import type { LoadOutcome } from './config-store.ts';

/** All files as they are now, and which could not be read. */
export interface ConfigRequest {
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
}

/** The first message to the process; those that follow are requests, each with its answer. */
export interface ConfigStart {
  readonly flags: ProxyFlags;
  readonly firstBindablePort: number;
}

export type ConfigAnswer =
  | { readonly kind: 'outcome'; readonly outcome: LoadOutcome }
  /** A mistake of sluice itself: no configuration may make it throw. */
  | { readonly kind: 'defect'; readonly message: string };

/** Unheard, SIGUSR1 opens a debugger to every user of the machine. */
const execArgv = ['--disable-sigusr1'];

/** An idle process is kept so long, for changes come in series. */
const idleMs = 10_000;

/** Longer than the largest configuration takes on a slow machine: it hangs. */
const answerMs = 60_000;

/** Loads that are kept to bring another process up to date. */
const maxReplayed = 8;

export class ConfigLoader {
  readonly #start: ConfigStart;
  readonly #timers: Timers;
  readonly #module: URL;
  #process: ChildProcess | null = null;
  #timer: Timer | null = null;
  /**
   * The last load of which everything was good, then those since: what another process must read
   * to know the last good version of everything.
   */
  #replayed: ConfigRequest[] = [];
  /** The process knows last good versions that are in no file any more. */
  #holdsLastGood = false;

  /** `module` is what the process runs; tests have one of their own. */
  constructor(
    start: ConfigStart,
    timers: Timers,
    module: URL = programModule('runtime/config-process'),
  ) {
    this.#start = start;
    this.#timers = timers;
    this.#module = module;
  }

  /** One at a time. Rejects if the process breaks down; the next load starts another one. */
  async load(request: ConfigRequest): Promise<LoadOutcome> {
    this.#timer?.cancel();
    const outcome = await this.#ask(this.#process ?? (await this.#launch()), request);
    this.#holdsLastGood = isUnclean(request, outcome);
    if (!this.#holdsLastGood) this.#replayed = [];
    else if (this.#replayed.length === maxReplayed) this.#replayed.splice(1, 1);
    this.#replayed.push(request);
    this.#timer = this.#timers.set(idleMs, () => this.#letGo());
    return outcome;
  }

  /** A load under way is rejected. */
  close(): void {
    this.#timer?.cancel();
    this.#process?.kill('SIGKILL');
    this.#process = null;
  }

  async #launch(): Promise<ChildProcess> {
    const started = fork(fileURLToPath(this.#module), { serialization: 'advanced', execArgv });
    const forget = (): void => {
      if (this.#process === started) this.#process = null;
    };
    started.once('exit', forget);
    // The system may refuse to start one, or the channel may break: the load that waits is told.
    started.on('error', forget);
    this.#process = started;
    started.send(this.#start);
    for (const request of this.#replayed) await this.#ask(started, request);
    return started;
  }

  async #ask(asked: ChildProcess, request: ConfigRequest): Promise<LoadOutcome> {
    let isLate = false;
    const timer = this.#timers.set(answerMs, () => {
      isLate = true;
      asked.kill('SIGKILL');
    });
    try {
      const answer = await exchange(asked, request);
      if (answer.kind === 'outcome') return answer.outcome;
      // Who knows what state it is in.
      asked.kill('SIGKILL');
      if (this.#process === asked) this.#process = null;
      throw new Error(answer.message);
    } catch (error) {
      if (!isLate) throw error;
      throw new Error(`the configuration process gave no answer within ${answerMs / 1000} s`);
    } finally {
      timer.cancel();
    }
  }

  #letGo(): void {
    if (this.#holdsLastGood) return;
    this.#process?.disconnect();
    this.#process = null;
  }
}

function exchange(asked: ChildProcess, request: ConfigRequest): Promise<ConfigAnswer> {
  return new Promise((resolve, reject) => {
    const onEnd = (reason: Error | number | null, signal?: string): void => {
      const exit = reason === null ? `signal ${signal}` : `exit code ${reason}`;
      const why = reason instanceof Error ? reason.message : exit;
      reject(new Error(`the configuration process broke down: ${why}`));
    };
    asked.once('exit', onEnd);
    asked.once('error', onEnd);
    asked.once('message', (answer) => {
      asked.off('exit', onEnd);
      asked.off('error', onEnd);
      // An idle process does not keep this one alive.
      asked.unref();
      asked.channel?.unref();
      resolve(answer as ConfigAnswer);
    });
    asked.ref();
    asked.channel?.ref();
    asked.send(request);
  });
}

function isUnclean(request: ConfigRequest, outcome: LoadOutcome): boolean {
  if (outcome.keepsSecrets) return true;
  return [...request.findings, ...outcome.findings].some(({ severity }) => severity === 'error');
}
