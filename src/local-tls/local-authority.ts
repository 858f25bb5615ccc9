/**
 * The certificate authority of one user, for development on one machine. It is made when it is
 * first wanted, lies in the user's data folder, and nothing trusts it unless somebody says so.
 */

import { createPrivateKey, type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type AuthorityPaths, type CertifiedKey, readAuthorityFiles } from './authority-files.ts';
import { createAuthorityFiles, replaceAuthorityFiles } from './authority-writer.ts';
import type { ServerName } from './server-name.ts';
import { createAuthority, createLeaf, type Issuer, issuerOf } from './x509.ts';

const dayMs = 86_400_000;
/** Ten years: trust is given by hand, and rarely. */
const authorityDays = 3650;
/** What is left of the authority when its end is told. */
const renewalDays = 30;
/** Browsers take a certificate of an authority that was added by hand for 825 days at most. */
const leafDays = 90;
/** Clocks of clients may be behind. */
const leewayMs = 3_600_000;

/** What helps against every authority that cannot be used. */
const remedy = 'sluice ca --renew makes a new one, which has to be trusted again';

export interface LeafCertificate extends CertifiedKey {
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
}

export class LocalAuthority {
  readonly paths: AuthorityPaths;
  readonly certificate: X509Certificate;
  readonly #issuer: Issuer;

  constructor(paths: AuthorityPaths, certificate: X509Certificate, key: KeyObject) {
    this.paths = paths;
    this.certificate = certificate;
    this.#issuer = issuerOf(certificate, key);
  }

  /** The common name, by which stores of certificates list it. */
  get name(): string {
    return /^CN=(.*)$/m.exec(this.certificate.subject)?.[1] ?? this.certificate.subject;
  }

  /** Milliseconds since the epoch. */
  get notAfter(): number {
    return this.certificate.validToDate.getTime();
  }

  isExpired(now: number): boolean {
    return now >= this.notAfter;
  }

  /** One sentence for the user where the end is near or past, else null. */
  expiryNotice(now: number): string | null {
    const days = Math.floor((this.notAfter - now) / dayMs);
    if (days >= renewalDays) return null;
    const date = this.certificate.validToDate.toISOString().slice(0, 10);
    const when = this.isExpired(now) ? `expired on ${date}` : `expires on ${date}`;
    return `the certificate authority ${this.paths.certificate} ${when}; ${remedy}`;
  }

  /** A new certificate with a new key, for as long as the authority itself is valid at most. */
  async issue(serverName: ServerName, now: number): Promise<LeafCertificate> {
    const notAfter = Math.min(now + leafDays * dayMs, this.notAfter);
    const validity = { from: now - leewayMs, to: notAfter };
    const leaf = await createLeaf(this.#issuer, serverName, validity);
    return { ...leaf, notAfter };
  }
}

/** What is on disk, even if it has expired; null where there is none. Changes nothing. */
export async function findAuthority(
  paths: AuthorityPaths,
): Promise<Result<LocalAuthority | null, string>> {
  const files = await readAuthorityFiles(paths);
  if (!files.ok) return err(`${files.error}; ${remedy}`);
  if (files.value === null) return ok(null);
  const authority = understood(paths, files.value);
  return authority.ok ? authority : err(`${authority.error}; ${remedy}`);
}

/** What is on disk, or a new one. An authority that has expired is refused. */
export async function openAuthority(
  paths: AuthorityPaths,
  clock: Clock,
): Promise<Result<LocalAuthority, string>> {
  let found = await findAuthority(paths);
  if (found.ok && found.value === null) {
    const created = await createAuthorityFiles(paths, await newAuthority(clock));
    if (!created.ok) return created;
    // Another process may have been first.
    found = await findAuthority(paths);
  }
  if (!found.ok) return found;
  if (found.value === null) return err(`${paths.folder} holds other files: move them away`);
  const now = clock.wall();
  const notice = found.value.isExpired(now) ? found.value.expiryNotice(now) : null;
  return notice === null ? ok(found.value) : err(notice);
}

/** A new authority in the place of whatever is there. */
export async function renewAuthority(
  paths: AuthorityPaths,
  clock: Clock,
): Promise<Result<LocalAuthority, string>> {
  const replaced = await replaceAuthorityFiles(paths, await newAuthority(clock));
  if (!replaced.ok) return replaced;
  // Where others were faster, theirs is new too.
  return openAuthority(paths, clock);
}

/** Its name is unique: software that looks for issuers by name never takes one for another. */
async function newAuthority(clock: Clock): Promise<CertifiedKey> {
  const now = clock.wall();
  const name = `sluice local CA ${randomBytes(4).toString('hex')}`;
  return createAuthority(name, { from: now - dayMs, to: now + authorityDays * dayMs });
}

function understood(paths: AuthorityPaths, files: CertifiedKey): Result<LocalAuthority, string> {
  const certificate = parsed(() => new X509Certificate(files.certificate));
  if (certificate === null) return err(`${paths.certificate} holds no certificate`);
  if (!certificate.ca) return err(`${paths.certificate} is not the certificate of an authority`);
  const key = parsed(() => createPrivateKey(files.privateKey));
  if (key === null) return err(`${paths.privateKey} holds no private key`);
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    return err(`${paths.privateKey} is not a key of the curve P-256`);
  }
  if (!certificate.checkPrivateKey(key)) {
    return err(`${paths.privateKey} is not the key of ca.crt beside it`);
  }
  return ok(new LocalAuthority(paths, certificate, key));
}

/** Null where OpenSSL does not understand the text; its reasons would help nobody. */
function parsed<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch {
    return null;
  }
}
