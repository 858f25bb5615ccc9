/**
 * Puts a certificate authority on disk. Its certificate and key are written into a folder beside
 * the right one, which then takes that place as a whole: whoever reads finds both or none, and of
 * several processes that create an authority at once, one wins.
 */

import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import type { AuthorityPaths, CertifiedKey } from './authority-files.ts';

/** Attempts to take a place that others take in between. */
const attempts = 5;

/** Renames a folder. */
type Move = (from: string, to: string) => Promise<void>;

/** False where there is an authority already, which then stays. */
export async function createAuthorityFiles(
  paths: AuthorityPaths,
  authority: CertifiedKey,
): Promise<Result<boolean, string>> {
  return written(paths, authority, (prepared) => takesPlace(prepared, paths.folder, rename));
}

/**
 * What was there is deleted, its key with it, once the new one has its place; where that fails it
 * is put back. False where others took the place each time.
 */
export async function replaceAuthorityFiles(
  paths: AuthorityPaths,
  authority: CertifiedKey,
  move: Move = rename,
): Promise<Result<boolean, string>> {
  return written(paths, authority, async (prepared) => {
    const old = `${prepared}.old`;
    for (let attempt = 0; attempt < attempts; attempt++) {
      await movedAway(paths.folder, old, move);
      const taken = await takesPlaceOf(old, prepared, { folder: paths.folder, move });
      await rm(old, { recursive: true, force: true });
      if (taken) return true;
    }
    return false;
  });
}

/** Prepares a folder and has it put in its place; leaves nothing behind where that fails. */
async function written(
  paths: AuthorityPaths,
  authority: CertifiedKey,
  place: (prepared: string) => Promise<boolean>,
): Promise<Result<boolean, string>> {
  const parent = dirname(paths.folder);
  let prepared: string | null = null;
  try {
    await mkdir(parent, { recursive: true, mode: 0o700 });
    // Beside its place: a folder can be renamed within one file system only. Its mode is 0700.
    prepared = await mkdtemp(join(parent, '.ca-'));
    await writeNew(join(prepared, 'ca.key'), authority.privateKey, 0o600);
    await writeNew(join(prepared, 'ca.crt'), authority.certificate, 0o644);
    return ok(await place(prepared));
  } catch (error) {
    return err(`cannot write ${paths.folder}: ${(error as Error).message}`);
  } finally {
    if (prepared !== null) await rm(prepared, { recursive: true, force: true });
  }
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(text);
    // A name must not reach the disk before its content.
    await file.sync();
  } finally {
    await file.close();
  }
}

/** False where another folder has the place, and is not empty. */
async function takesPlace(prepared: string, folder: string, move: Move): Promise<boolean> {
  try {
    await move(prepared, folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

/** The same; `old` goes back where the system refuses. */
async function takesPlaceOf(
  old: string,
  prepared: string,
  paths: { readonly folder: string; readonly move: Move },
): Promise<boolean> {
  const { folder, move } = paths;
  try {
    return await takesPlace(prepared, folder, move);
  } catch (error) {
    // There may have been none, and somebody else may have the place now: that one stays.
    await takesPlace(old, folder, move).catch(() => false);
    throw error;
  }
}

async function movedAway(folder: string, to: string, move: Move): Promise<void> {
  try {
    await move(folder, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
