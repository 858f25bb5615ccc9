/** Reads files that whoever names them may have got wrong: devices, pipes, or far too much. */

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { err, ok, type Result } from './result.ts';

export interface SmallFile {
  readonly bytes: Buffer;
  /** Who may do what with it, as `stat` says. */
  readonly mode: number;
}

export interface SmallFileProblem {
  /** Of the system, `EISDIR` for a folder; `too-large`, `no-file` for what is none. */
  readonly code: string;
  readonly message: string;
}

/** A regular file of no more than `maxBytes`. Nothing is waited for, and nothing larger is read. */
export async function readSmallFile(
  path: string,
  maxBytes: number,
): Promise<Result<SmallFile, SmallFileProblem>> {
  try {
    // Else the opening of a pipe would wait for somebody who writes into it.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await readOpen(file, maxBytes);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code = 'EUNKNOWN', message } = error as NodeJS.ErrnoException;
    return err({ code, message });
  }
}

async function readOpen(
  file: FileHandle,
  maxBytes: number,
): Promise<Result<SmallFile, SmallFileProblem>> {
  const stats = await file.stat();
  if (stats.isDirectory()) return err({ code: 'EISDIR', message: 'it is a folder' });
  if (!stats.isFile()) return err({ code: 'no-file', message: 'it is a device or a pipe' });
  // One byte more, to notice a file that grows meanwhile.
  const buffer = Buffer.alloc(Math.min(stats.size, maxBytes) + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  if (stats.size > maxBytes || length > maxBytes) {
    return err({ code: 'too-large', message: 'it is too large' });
  }
  return ok({ bytes: buffer.subarray(0, length), mode: stats.mode });
}
