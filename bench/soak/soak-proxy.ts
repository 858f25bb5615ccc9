/** The proxy under the soak: the real `sluice run`, and everything that can be seen of it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { LivingObjects, ProbeAnswer, ProbedMemory, ProbeRequest } from './proxy-probe.ts';

export interface SoakProxyOptions {
  /** Entry point of sluice. */
  readonly main: string;
  readonly rules: string;
  readonly port: number;
  readonly adminPort: number;
  /** Words before its command line. */
  readonly prefix: readonly string[];
}

/** Output that is kept to explain a failure. */
const maxOutput = 256 * 1024;
const startMs = 30_000;
const stopMs = 15_000;

export class SoakProxy {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #adminPort: number;
  #output = '';

  private constructor(child: ChildProcess, adminPort: number) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.#adminPort = adminPort;
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      this.#output = (this.#output + piece).slice(-maxOutput);
    });
  }

  static async start(options: SoakProxyOptions): Promise<SoakProxy> {
    const { main, rules, port, adminPort, prefix } = options;
    const probe = join(import.meta.dirname, 'proxy-probe.ts');
    const [program = '', ...args] = [
      ...[...prefix, process.execPath, '--disable-warning=ExperimentalWarning'],
      ...['--expose-gc', '--import', probe, main, 'run', '-f', rules],
      ...['--port', `8080=${port}`, '--outbound', 'off', '--access-log', 'off'],
      ...['--admin', `127.0.0.1:${adminPort}`],
    ];
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const proxy = new SoakProxy(child, adminPort);
    const end = performance.now() + startMs;
    while (!proxy.output.includes('sluice: ready\n')) {
      if (child.exitCode !== null || performance.now() > end) {
        child.kill('SIGKILL');
        throw new Error(`the proxy did not start: ${proxy.output}`);
      }
      await pause(20);
    }
    return proxy;
  }

  get output(): string {
    return this.#output;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  memory(): Promise<ProbedMemory> {
    return this.#ask('memory');
  }

  count(): Promise<LivingObjects> {
    return this.#ask('counts');
  }

  /** Sum of the gauges whose names end so, by ending. */
  async sumOfGauges(endings: readonly string[]): Promise<Readonly<Record<string, number>>> {
    const lines = (await this.#admin('/stats')).split('\n');
    const sum = (ending: string): number =>
      lines
        .filter((line) => line.slice(0, line.indexOf(':')).endsWith(ending))
        .reduce((total, line) => total + Number(line.slice(line.indexOf(':') + 1)), 0);
    return Object.fromEntries(endings.map((ending) => [ending, sum(ending)]));
  }

  /** Statistics that are not 0 and whose names have one of these words, as `NAME: COUNT`. */
  async statistics(words: readonly string[]): Promise<readonly string[]> {
    const lines = (await this.#admin('/stats')).split('\n');
    return lines.filter((line) => words.some((word) => line.includes(word)) && !/: 0$/.test(line));
  }

  /** TCP sockets of the process, as `LOCAL REMOTE STATE` in the digits of the kernel. */
  tcpSockets(): readonly string[] {
    const known = new Map<string, string>();
    for (const family of ['tcp', 'tcp6']) {
      const lines = readFileSync(`/proc/${this.pid}/net/${family}`, 'latin1').split('\n').slice(1);
      for (const line of lines) {
        const [, local, remote, state, , , , , , inode = ''] = line.trim().split(/\s+/);
        known.set(`socket:[${inode}]`, `${local} ${remote} ${state}`);
      }
    }
    return this.#links().flatMap((link) => known.get(link) ?? []);
  }

  /** What its file descriptors lead to. */
  openFiles(): readonly string[] {
    return this.#links();
  }

  /** Resolves with the exit code; null when it had to be killed. */
  async stop(): Promise<number | null> {
    if (this.hasEnded) return this.#child.exitCode;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), stopMs);
    await ended;
    clearTimeout(killer);
    return this.#child.exitCode;
  }

  #links(): string[] {
    const folder = `/proc/${this.pid}/fd`;
    return readdirSync(folder).flatMap((name) => {
      try {
        return [readlinkSync(join(folder, name))];
      } catch {
        // It was closed meanwhile.
        return [];
      }
    });
  }

  async #ask<Answer>(request: ProbeRequest): Promise<Answer> {
    const answer = once(this.#child, 'message');
    this.#child.send(request);
    const said = (await answer)[0] as ProbeAnswer;
    if ('error' in said) throw new Error(`the probe of the proxy failed: ${said.error}`);
    return said.value as Answer;
  }

  /** On a connection of its own, which does not stay. */
  #admin(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const asked = get({ host: '127.0.0.1', port: this.#adminPort, path, agent: false });
      asked.on('error', reject);
      asked.on('response', (response) => text(response).then(resolve, reject));
    });
  }
}
