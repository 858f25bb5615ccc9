/** Configuration from files, folders and standard input, and the moments at which it changes. */

import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { systemTimers, type Timer, type Timers } from '../base/timers.ts';
import { maxFileBytes } from '../config/parse/limits.ts';
import { FolderWatcher } from './folder-watcher.ts';
import { type ReadResult, readPaths, standardInput } from './read-paths.ts';

/** What is in the files, and which could not be read. */
export type FilesRead = Pick<ReadResult, 'files' | 'findings'>;

export interface FileSourceOptions {
  /** Quiet time after an event before the files are looked at; default 100 ms. */
  readonly debounceMs?: number;
  /**
   * Events that never cease delay the look at the files no longer than this, and so long a file
   * that has been emptied waits for its new text; default 1000 ms.
   */
  readonly maxDelayMs?: number;
  readonly timers?: Timers;
  /** Read for the path `-`; default standard input. */
  readonly stdin?: Readable;
}

const defaultDebounceMs = 100;
const defaultMaxDelayMs = 1000;

export class FileSource {
  readonly #paths: readonly string[];
  readonly #timers: Timers;
  readonly #debounceMs: number;
  readonly #maxDelayMs: number;
  readonly #stdin: Readable;
  #stdinBytes: Promise<Uint8Array> | null = null;
  #digest: string | null = null;
  #watcher: FolderWatcher | null = null;
  #onChange: () => void = () => {};
  #quietTimer: Timer | null = null;
  #latestTimer: Timer | null = null;
  #emptiedTimer: Timer | null = null;
  /** Long enough for the text of emptied files. */
  #waited = false;
  /** Files without any text, as they were told last. */
  #empty: ReadonlySet<string> = new Set();
  /** A look at the files is under way; `again` when an event came meanwhile. */
  #looking: 'no' | 'yes' | 'again' = 'no';

  constructor(paths: readonly string[], options: FileSourceOptions = {}) {
    this.#paths = paths;
    this.#timers = options.timers ?? systemTimers;
    this.#debounceMs = options.debounceMs ?? defaultDebounceMs;
    this.#maxDelayMs = options.maxDelayMs ?? defaultMaxDelayMs;
    this.#stdin = options.stdin ?? process.stdin;
  }

  /** All files as they are now. Standard input is read once and then remembered. */
  async read(): Promise<FilesRead> {
    const result = await this.#read();
    this.#note(result);
    this.#watchFolders(result);
    return { files: result.files, findings: result.findings };
  }

  /**
   * From now on `onChange` is called when the files differ from those of the last `read`, after a
   * burst of events has ended. Events that change no content are dropped. `onUnwatched` is told of
   * folders whose changes cannot be noticed, with the code of the system.
   */
  watch(onChange: () => void, onUnwatched: (folder: string, code: string) => void): void {
    this.close();
    this.#onChange = onChange;
    this.#watcher = new FolderWatcher({ onEvent: () => this.#noteEvent(), onUnwatched });
    // Folders are not known before the first look, and files may have changed since `read`.
    this.#watchFolders({ folders: [] });
    this.#noteEvent();
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = null;
    this.#cancelTimers();
    this.#stopWaiting();
  }

  #watchFolders(result: Pick<ReadResult, 'folders'>): void {
    const hasNew = this.#watcher?.setFolders(this.#foldersOf(result)) ?? false;
    // What happened in a new folder before it was watched is seen by another look.
    if (hasNew) this.#noteEvent();
  }

  #noteEvent(): void {
    if (this.#watcher === null) return;
    this.#quietTimer?.cancel();
    this.#quietTimer = this.#timers.set(this.#debounceMs, () => this.#look());
    this.#latestTimer ??= this.#timers.set(this.#maxDelayMs, () => this.#look());
  }

  #cancelTimers(): void {
    this.#quietTimer?.cancel();
    this.#latestTimer?.cancel();
    this.#quietTimer = null;
    this.#latestTimer = null;
  }

  #look(): void {
    this.#cancelTimers();
    if (this.#looking !== 'no') {
      this.#looking = 'again';
      return;
    }
    this.#looking = 'yes';
    void this.#compare().finally(() => {
      const again = this.#looking === 'again';
      this.#looking = 'no';
      if (again) this.#noteEvent();
    });
  }

  async #compare(): Promise<void> {
    const result = await this.#read();
    if (this.#watcher === null) return;
    this.#watchFolders(result);
    if (this.#mayBeUnfinished(result) || result.digest === this.#digest) return;
    this.#note(result);
    this.#onChange();
  }

  #note({ digest, files }: ReadResult): void {
    this.#stopWaiting();
    this.#digest = digest;
    this.#empty = new Set(files.filter(({ text }) => text === '').map(({ path }) => path));
  }

  /**
   * Shells empty a file before they write it. What follows is another event; without one the files
   * count as they are.
   */
  #mayBeUnfinished({ files }: ReadResult): boolean {
    const isEmptied = files.some(({ path, text }) => text === '' && !this.#empty.has(path));
    if (!isEmptied) {
      this.#stopWaiting();
      return false;
    }
    this.#emptiedTimer ??= this.#timers.set(this.#maxDelayMs, () => {
      this.#waited = true;
      this.#look();
    });
    return !this.#waited;
  }

  #stopWaiting(): void {
    this.#emptiedTimer?.cancel();
    this.#emptiedTimer = null;
    this.#waited = false;
  }

  #read(): Promise<ReadResult> {
    return readPaths({
      paths: this.#paths,
      standardInput: () => {
        this.#stdinBytes ??= readSome(this.#stdin, maxFileBytes + 1);
        return this.#stdinBytes;
      },
    });
  }

  /** Folders whose events tell of changes: those read, and those that hold the paths themselves. */
  #foldersOf(result: Pick<ReadResult, 'folders'>): Set<string> {
    const folders = new Set(result.folders);
    for (const path of this.#paths) {
      if (path === standardInput) continue;
      for (const link of linkChain(resolve(path))) folders.add(nearestFolder(dirname(link)));
    }
    return folders;
  }
}

/** The path, and the file it leads to when it is a symbolic link. */
function linkChain(path: string): string[] {
  try {
    return lstatSync(path).isSymbolicLink() ? [path, realpathSync(path)] : [path];
  } catch {
    // It is not there, or leads nowhere: its own folder tells when that changes.
    return [path];
  }
}

function nearestFolder(path: string): string {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** Ends after `enough` bytes: nothing is said of how long a pipe goes on. */
async function readSome(stream: Readable, enough: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    if (length >= enough) break;
  }
  return Buffer.concat(chunks);
}
