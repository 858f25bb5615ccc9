/**
 * Watches a set of folders, which may vanish and return. Folders rather than files: editors and
 * ConfigMaps replace files, and a watched file that is replaced is never heard of again.
 */

import { type FSWatcher, type Stats, statSync, watch } from 'node:fs';

interface Watched {
  readonly watcher: FSWatcher;
  /** Which folder it is: another one may take its place under the same name. */
  readonly identity: string;
}

export class FolderWatcher {
  readonly #onEvent: () => void;
  readonly #watched = new Map<string, Watched>();

  /** `onEvent` is called for every event, of which a single change may cause many. */
  constructor(onEvent: () => void) {
    this.#onEvent = onEvent;
  }

  /**
   * Watches exactly these folders from now on; those that cannot be watched are left out. Tells
   * whether there are new ones, whose changes until now have gone unheard.
   */
  setFolders(folders: ReadonlySet<string>): boolean {
    for (const folder of this.#watched.keys()) {
      if (!folders.has(folder) || identityOf(folder) !== this.#watched.get(folder)?.identity) {
        this.#unwatch(folder);
      }
    }
    const before = this.#watched.size;
    for (const folder of folders) {
      if (!this.#watched.has(folder)) this.#watch(folder);
    }
    return this.#watched.size > before;
  }

  close(): void {
    for (const folder of this.#watched.keys()) this.#unwatch(folder);
  }

  #watch(folder: string): void {
    const identity = identityOf(folder);
    if (identity === null) return;
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#onEvent());
      watcher.on('error', () => {
        this.#unwatch(folder);
        this.#onEvent();
      });
      this.#watched.set(folder, { watcher, identity });
    } catch {
      // The folder has just vanished, or the system has no more watches: the next event or a
      // reload by signal looks again.
    }
  }

  #unwatch(folder: string): void {
    this.#watched.get(folder)?.watcher.close();
    this.#watched.delete(folder);
  }
}

function identityOf(folder: string): string | null {
  try {
    const { ino, birthtimeMs }: Stats = statSync(folder);
    return `${ino}@${birthtimeMs}`;
  } catch {
    // It is not there.
    return null;
  }
}
