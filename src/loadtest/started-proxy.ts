/** The proxy under load where the load test starts it: the real `sluice run`, on free ports. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../base/clock.ts';
import { programModule } from '../base/program-files.ts';
import { err, ok, type Result } from '../base/result.ts';
import { systemTimers } from '../base/timers.ts';
import type { Problem } from '../config/problem.ts';
import { badValue } from './bad-value.ts';
import type { Target } from './scenario.ts';

export interface StartedProxyOptions {
  readonly target: Extract<Target, { readonly kind: 'started' }>;
  /** Files and folders, instead of those of the target. */
  readonly config: readonly string[];
  /** Workload and address of each endpoint that it is to know. */
  readonly workloads: readonly (readonly [name: string, address: string])[];
  readonly seed: number;
}

/** Output that is kept to explain a failure. */
const maxOutput = 64 * 1024;
/** Lines of its last words. */
const maxLastLines = 5;
/** How long it may take to end before it is killed, milliseconds. */
const stopMs = 3_000;

/** That the proxy ended while it was needed. */
export interface ProxyEnd {
  /** By the clock. */
  readonly at: number;
  /** For people: `killed by SIGKILL`, `ended with exit code 1`. */
  readonly how: string;
  /** Of what it wrote on standard error. */
  readonly lastLines: readonly string[];
}

export class StartedProxy {
  /** `HOST:PORT` of the listener that gets the load. */
  readonly address: string;
  readonly listenerName: string;
  readonly admin: string;
  readonly #child: ChildProcess;
  readonly #gone = new AbortController();
  #end: ProxyEnd | null = null;

  private constructor(child: ChildProcess, output: Output, listener: OpenedListener | null) {
    this.#child = child;
    this.address = listener?.address ?? '';
    this.listenerName = listener?.name ?? '';
    this.admin = output.adminAddress() ?? '';
    // Once its pipe is read to the end: its last words say why.
    child.once('close', (code, signal) => {
      const how = signal === null ? `ended with exit code ${code}` : `killed by ${signal}`;
      this.#end = { at: systemClock.now(), how, lastLines: output.lastLines() };
      this.#gone.abort();
    });
  }

  static async start(options: StartedProxyOptions): Promise<Result<StartedProxy, Problem>> {
    const child = spawn(process.execPath, [mainModule(), ...flagsOf(options)], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // Ctrl-C is for the load test, which ends it.
      detached: true,
    });
    // A pipe, as it was spawned with one.
    const output = new Output(child.stderr as Readable);
    const ended = once(child, 'close').then(() => false);
    const isReady = await Promise.race([output.ready, ended]);
    if (!isReady) return err(output.problem());
    const listener = output.listener(options.target);
    const started = new StartedProxy(child, output, listener);
    if (listener !== null && started.admin !== '') return ok(started);
    await started.stop();
    const { kind, port } = options.target.listener;
    const field = kind === 'mesh' ? 'servicePort' : 'gatewayPort';
    return err(badValue(['target', field], `the proxy has no ${kind} listener for port ${port}`));
  }

  /** Aborts when the proxy has ended. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** null: it has not. */
  get end(): ProxyEnd | null {
    return this.#end;
  }

  async stop(): Promise<void> {
    if (this.#end !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    const killer = systemTimers.set(stopMs, () => this.#child.kill('SIGKILL'));
    await closed;
    killer.cancel();
  }
}

function mainModule(): string {
  return fileURLToPath(programModule('main'));
}

function flagsOf({ target, config, workloads, seed }: StartedProxyOptions): string[] {
  const { kind, port } = target.listener;
  return [
    'run',
    ...config.flatMap((path) => ['-f', path]),
    ...['--admin', '127.0.0.1:0', '--access-log', 'off', '--seed', String(seed)],
    ...['--drain-time', '0s', '--outbound', kind === 'mesh' ? `127.0.0.1:0=${port}` : 'off'],
    ...(kind === 'gateway' ? ['--port', `${port}=0`] : []),
    ...(target.labels === null ? [] : ['--labels', target.labels]),
    ...(target.locality === null ? [] : ['--locality', target.locality]),
    ...workloads.flatMap(([name, address]) => ['--workload', `${name}=${address}`]),
  ];
}

interface OpenedListener {
  readonly name: string;
  readonly address: string;
}

/** What the proxy says, as far as it is of use. */
class Output {
  readonly ready: Promise<boolean>;
  #text = '';

  constructor(stderr: Readable) {
    const ready = Promise.withResolvers<boolean>();
    this.ready = ready.promise;
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#text = (this.#text + text).slice(-maxOutput);
      if (/^sluice: ready$/m.test(this.#text)) ready.resolve(true);
    });
  }

  listener({ listener: { kind, port } }: StartedProxyOptions['target']): OpenedListener | null {
    const opened = this.#text.matchAll(/^(\S+): listening on (\S+:\d+) for port (\d+)/gm);
    const found = [...opened].find(
      ([, name = '', , servicePort]) => kindOf(name) === kind && servicePort === String(port),
    );
    if (found === undefined) return null;
    const [, name = '', address = ''] = found;
    return { name, address };
  }

  adminAddress(): string | null {
    return /^admin: http:\/\/(\S+?)\/$/m.exec(this.#text)?.[1] ?? null;
  }

  lastLines(): readonly string[] {
    const lines = this.#text.split('\n').filter((line) => line.trim() !== '');
    return lines.slice(-maxLastLines);
  }

  /** By the first line that says why, which may be about a flag that a field became. */
  problem(): Problem {
    const [line = ''] = this.#text.trim().split('\n');
    const why = line === '' ? 'it ended without a word' : line.replace(/^sluice: /, '');
    const [, field = 'config'] = /^--(labels|locality): /.exec(why) ?? [];
    return badValue(['target', field], `the proxy does not start: ${why}`);
  }
}

/** Of a listener by its name, `outbound_127.0.0.1_15001`. */
function kindOf(name: string): 'mesh' | 'gateway' | 'inbound' {
  if (name.startsWith('outbound_')) return 'mesh';
  return name.startsWith('inbound_') ? 'inbound' : 'gateway';
}
