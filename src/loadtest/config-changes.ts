/** Changes of the configuration under load, in a copy of its files. */

import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import type { Timer, Timers } from '../base/timers.ts';
import type { Change } from './scenario.ts';

/** A change that was made. */
export interface ChangeRecord {
  /** Milliseconds since the end of the warm-up. */
  readonly atMs: number;
  readonly file: string;
}

interface PreparedChange {
  readonly change: Change;
  /** File of the copy that changes. */
  readonly path: string;
  /** What it gets, in turns. */
  readonly texts: readonly string[];
}

export class ConfigChanges {
  /** Files and folders that the proxy is started with. */
  readonly paths: readonly string[];
  readonly records: ChangeRecord[] = [];
  readonly #folder: string;
  readonly #prepared: readonly PreparedChange[];
  readonly #timers = new Set<Timer>();

  private constructor(folder: string, paths: readonly string[], prepared: PreparedChange[]) {
    this.#folder = folder;
    this.paths = paths;
    this.#prepared = prepared;
  }

  static prepare(
    config: readonly string[],
    changes: readonly Change[],
  ): Result<ConfigChanges, string> {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-loadtest-'));
    const failed = (message: string) => {
      rmSync(folder, { recursive: true });
      return err(message);
    };
    try {
      const paths = config.map((path, index) => {
        const copy = join(folder, String(index), basename(path));
        cpSync(path, copy, { recursive: true });
        return copy;
      });
      const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      const prepared: PreparedChange[] = [];
      for (const change of changes) {
        const name = names.find((each) => basename(each) === change.file);
        if (name === undefined) return failed(`no file of the configuration is ${change.file}`);
        const texts = change.with.map((path) => readFileSync(path, 'utf8'));
        prepared.push({ change, path: join(folder, name), texts });
      }
      return ok(new ConfigChanges(folder, paths, prepared));
    } catch (error) {
      return failed((error as Error).message);
    }
  }

  /** Makes the changes at their times. `now`: milliseconds since the end of the warm-up. */
  begin(timers: Timers, now: () => number): void {
    for (const prepared of this.#prepared) this.#plan(prepared, 0, { timers, now });
  }

  remove(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #plan(prepared: PreparedChange, turn: number, time: { timers: Timers; now(): number }): void {
    const { change, path, texts } = prepared;
    const atMs = change.atMs + turn * (change.everyMs ?? 0);
    const timer = time.timers.set(Math.max(0, atMs - time.now()), () => {
      this.#timers.delete(timer);
      // By renaming, as editors and Kubernetes do: nobody reads half of it.
      writeFileSync(`${path}.new`, texts[turn % texts.length] ?? '');
      renameSync(`${path}.new`, path);
      this.records.push({ atMs: time.now(), file: change.file });
      if (change.everyMs !== null) this.#plan(prepared, turn + 1, time);
    });
    this.#timers.add(timer);
  }
}
