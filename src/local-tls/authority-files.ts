/** The files of a certificate authority: where they are, and how they are read. */

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import { readSmallFile } from '../base/small-file.ts';

export interface AuthorityPaths {
  readonly folder: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/** PEM texts. */
export interface CertifiedKey {
  readonly certificate: string;
  readonly privateKey: string;
}

export function authorityPaths(dataFolder: string): AuthorityPaths {
  const folder = join(dataFolder, 'ca');
  return { folder, certificate: join(folder, 'ca.crt'), privateKey: join(folder, 'ca.key') };
}

/** Files of an authority are a few hundred bytes; nothing else is read into memory. */
const longestFile = 65_536;

/** Readings of a folder that is replaced meanwhile each time. */
const readings = 5;

/** Null where there is no authority, else its files or why they cannot be used. */
export async function readAuthorityFiles(
  paths: AuthorityPaths,
): Promise<Result<CertifiedKey | null, string>> {
  let read = await readBoth(paths);
  for (let reading = 1; read === 'replaced' && reading < readings; reading++) {
    read = await readBoth(paths);
  }
  return read === 'replaced' ? err(`${paths.folder} changes all the time`) : read;
}

async function readBoth(
  paths: AuthorityPaths,
): Promise<Result<CertifiedKey | null, string> | 'replaced'> {
  const before = await folderId(paths.folder);
  if (!before.ok) return before;
  if (before.value === null) return ok(null);
  const privateKey = await readFile(paths.privateKey, true);
  const certificate = await readFile(paths.certificate, false);
  const after = await folderId(paths.folder);
  if (after.ok && after.value !== before.value) return 'replaced';
  if (!privateKey.ok) return privateKey;
  if (!certificate.ok) return certificate;
  // A folder that somebody has emptied is as good as none, half an authority is not.
  if (privateKey.value === null && certificate.value === null) return ok(null);
  if (privateKey.value === null) return err(`${paths.privateKey} is missing beside ca.crt`);
  if (certificate.value === null) return err(`${paths.certificate} is missing beside ca.key`);
  return ok({ certificate: certificate.value, privateKey: privateKey.value });
}

/** Tells one folder from another that takes its place; null where there is none. */
async function folderId(folder: string): Promise<Result<bigint | null, string>> {
  try {
    return ok((await stat(folder, { bigint: true })).ino);
  } catch (error) {
    return absentOr(error, folder);
  }
}

async function readFile(path: string, secret: boolean): Promise<Result<string | null, string>> {
  const read = await readSmallFile(path, longestFile);
  if (!read.ok) {
    const isTooLarge = read.error.code === 'too-large';
    if (isTooLarge) return err(`${path} is too large for a key or certificate`);
    return absentOr(read.error, path);
  }
  const { bytes, mode } = read.value;
  if (secret && (mode & 0o077) !== 0) return err(openToOthers(path, mode));
  return ok(bytes.toString('latin1'));
}

function openToOthers(path: string, mode: number): string {
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  return `${path} has mode ${octal}, so others may have read the key: if none has, chmod 600 it`;
}

function absentOr(error: unknown, path: string): Result<null, string> {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? ok(null) : err(`cannot read ${path}: ${reason(code, message)}`);
}

function reason(code: string | undefined, message: string): string {
  if (code === 'EACCES') return 'it belongs to another user';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOTDIR') return 'a part of its path is no folder';
  return message;
}
