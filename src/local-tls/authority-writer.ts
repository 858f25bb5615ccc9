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

/** False where there is an authority already, which then stays. */
export async function createAuthorityFiles(
  paths: AuthorityPaths,
  authority: CertifiedKey,
): Promise<Result<boolean, string>> {
  return written(paths, authority, (prepared) => takesPlace(prepared, paths.folder));
}

/** Whatever was there is deleted, its key with it. False where others took the place each time. */
export async function replaceAuthorityFiles(
  paths: AuthorityPaths,
  authority: CertifiedKey,
): Promise<Result<boolean, string>> {
  return written(paths, authority, async (prepared) => {
    const old = `${prepared}.old`;
    for (let attempt = 0; attempt < attempts; attempt++) {
      await movedAway(paths.folder, old);
      const taken = await takesPlace(prepared, paths.folder);
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
async function takesPlace(prepared: string, folder: string): Promise<boolean> {
  try {
    await rename(prepared, folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

async function movedAway(folder: string, to: string): Promise<void> {
  try {
    await rename(folder, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
