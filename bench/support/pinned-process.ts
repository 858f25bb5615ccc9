/** A process bound to one core, with its output kept for the case that it fails. */

import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeExit } from './before-exit.ts';
import { findCommand } from './find-command.ts';

export interface PinnedProcess {
  readonly pid: number;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

export interface CommandOutput {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const startWithinMs = 30_000;

/** Whether processes can be pinned to two different cores here. */
export const canPin = availableParallelism() >= 2 && findCommand('taskset') !== null;

/** One core, or several as taskset names them: `0,1`. */
export type Cores = number | `${number},${number}`;

/** Starts a daemon and resolves when it accepts connections on `port`. */
export async function startPinned(
  core: Cores,
  command: readonly string[],
  port: number,
): Promise<PinnedProcess> {
  if (await accepts(port)) throw new Error(`somebody else listens on port ${port}`);
  const child = spawnPinned(core, command);
  const output = collect(child);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = performance.now() + startWithinMs;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > end) {
      child.kill('SIGKILL');
      throw new Error(`${command[0]} did not start: ${output().stderr || output().stdout}`);
    }
    await pause(20);
  }
  const stop = async () => {
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(killer);
  };
  return { pid: child.pid ?? 0, stop };
}

/** Runs a program to its end. `onStart` is told its pid. */
export async function runPinned(
  core: Cores,
  command: readonly string[],
  onStart?: (pid: number) => void,
): Promise<CommandOutput> {
  const child = spawnPinned(core, command);
  if (child.pid !== undefined) onStart?.(child.pid);
  const output = collect(child);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, ...output() };
}

function spawnPinned(core: Cores, command: readonly string[]): ChildProcess {
  const [program = '', ...args] = canPin ? ['taskset', '-c', String(core), ...command] : command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  endWithUs(child);
  return child;
}

const running = new Set<ChildProcess>();
let isFirst = true;

function endWithUs(child: ChildProcess): void {
  if (isFirst) beforeExit(endRunning);
  isFirst = false;
  running.add(child);
  child.once('close', () => running.delete(child));
}

function endRunning(): void {
  for (const child of running) {
    child.kill('SIGTERM');
    // A load may be stopped, which has to go on to end.
    child.kill('SIGCONT');
  }
}

function collect(child: ChildProcess): () => { stdout: string; stderr: string } {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-64 * 1024);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-64 * 1024);
  });
  return () => ({ stdout, stderr });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
