/**
 * Runs the demo: the bookinfo services in one child process, the real `sluice run` in another.
 * Both are gone when it ends, and it ends when either of them does. Both are in process groups of
 * their own, so that Ctrl-C comes to this process alone, which hands it on to the proxy: its open
 * requests still need the services.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../base/clock.ts';
import { siblingModule } from '../base/sibling-module.ts';
import { systemTimers } from '../base/timers.ts';
import type { BookinfoMessage } from './bookinfo-process.ts';
import type { DemoPlan } from './demo-plan.ts';
import { demoText } from './demo-text.ts';

export interface DemoOutput {
  write(text: string): void;
  /** One line on standard error. */
  fail(message: string): void;
  readonly color: boolean;
}

/** How long the proxy may take until its admin address says LIVE. */
const readyWithinMs = 15_000;
const readyPollMs = 25;

/** Resolves with the exit code when the demo has ended. */
export async function runDemo(plan: DemoPlan, output: DemoOutput): Promise<number> {
  const services = spawnServices(plan);
  const failure = await servicesFailure(services);
  if (failure !== null) {
    output.fail(`${failure}; addresses are in ${plan.folder}/bootstrap.yaml`);
    return 1;
  }
  const proxy = spawnProxy(plan);
  const proxyEnded = once(proxy, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  forwardSignals(proxy);
  services.once('exit', () => proxy.kill('SIGTERM'));
  if (await proxyIsReady(plan, proxy)) output.write(demoText(plan, output));
  const [code] = await proxyEnded;
  if (services.connected) services.disconnect();
  return code ?? 1;
}

function sibling(path: string): string {
  return fileURLToPath(siblingModule(path, import.meta.url));
}

function spawnServices(plan: DemoPlan): ChildProcess {
  const { mesh, workloads } = plan;
  return spawn(
    process.execPath,
    [sibling('./bookinfo-process'), JSON.stringify({ mesh, workloads })],
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
  return spawn(process.execPath, [sibling('../main'), 'run', '-f', plan.folder], {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
}

/** The first signal drains the proxy, the second one stops it at once. */
function forwardSignals(proxy: ChildProcess): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => proxy.kill(signal));
  }
}

async function proxyIsReady(plan: DemoPlan, proxy: ChildProcess): Promise<boolean> {
  const end = systemClock.now() + readyWithinMs;
  while (proxy.exitCode === null && proxy.signalCode === null && systemClock.now() < end) {
    if ((await readyStatus(plan)) === 200) return true;
    await new Promise<void>((resolve) => systemTimers.set(readyPollMs, resolve));
  }
  return false;
}

function readyStatus(plan: DemoPlan): Promise<number> {
  const { host, port } = plan.admin;
  return new Promise((resolve) => {
    const probe = get({ host, port, path: '/ready', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    probe.once('error', () => resolve(0));
  });
}
