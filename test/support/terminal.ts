/** A real terminal for commands: tmux runs them and tells what a person would see. */

import { execFileSync, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { prepareChildEnvironment } from './child-environment.ts';
import { sluiceMain } from './sluice-process.ts';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Why there is no terminal on this machine; null: there is. For `skip` of a test. */
export function terminalMissing(): string | null {
  const { error, status } = spawnSync('tmux', ['-V']);
  return error !== undefined || status !== 0 ? 'tmux is not installed' : null;
}

export class Terminal {
  readonly #socket = `sluice-test-${process.pid}-${randomInt(1 << 30)}`;

  /** Runs `sluice`; when it has ended there is a line `exit CODE`, and the terminal stays. */
  constructor(args: readonly string[], { columns, rows }: TerminalSize) {
    const size = ['-x', String(columns), '-y', String(rows)];
    const command = [process.execPath, sluiceMain, ...args].map((word) => `'${word}'`).join(' ');
    const shell = `${command}; echo exit $?; exec cat`;
    this.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, shell);
  }

  /** What stands on it, line by line, without empty lines at the end. */
  lines(): string[] {
    return this.#tmux('capture-pane', '-p').trimEnd().split('\n');
  }

  /** The same with its colours, as escape sequences. */
  coloured(): string {
    return this.#tmux('capture-pane', '-p', '-e');
  }

  /** Lines that have scrolled off the top are among these. */
  history(): string[] {
    return this.#tmux('capture-pane', '-p', '-S', '-').trimEnd().split('\n');
  }

  /** In tmux's names: `q`, `C-c`, `Enter`. */
  press(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  resize({ columns, rows }: TerminalSize): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  get showsAlternateScreen(): boolean {
    return this.#ask('#{alternate_on}') === '1';
  }

  get showsCursor(): boolean {
    return this.#ask('#{cursor_flag}') === '1';
  }

  /** Ends what runs in it. */
  close(): void {
    this.#tmux('kill-server');
  }

  #ask(format: string): string {
    return this.#tmux('display-message', '-p', format).trim();
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...args], {
      encoding: 'utf8',
      env: prepareChildEnvironment({ LC_ALL: 'C.UTF-8', NO_COLOR: '' }),
    });
  }
}
