/** The synthetic workloads of a load test, which run in a process of their own. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { programModule } from '../../base/program-files.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { FromUpstreams, ToUpstreams, UpstreamPlan, UpstreamReport } from './messages.ts';

export class Upstreams {
  /** Of all endpoints, in the order of the plan. */
  readonly ports: readonly number[];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, ports: readonly number[]) {
    this.#child = child;
    this.ports = ports;
  }

  static async start(plan: UpstreamPlan): Promise<Result<Upstreams, string>> {
    const child = fork(programModule('loadtest/upstream/upstreams-process'), [
      JSON.stringify(plan),
    ]);
    const told = await hear(child);
    if (told?.kind === 'ready') return ok(new Upstreams(child, told.ports));
    child.kill();
    const reason = told?.kind === 'failed' ? told.message : 'their process ended';
    return err(`the upstreams cannot start: ${reason}`);
  }

  /** Scripts count from `zeroWallMs`, milliseconds since the epoch. */
  begin(zeroWallMs: number): void {
    this.#tell({ kind: 'begin', zeroWallMs });
  }

  async report(): Promise<UpstreamReport | null> {
    this.#tell({ kind: 'report' });
    const told = await hear(this.#child);
    return told?.kind === 'report' ? told.report : null;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  #tell(message: ToUpstreams): void {
    if (this.#child.connected) this.#child.send(message);
  }
}

/** The next message; null when the process ends instead. */
async function hear(child: ChildProcess): Promise<FromUpstreams | null> {
  if (!child.connected) return null;
  const message = once(child, 'message').then(([told]) => told as FromUpstreams);
  return Promise.race([message, once(child, 'exit').then(() => null)]);
}
