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

export interface FolderWatcherOptions {
  /** Called for every event, of which a single change may cause many. */
  readonly onEvent: () => void;
  /** Told once of a folder that is there and cannot be watched, with the code of the system. */
  readonly onUnwatched: (folder: string, code: string) => void;
  /** Default: the system's. */
  readonly watch?: (folder: string, onEvent: () => void) => FSWatcher;
}

function watchBySystem(folder: string, onEvent: () => void): FSWatcher {
  return watch(folder, { persistent: false }, onEvent);
}

export class FolderWatcher {
  readonly #options: FolderWatcherOptions;
  readonly #watched = new Map<string, Watched>();
  /** Those that the owner has been told of. */
  readonly #unwatched = new Set<string>();

  constructor(options: FolderWatcherOptions) {
    this.#options = options;
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
    for (const folder of this.#unwatched) if (!folders.has(folder)) this.#unwatched.delete(folder);
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
    const { onEvent, watch: start = watchBySystem } = this.#options;
    try {
      const watcher = start(folder, () => onEvent());
      watcher.on('error', () => {
        this.#unwatch(folder);
        onEvent();
      });
      this.#watched.set(folder, { watcher, identity });
      this.#unwatched.delete(folder);
    } catch (error) {
      // Tried again at the next event, and at a reload by signal.
      this.#tell(folder, (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN');
    }
  }

  #tell(folder: string, code: string): void {
    // One that has just vanished is no concern of anybody.
    if (code === 'ENOENT' || this.#unwatched.has(folder)) return;
    this.#unwatched.add(folder);
    this.#options.onUnwatched(folder, code);
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
