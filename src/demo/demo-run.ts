/**
 * Runs the demo: the bookinfo services in one child process, the real `sluice run` in another.
 * Both are gone when it ends, and it ends when either of them does. Both are in process groups of
 * their own, so that Ctrl-C comes to this process alone, which hands it on to the proxy: its open
 * requests still need the services.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { programModule } from '../base/program-files.ts';
import type { BookinfoMessage } from './bookinfo-process.ts';
import type { DemoPlan } from './demo-plan.ts';
import { demoText } from './demo-text.ts';

export interface DemoOutput {
  write(text: string): void;
  /** What the proxy says on standard error, as it comes. */
  echo(text: string): void;
  /** One line on standard error. */
  fail(message: string): void;
  readonly color: boolean;
}

/** What became of the proxy at its start. */
type ProxyStart = 'ready' | 'ports-taken' | 'refused';

/** Resolves with the exit code when the demo has ended. */
export async function runDemo(plan: DemoPlan, output: DemoOutput): Promise<number> {
  const services = spawnServices(plan);
  const failure = await servicesFailure(services);
  if (failure !== null) {
    output.fail(`${failure}; change it in ${bootstrapOf(plan)}, under workloads`);
    return 1;
  }
  const proxy = spawnProxy(plan);
  const ended = once(proxy, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  forwardSignals(proxy, output);
  services.once('exit', () => proxy.kill('SIGTERM'));
  const start = await startOf(proxy, output);
  if (start === 'ready') output.write(demoText(plan, output));
  if (start === 'ports-taken') {
    output.fail(
      `the demo has no such flags; its ports are in ${bootstrapOf(plan)}, under listeners`,
    );
  }
  const [code] = await ended;
  if (services.connected) services.disconnect();
  return code ?? 1;
}

function bootstrapOf(plan: DemoPlan): string {
  return relative('', join(plan.folder, 'bootstrap.yaml'));
}

function fileOf(path: string): string {
  return fileURLToPath(programModule(path));
}

function spawnServices(plan: DemoPlan): ChildProcess {
  const { mesh, workloads } = plan;
  return spawn(
    process.execPath,
    [fileOf('demo/bookinfo-process'), JSON.stringify({ mesh, workloads })],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true },
  );
}

async function servicesFailure(services: ChildProcess): Promise<string | null> {
  const told = once(services, 'message').then(([message]) => message as BookinfoMessage);
  const ended = once(services, 'exit').then(() => ({ failed: 'the sample services ended' }));
  const first = await Promise.race([told, ended]);
  return 'failed' in first ? first.failed : null;
}

function spawnProxy(plan: DemoPlan): ChildProcess {
  return spawn(process.execPath, [fileOf('main'), 'run', '-f', plan.folder], {
    stdio: ['ignore', 'inherit', 'pipe'],
    detached: true,
  });
}

/** The first signal drains the proxy, the second one stops it at once. */
function forwardSignals(proxy: ChildProcess, output: DemoOutput): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (!stopping) output.fail('stopping; open requests are answered first');
      stopping = true;
      proxy.kill(signal);
    });
  }
  process.on('SIGHUP', () => proxy.kill('SIGHUP'));
}

/**
 * Only what this proxy itself says counts: whatever else listens on its admin address would answer
 * in its place.
 */
function startOf(proxy: ChildProcess, output: DemoOutput): Promise<ProxyStart> {
  // A pipe, as it was spawned with one.
  const stderr = proxy.stderr as Readable;
  return new Promise((resolve) => {
    let said: string | null = '';
    stderr.setEncoding('utf8').on('data', (text: string) => {
      output.echo(text);
      if (said === null) return;
      said += text;
      if (!/^sluice: ready$/m.test(said)) return;
      said = null;
      resolve('ready');
    });
    proxy.once('close', () => {
      resolve(said?.includes('sluice: cannot listen on ') ? 'ports-taken' : 'refused');
    });
  });
}
