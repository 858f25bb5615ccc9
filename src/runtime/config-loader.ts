/**
 * Has configuration read by a process of its own, which is let go of when it has been idle: a proxy
 * that only serves holds neither parser nor schemas.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { siblingModule } from '../base/sibling-module.ts';
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

/** The first message to the process; those that follow are requests, answered with a `LoadOutcome`. */
export interface ConfigStart {
  readonly flags: ProxyFlags;
  readonly privilegedPorts: boolean;
}

/** Unheard, SIGUSR1 opens a debugger to every user of the machine. */
const execArgv = ['--disable-sigusr1'];

/** An idle process is kept so long, for changes come in series. */
const idleMs = 10_000;

export class ConfigLoader {
  readonly #start: ConfigStart;
  readonly #timers: Timers;
  #process: ChildProcess | null = null;
  #timer: Timer | null = null;
  /** The last load of which everything was good: enough to bring another process up to date. */
  #lastClean: ConfigRequest | null = null;
  /** The process knows last good versions that are in no file any more. */
  #holdsLastGood = false;

  constructor(flags: ProxyFlags, privilegedPorts: boolean, timers: Timers) {
    this.#start = { flags, privilegedPorts };
    this.#timers = timers;
  }

  /** One at a time. Rejects if the process breaks down; the next load starts another one. */
  async load(request: ConfigRequest): Promise<LoadOutcome> {
    this.#timer?.cancel();
    if (this.#process === null) await this.#launch();
    const outcome = await this.#ask(request);
    this.#holdsLastGood = isUnclean(request, outcome);
    if (!this.#holdsLastGood) this.#lastClean = request;
    this.#timer = this.#timers.set(idleMs, () => this.#letGo());
    return outcome;
  }

  close(): void {
    this.#timer?.cancel();
    this.#process?.disconnect();
    this.#process = null;
  }

  async #launch(): Promise<void> {
    const module = fileURLToPath(siblingModule('./config-process', import.meta.url));
    const started = fork(module, { serialization: 'advanced', execArgv });
    const forget = (): void => {
      if (this.#process === started) this.#process = null;
    };
    started.once('exit', forget);
    // The system may refuse to start one, or the channel may break: the load that waits is told.
    started.on('error', forget);
    this.#process = started;
    started.send(this.#start);
    if (this.#lastClean !== null) await this.#ask(this.#lastClean);
  }

  #ask(request: ConfigRequest): Promise<LoadOutcome> {
    const asked = this.#process;
    return new Promise((resolve, reject) => {
      if (asked === null) {
        reject(new Error('the configuration process has ended'));
        return;
      }
      const onEnd = (reason: unknown): void => {
        const why = reason instanceof Error ? reason.message : `exit code ${reason ?? 'none'}`;
        reject(new Error(`the configuration process broke down: ${why}`));
      };
      asked.once('exit', onEnd);
      asked.once('error', onEnd);
      asked.once('message', (outcome) => {
        asked.off('exit', onEnd);
        asked.off('error', onEnd);
        // An idle process does not keep this one alive.
        asked.unref();
        asked.channel?.unref();
        resolve(outcome as LoadOutcome);
      });
      asked.ref();
      asked.channel?.ref();
      asked.send(request);
    });
  }

  #letGo(): void {
    if (!this.#holdsLastGood) this.close();
  }
}

function isUnclean(request: ConfigRequest, outcome: LoadOutcome): boolean {
  return [...request.findings, ...outcome.findings].some(({ severity }) => severity === 'error');
}
