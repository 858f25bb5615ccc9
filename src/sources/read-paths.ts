/** Reads the files that paths name: files as they are, folders with everything below them. */

import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ContentDigest } from '../base/content-digest.ts';
import { readSmallFile } from '../base/small-file.ts';
import type { Finding } from '../config/finding.ts';
import { type FindingCode, findingCode, severityOf } from '../config/finding-code.ts';
import { maxFileBytes } from '../config/parse/limits.ts';
import type { SourceFile } from '../config/parse/source-file.ts';

/** Standard input as a path. */
export const standardInput = '-';

/** Of all paths together; more than that is a mistake in a path, such as `-f /`. */
export interface ReadLimits {
  readonly files: number;
  /** Each of them is watched. */
  readonly folders: number;
  readonly bytes: number;
}

const defaultLimits: ReadLimits = {
  files: 20_000,
  folders: 10_000,
  bytes: 256 * 1024 * 1024,
};

const configExtension = /\.(ya?ml|json)$/i;

export interface ReadResult {
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
  /** Folders that were looked into, symbolic links resolved. */
  readonly folders: readonly string[];
  /** Is another one when files or findings are others. */
  readonly digest: string;
}

export interface ReadInput {
  readonly paths: readonly string[];
  readonly limits?: ReadLimits;
  /** Text of standard input, or too much of it; asked for only when a path is `-`. */
  standardInput(): Promise<Uint8Array>;
}

export async function readPaths(input: ReadInput): Promise<ReadResult> {
  const reader = new PathReader(input);
  for (const path of input.paths) await reader.readPath(path);
  return reader.result();
}

class PathReader {
  readonly #files: SourceFile[] = [];
  readonly #findings: Finding[] = [];
  readonly #folders: string[] = [];
  readonly #input: ReadInput;
  readonly #limits: ReadLimits;
  /** Fed file by file: all of them at once would hold up requests. */
  readonly #digest = new ContentDigest();
  /** Real paths of what was read, so that nothing is read twice. */
  readonly #seen = new Set<string>();
  /** Folders in which there was something, or that were told to have nothing. */
  readonly #known = new Set<string>();
  /** How often one of them, or a file, was met again: paths may overlap. */
  #repeats = 0;
  #bytes = 0;
  /** A limit was reached, which has been told: nothing more is read. */
  #isFull = false;

  constructor(input: ReadInput) {
    this.#input = input;
    this.#limits = input.limits ?? defaultLimits;
  }

  result(): ReadResult {
    for (const { file, message } of this.#findings) this.#note(`${file}\0${message}\0`);
    const digest = this.#digest.digest();
    return { files: this.#files, findings: this.#findings, folders: this.#folders, digest };
  }

  async readPath(path: string): Promise<void> {
    if (path === standardInput) {
      if (this.#firstTime(path)) this.#take(path, await this.#input.standardInput());
      return;
    }
    try {
      const status = await stat(path);
      // A pipe has no real path, and can be read only once.
      if (!status.isFile() && !status.isDirectory()) {
        this.#reportPipe(path, 'write -f - and redirect it into standard input');
        return;
      }
      const real = await realpath(path);
      if (status.isDirectory()) await this.#readNamedFolder(path, real);
      else if (this.#firstTime(real)) await this.#readFile(path, real);
    } catch (error) {
      this.#report(path, findingCode.unreadable, `cannot read: ${reason(error)}`);
    }
  }

  /** Files, mistakes, and what was read before under another of the paths. */
  get #met(): number {
    return this.#files.length + this.#findings.length + this.#repeats;
  }

  async #readNamedFolder(path: string, real: string): Promise<void> {
    const before = this.#met;
    await this.#readFolder(path, real);
    if (this.#met > before) return;
    this.#known.add(real);
    this.#report(path, findingCode.emptyFolder, 'no .yaml, .yml or .json file in this folder');
  }

  async #readFolder(path: string, real: string): Promise<void> {
    if (!this.#firstTime(real)) {
      if (this.#known.has(real)) this.#repeats++;
      return;
    }
    if (!this.#hasRoomFor('folders', this.#folders.length, path)) return;
    this.#folders.push(real);
    const before = this.#met;
    const entries = await readdir(real, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const { name } = entry;
      // Hidden entries are left out: among them the folders of a mounted ConfigMap, `..data`.
      if (name.startsWith('.') || name === 'node_modules') continue;
      if (this.#isFull) return;
      await this.#readEntry(join(path, name), entry.isFile() ? join(real, name) : null);
    }
    if (this.#met > before) this.#known.add(real);
  }

  /**
   * A file or folder that came from a listing: it may be gone by now, which is no mistake. `file`:
   * the real path of what the listing says is a file, null for anything else.
   */
  async #readEntry(path: string, file: string | null): Promise<void> {
    try {
      const real = file ?? (await realpath(path));
      const isFolder = file === null && (await stat(real)).isDirectory();
      if (isFolder) await this.#readFolder(path, real);
      else if (configExtension.test(path)) {
        if (this.#firstTime(real)) await this.#readFile(path, real);
        else this.#repeats++;
      }
    } catch (error) {
      if (!configExtension.test(path) || codeOf(error) === 'ENOENT') return;
      this.#report(path, findingCode.unreadable, `cannot read: ${reason(error)}`);
    }
  }

  async #readFile(path: string, real: string): Promise<void> {
    if (!this.#hasRoomFor('files', this.#files.length, path)) return;
    const read = await readSmallFile(real, maxFileBytes);
    if (read.ok) this.#take(path, read.value.bytes);
    else if (read.error.code === 'too-large') this.#reportSize(path);
    else if (read.error.code === 'no-file') {
      this.#reportPipe(path, 'keep nothing but files in this folder');
    } else throw Object.assign(new Error(read.error.message), { code: read.error.code });
  }

  #take(path: string, bytes: Uint8Array): void {
    if (bytes.length > maxFileBytes) this.#reportSize(path);
    else if (this.#hasRoomFor('bytes', this.#bytes + bytes.length - 1, path)) {
      this.#bytes += bytes.length;
      this.#note(`${path}\0${bytes.length}\0`);
      this.#digest.update(bytes);
      this.#decode(path, bytes);
    }
  }

  #note(text: string): void {
    this.#digest.update(Buffer.from(text));
  }

  #hasRoomFor(what: keyof ReadLimits, taken: number, path: string): boolean {
    const limit = this.#limits[what];
    if (this.#isFull || taken < limit) return !this.#isFull;
    this.#isFull = true;
    const hint = 'look for a path after -f that was not meant';
    this.#report(path, findingCode.tooLarge, `more than ${limit} ${what}, no more are read`, hint);
    return false;
  }

  #decode(path: string, bytes: Uint8Array): void {
    try {
      this.#files.push({ path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) });
    } catch {
      // The decoder throws for this alone.
      this.#report(path, findingCode.notUtf8, 'the file is not UTF-8', 'save it as UTF-8');
    }
  }

  #reportPipe(path: string, hint: string): void {
    this.#report(path, findingCode.unreadable, 'cannot read: a pipe or device', hint);
  }

  #reportSize(path: string): void {
    const limit = maxFileBytes / 1024 / 1024;
    this.#report(path, findingCode.tooLarge, `the file is larger than ${limit} MiB`);
  }

  #firstTime(real: string): boolean {
    const isFirst = !this.#seen.has(real);
    this.#seen.add(real);
    return isFirst;
  }

  #report(file: string, code: FindingCode, message: string, hint: string | null = null): void {
    const place = { file, line: 0, column: 0, path: '', resource: '' };
    this.#findings.push({ code, severity: severityOf[code], message, hint, ...place });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function reason(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'there is no such file or folder';
    case 'EACCES':
    case 'EPERM':
      return 'no permission';
    case 'ELOOP':
      return 'a symbolic link that leads to itself';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
