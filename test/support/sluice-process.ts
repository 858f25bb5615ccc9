/** Runs the real command as a child process, the way a user would. */

import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { spawnBound } from './bound-child.ts';
import { prepareChildEnvironment } from './child-environment.ts';
import { eventually, within } from './deadline.ts';

/** `SLUICE_MAIN` names another entry point: with `npm test` the built one, which starts faster. */
export const sluiceMain = resolve(
  process.env.SLUICE_MAIN ?? join(import.meta.dirname, '../../src/main.ts'),
);
/** Output kept of a process: enough to explain a failure. */
const outputLimit = 1024 * 1024;

/** Other tests may have the machine for long. */
const startupMs = 60_000;

/** For what takes no time, unless something hangs. */
const answerMs = 60_000;
const endMs = 15_000;

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ExitResult extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

/** A command that ends by itself: `sluice analyze`, `sluice version`, a refused `run`. */
export async function runCommand(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<ExitResult> {
  const child = spawnSluice(args, options);
  const output = collectOutput(child);
  child.stdin?.end(options.stdin ?? '');
  const killer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 30_000);
  const exit = await onceExited(child);
  clearTimeout(killer);
  return { ...exit, ...output.text() };
}

export interface StartOptions extends CommandOptions {
  /** How long the proxy may take until it is ready; a minute by default. */
  readonly startupMs?: number;
  /** Default: one that the system gives. */
  readonly adminPort?: number;
}

/** A running proxy; `start` returns when it says that it is ready. */
export class SluiceProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  #adminPort = 0;
  readonly #output: ReturnType<typeof collectOutput>;
  readonly #exited: Promise<Exit>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.#output = collectOutput(child);
    this.#exited = onceExited(child);
  }

  /** Starts `sluice run` with `args`; the admin address is added here. */
  static async start(args: readonly string[], options: StartOptions = {}): Promise<SluiceProcess> {
    // A port that was free a moment ago may be that of another process of the tests by now.
    const admin = `127.0.0.1:${options.adminPort ?? 0}`;
    const child = spawnSluice(['run', '--admin', admin, ...args], options);
    const started = new SluiceProcess(child);
    child.stdin?.end(options.stdin ?? '');
    return started.#onceItSaysSo(options.startupMs ?? startupMs);
  }

  /** The same without an admin API: it is ready when it says so. */
  static async startWithoutAdmin(args: readonly string[]): Promise<SluiceProcess> {
    const started = new SluiceProcess(spawnSluice(['run', '--admin', 'off', ...args], {}));
    return started.#onceItSaysSo(startupMs, false);
  }

  /** In the place of `other`, whose admin API answers until this one is ready. */
  static async takeOver(other: SluiceProcess, args: readonly string[]): Promise<SluiceProcess> {
    const place = ['--admin', `127.0.0.1:${other.adminPort}`, '--takeover'];
    const started = new SluiceProcess(spawnSluice(['run', ...place, ...args], {}));
    return started.#onceItSaysSo(startupMs);
  }

  /** Of its admin API; 0: it has none. */
  get adminPort(): number {
    return this.#adminPort;
  }

  get stdout(): string {
    return this.#output.text().stdout;
  }

  get stderr(): string {
    return this.#output.text().stderr;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** What the process ended with; fails if it is still running after `ms`. */
  async exited(ms = 15_000): Promise<ExitResult> {
    return { ...(await this.#ended(ms)), ...this.#output.text() };
  }

  /** Asks it to drain, and kills it if it is still there after `ms`. */
  async stop(ms = 10_000): Promise<ExitResult> {
    this.#child.kill('SIGTERM');
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), ms);
    const exit = await this.#ended(ms + endMs);
    clearTimeout(killer);
    return { ...exit, ...this.#output.text() };
  }

  /** Stops at once, without draining: for teardown. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended(endMs);
  }

  async admin(path: string, method = 'GET'): Promise<{ status: number; body: string }> {
    const signal = AbortSignal.timeout(answerMs);
    const response = await fetch(`http://127.0.0.1:${this.adminPort}${path}`, { method, signal });
    return { status: response.status, body: await response.text() };
  }

  /** Resident set, bytes. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  }

  openFiles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** Also those that it has started, who write where it does. */
  #ended(ms: number): Promise<Exit> {
    return within(ms, 'exit of sluice', this.#exited);
  }

  async #onceItSaysSo(ms: number, hasAdmin = true): Promise<SluiceProcess> {
    const isReady = (): boolean => this.stderr.includes('sluice: ready\n');
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    this.#exited.then(over, over);
    try {
      // Its end ends the wait, too: a wait that went on would keep the test from ending.
      await eventually('readiness of sluice', { within: ms }, () => isReady() || isOver);
      if (!isReady()) await this.#endedEarly();
      if (hasAdmin) this.#adminPort = this.#saidAdminPort();
    } catch (error) {
      this.#child.kill('SIGKILL');
      throw error;
    }
    return this;
  }

  #saidAdminPort(): number {
    const said = /^admin: http:\/\/[^/]*:(\d+)\/$/m.exec(this.stderr);
    if (said === null) throw new Error(`sluice names no admin API: ${this.stderr.trim()}`);
    return Number(said[1]);
  }

  async #endedEarly(): Promise<never> {
    await this.#exited;
    throw new Error(`sluice ended before it was ready: ${this.stderr.trim()}`);
  }
}

/** The command as a child, for tests that stop it by themselves. */
export function spawnSluice(args: readonly string[], options: CommandOptions): ChildProcess {
  return spawnBound(process.execPath, [sluiceMain, ...args], {
    cwd: options.cwd ?? process.cwd(),
    env: prepareChildEnvironment({ NO_COLOR: '1', ...options.env }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function collectOutput(child: ChildProcess): { text(): { stdout: string; stderr: string } } {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-outputLimit);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-outputLimit);
  });
  // A process that refuses its flags may be gone before it has read its input.
  child.stdin?.on('error', () => undefined);
  return { text: () => ({ stdout, stderr }) };
}

function onceExited(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}
