/** Plays a Markdown document: writes its files, applies its patches, runs its commands in order. */

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { spawnBound } from './bound-child.ts';
import { prepareChildEnvironment } from './child-environment.ts';
import { eventually, within } from './deadline.ts';
import { freePorts } from './free-port.ts';
import { sluiceMain } from './sluice-process.ts';
import { tempFolder } from './temp-folder.ts';

export type Step =
  /** `yaml` whose first line is a comment with a path. */
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'patch'; readonly text: string }
  /** A line of `sh`: it runs until the end, in a terminal of its own. */
  | { readonly kind: 'start'; readonly command: string }
  /** `$ command` in `console`, with the lines below it. */
  | { readonly kind: 'command'; readonly command: string; readonly output: readonly string[] };

/** In the order of the document; blocks of other languages are for the reader alone. */
export function stepsOf(markdown: string): Step[] {
  const blocks = markdown.matchAll(/^```([a-z]+)\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, language, text = '']) => stepsOfBlock(language ?? '', text));
}

function stepsOfBlock(language: string, text: string): Step[] {
  const lines = text.trimEnd().split('\n');
  const path = /^# (\S+)$/.exec(lines[0] ?? '')?.[1];
  if (language === 'yaml' && path !== undefined) return [{ kind: 'file', path, text }];
  if (language === 'diff') return [{ kind: 'patch', text }];
  if (language === 'sh') return lines.map((command) => ({ kind: 'start', command }));
  if (language !== 'console') return [];
  const commands: Array<{ kind: 'command'; command: string; output: string[] }> = [];
  for (const line of lines) {
    if (line.startsWith('$ '))
      commands.push({ kind: 'command', command: line.slice(2), output: [] });
    else commands.at(-1)?.output.push(line);
  }
  return commands;
}

export interface Played {
  /** Standard output and errors together, with the ports of the document. */
  readonly lines: readonly string[];
  readonly code: number | null;
}

const root = resolve(import.meta.dirname, '../..');
const identity = {
  GIT_AUTHOR_NAME: 'reader',
  GIT_AUTHOR_EMAIL: 'reader@example.com',
  GIT_COMMITTER_NAME: 'reader',
  GIT_COMMITTER_EMAIL: 'reader@example.com',
};

/** A folder in which `sluice`, `npx sluice` and `node_modules/sluice` are those of this checkout. */
export class DocumentPlayer {
  readonly #folder = tempFolder();
  readonly #ports: ReadonlyMap<string, string>;
  readonly #running: { readonly child: ChildProcess; readonly ended: Promise<unknown> }[] = [];

  private constructor(ports: ReadonlyMap<string, string>) {
    this.#ports = ports;
    const { path } = this.#folder;
    const sluice = `exec "${process.execPath}" "${sluiceMain}" "$@"\n`;
    // `npx --no -- sluice`.
    const programs = { sluice, npx: `shift 3\n${sluice}` };
    for (const [name, script] of Object.entries(programs)) {
      chmodSync(this.#folder.write(`bin/${name}`, `#!/bin/sh\n${script}`), 0o755);
    }
    symlinkSync(process.execPath, join(path, 'bin/node'));
    mkdirSync(join(path, 'shop/node_modules'), { recursive: true });
    symlinkSync(root, join(path, 'shop/node_modules/sluice'));
  }

  /** `ports`: those that the document names; free ones take their place. */
  static async create(ports: readonly number[]): Promise<DocumentPlayer> {
    const free = await freePorts(ports.length);
    const pairs = ports.map((port, index) => [String(port), String(free[index])] as const);
    const player = new DocumentPlayer(new Map(pairs));
    await player.run('git init -q -b main');
    return player;
  }

  write(path: string, text: string): void {
    const file = join(this.#shop, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, this.#withFreePorts(text));
  }

  async patch(text: string): Promise<Played> {
    return this.run('git apply -p0 -', text);
  }

  /** Resolves when something listens on each of the document's ports in `waitFor`. */
  async start(command: string, waitFor: readonly number[]): Promise<void> {
    const child = spawnBound('sh', ['-c', `exec ${this.#withFreePorts(command)}`], {
      cwd: this.#shop,
      env: this.#env(),
      stdio: 'ignore',
    });
    const ended = new Promise((done) => child.once('close', done));
    this.#running.push({ child, ended });
    await eventually(`${command} to listen`, { within: 60_000, every: 25 }, async () => {
      const open = await Promise.all(waitFor.map((port) => accepts(this.#free(port))));
      return open.every(Boolean);
    });
  }

  async run(command: string, stdin = ''): Promise<Played> {
    const child = spawn('sh', ['-c', `exec 2>&1; ${this.#withFreePorts(command)}`], {
      cwd: this.#shop,
      env: this.#env(),
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    // Most commands do not read it, and may be gone before it is written.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    const code = await new Promise<number | null>((done) => child.once('close', done));
    const text = this.#withShownPorts(output.trimEnd());
    return { lines: text === '' ? [] : text.split('\n'), code };
  }

  async close(): Promise<void> {
    for (const { child } of this.#running) child.kill('SIGTERM');
    const ended = this.#running.map(({ ended }) => ended);
    await within(20_000, 'the end of what was started', Promise.all(ended));
    this.#folder.remove();
  }

  /** Of the document's port. */
  #free(port: number): number {
    return Number(this.#ports.get(String(port)) ?? port);
  }

  get #shop(): string {
    return join(this.#folder.path, 'shop');
  }

  #withFreePorts(text: string): string {
    return text.replaceAll(/(?<=[:=] ?)\d{4,5}\b/g, (port) => this.#ports.get(port) ?? port);
  }

  #withShownPorts(text: string): string {
    const shown = new Map([...this.#ports].map(([port, free]) => [free, port]));
    return text.replaceAll(/(?<=:)\d{5}\b/g, (port) => shown.get(port) ?? port);
  }

  #env(): NodeJS.ProcessEnv {
    const { path } = this.#folder;
    return prepareChildEnvironment({
      PATH: `${join(path, 'bin')}:${process.env.PATH}`,
      HOME: path,
      ...identity,
    });
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
