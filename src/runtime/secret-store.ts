/**
 * Certificates, keys and authorities as they are now: those that come with a configuration, and
 * those in files, which are looked at again and again so that a renewed certificate is used without
 * a restart. Their texts go nowhere but into TLS.
 */

import type { Timer, Timers } from '../base/timers.ts';
import type { FileField } from '../config/file-fields.ts';
import type { Finding } from '../config/finding.ts';
import { formatFindingForLog } from '../config/finding.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Secret } from '../model/secret.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { TlsContexts } from '../transport/tls-contexts.ts';
import { fieldAtFault, readSecretFiles, type SecretFiles, secretFilesOf } from './secret-files.ts';
import { secretNamesOf } from './secret-names.ts';
import { secretRefused } from './system-findings.ts';

/** What renews certificates does so days before they end. */
const lookAgainMs = 5000;

export type Secrets = ReadonlyMap<string, Secret>;

export interface SecretStoreParts {
  /** Are given what has been renewed. */
  readonly contexts: Pick<TlsContexts, 'addSecrets'>;
  readonly timers: Timers;
  readonly log: Logger;
}

export class SecretStore {
  readonly #parts: SecretStoreParts;
  /** By name, as they were last good. */
  #secrets: Secrets = new Map();
  #files: readonly SecretFiles[] = [];
  #fields: readonly FileField[] = [];
  /** What is known to be wrong with files, by the name of the secret. */
  #problems: ReadonlyMap<string, string> = new Map();
  #timer: Timer | null = null;
  #closed = false;

  constructor(parts: SecretStoreParts) {
    this.#parts = parts;
  }

  /**
   * What `mesh` is to be served with. `given` are those that came with it. Of what it names and
   * cannot be used now, or is not there any more, the last good version stays. `fields` are where
   * files are named.
   */
  async load(
    mesh: Mesh,
    given: readonly Secret[],
    fields: readonly FileField[] = [],
  ): Promise<{ readonly secrets: Secrets; readonly findings: readonly Finding[] }> {
    this.#files = secretFilesOf(mesh);
    this.#fields = fields;
    const secrets = new Map<string, Secret>();
    for (const secret of given) secrets.set(secret.name, this.#unlessChanged(secret));
    this.#keepLastGood(secrets, mesh);
    this.#problems = await this.#readFiles(secrets);
    this.#secrets = secrets;
    this.#lookLater();
    return { secrets, findings: this.#findings(this.#problems) };
  }

  /** Envoy hears nothing of a secret that is gone or cannot be used, and goes on with what it has. */
  #keepLastGood(secrets: Map<string, Secret>, mesh: Mesh): void {
    for (const name of secretNamesOf(mesh)) {
      const last = this.#secrets.get(name);
      if (last !== undefined && !secrets.has(name)) secrets.set(name, last);
    }
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  /** Adds what is in files to `secrets`; returns what is wrong with the others. */
  async #readFiles(secrets: Map<string, Secret>): Promise<Map<string, string>> {
    const problems = new Map<string, string>();
    for (const files of this.#files) {
      const read = await readSecretFiles(files);
      const last = this.#secrets.get(files.name);
      if (read.ok) secrets.set(files.name, this.#unlessChanged(read.value));
      else if (last !== undefined) secrets.set(files.name, last);
      if (!read.ok) problems.set(files.name, read.error);
    }
    return problems;
  }

  /** An object that is the same as before tells that nothing has to be made anew. */
  #unlessChanged(secret: Secret): Secret {
    const last = this.#secrets.get(secret.name);
    return last !== undefined && isSameSecret(last, secret) ? last : secret;
  }

  #findings(problems: ReadonlyMap<string, string>): Finding[] {
    return [...problems].map(([name, problem]) => {
      const files = this.#files.find((other) => other.name === name);
      return secretRefused(problem, {
        origin: files?.origin ?? null,
        field: files === undefined ? null : fieldAtFault(files, problem, this.#fields),
        keeps: this.#secrets.has(name),
        hasSubstitute: files?.hasSubstitute ?? false,
      });
    });
  }

  #lookLater(): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#closed || this.#files.length === 0) return;
    this.#timer = this.#parts.timers.set(lookAgainMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const files = this.#files;
    const before = this.#secrets;
    const secrets = new Map(before);
    const problems = await this.#readFiles(secrets);
    // A configuration has been loaded meanwhile.
    if (this.#closed || files !== this.#files || before !== this.#secrets) return;
    this.#report(problems, secrets);
    this.#problems = problems;
    this.#secrets = secrets;
    this.#parts.contexts.addSecrets(secrets);
    this.#lookLater();
  }

  /** What was not so the last time. */
  #report(problems: ReadonlyMap<string, string>, secrets: Secrets): void {
    const { log } = this.#parts;
    const isNew = ([name, problem]: [string, string]) => this.#problems.get(name) !== problem;
    for (const finding of this.#findings(new Map([...problems].filter(isNew)))) {
      log.log(finding.severity, formatFindingForLog(finding), {});
    }
    for (const { name, paths } of this.#files) {
      if (secrets.get(name) !== this.#secrets.get(name)) {
        log.info('a certificate has been read again', { files: paths.join(', ') });
      }
    }
  }
}

function isSameSecret(a: Secret, b: Secret): boolean {
  return (
    a.certificate === b.certificate &&
    a.privateKey === b.privateKey &&
    a.trustedCa === b.trustedCa &&
    a.revocationList === b.revocationList
  );
}
