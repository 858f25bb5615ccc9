/** Secrets that lie in files: which ones a mesh names, and what is in them. */

import { resolve } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import { readSmallFile } from '../base/small-file.ts';
import type { FileField } from '../config/file-fields.ts';
import { resourceLabel } from '../config/resource.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Origin } from '../model/origin.ts';
import type { Secret } from '../model/secret.ts';
import type { SecretName } from '../model/tls.ts';
import { authorityProblem, readCertificatePair } from '../transport/tls-certificate.ts';

const scheme = 'file://';

/** Larger ones are no certificates. */
const maxFileBytes = 1024 * 1024;

export interface SecretFiles {
  readonly name: SecretName;
  readonly holds: 'pair' | 'authority';
  /** Certificate and key; or authorities and, where there is one, a revocation list. */
  readonly paths: readonly string[];
  /** Of the first that names it. */
  readonly origin: Origin;
  /** Where they are missing, the local authority signs certificates in their place. */
  readonly hasSubstitute: boolean;
}

/** Those that listeners and clusters name, each once. */
export function secretFilesOf(mesh: Mesh): SecretFiles[] {
  const found = new Map<SecretName, SecretFiles>();
  const add = (
    name: SecretName,
    use: Pick<SecretFiles, 'holds' | 'origin' | 'hasSubstitute'>,
  ): void => {
    if (!name.startsWith(scheme) || found.has(name)) return;
    found.set(name, { name, paths: pathsOf(name), ...use });
  };
  const addPair = (name: SecretName, origin: Origin, hasSubstitute = false): void =>
    add(name, { holds: 'pair', origin, hasSubstitute });
  const addAuthority = (name: SecretName, origin: Origin): void =>
    add(name, { holds: 'authority', origin, hasSubstitute: false });
  for (const { filterChains } of mesh.listeners) {
    for (const { tls, origin } of filterChains) {
      for (const name of tls?.certificates ?? []) addPair(name, origin, tls?.localAuthority);
      const trustedCa = tls?.validation?.trustedCa ?? null;
      if (trustedCa !== null) addAuthority(trustedCa, origin);
    }
  }
  for (const { tls, origin } of mesh.clusters) {
    const certificate = tls?.certificate ?? null;
    const trustedCa = tls?.validation?.trustedCa ?? null;
    if (certificate !== null) addPair(certificate, origin);
    if (trustedCa !== null) addAuthority(trustedCa, origin);
  }
  return [...found.values()];
}

/** The field that names what is wrong: `problem` begins with the path of a file, or of several. */
export function fieldAtFault(
  { origin: { kind, namespace, name }, paths }: SecretFiles,
  problem: string,
  fields: readonly FileField[],
): FileField | null {
  const resource = resourceLabel(kind, namespace, name);
  const own = fields.filter((field) => field.resource === resource && paths.includes(field.value));
  return own.find(({ value }) => problem.startsWith(`${resolve(value)}: `)) ?? own[0] ?? null;
}

/** The files that a name stands for, that of the certificate or the authorities first. */
export function pathsOf(name: SecretName): string[] {
  const written = name.slice(scheme.length).split(',');
  return written.map((path) => path.replaceAll('%2C', ',').replaceAll('%25', '%'));
}

/** What is wrong with it, with the path of the file, and nothing of what is in it. */
export async function readSecretFiles(files: SecretFiles): Promise<Result<Secret, string>> {
  const texts: string[] = [];
  for (const path of files.paths) {
    const text = await readText(path);
    if (!text.ok) return err(`${resolve(path)}: ${text.error}`);
    texts.push(text.value);
  }
  const [first = null, second = null] = texts;
  const { name, origin } = files;
  if (files.holds === 'authority') {
    return checked(
      { name, origin, ...nothing, trustedCa: first, revocationList: second },
      files,
      authorityProblem,
    );
  }
  return checked(
    { name, origin, ...nothing, certificate: first, privateKey: second },
    files,
    (secret) => {
      const pair = readCertificatePair(secret);
      return pair.ok ? null : pair.error;
    },
  );
}

const nothing = {
  certificate: null,
  privateKey: null,
  trustedCa: null,
  revocationList: null,
} as const;

function checked(
  secret: Secret,
  { paths }: SecretFiles,
  problemOf: (secret: Secret) => string | null,
): Result<Secret, string> {
  const problem = problemOf(secret);
  return problem === null ? ok(secret) : err(`${shown(paths)}: ${problem}`);
}

/** Where they were looked for: relative paths count from the working directory. */
function shown(paths: readonly string[]): string {
  return paths.map((path) => resolve(path)).join(', ');
}

async function readText(path: string): Promise<Result<string, string>> {
  const read = await readSmallFile(path, maxFileBytes);
  if (read.ok) return ok(read.value.bytes.toString('utf8'));
  const { code, message } = read.error;
  return err(code.startsWith('E') ? code : message);
}
