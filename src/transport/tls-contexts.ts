/**
 * OpenSSL contexts by what is in them, so that a reload which changes nothing of a certificate
 * keeps its context, and many servers with one certificate share it. Holds the proxy's secrets.
 */

import type { SecureContext, SecureContextOptions } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { nodeCrypto } from '../base/node-crypto.ts';
import { nodeTls } from '../base/node-tls.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Secret } from '../model/secret.ts';
import type { DownstreamTls, PeerValidation, TlsParameters, UpstreamTls } from '../model/tls.ts';
import type { LocalCertificate, LocalCertificates } from './local-certificates.ts';
import { type CertificatePair, readCertificatePair } from './tls-certificate.ts';
import { needsAuthority } from './tls-peer.ts';

/** Envoy's for TLS 1.2: forward secrecy and authenticated encryption. */
const defaultCiphers = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
];

/** Of TLS 1.3, the fastest where the processor has AES first. */
const suites = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

/** Envoy's. */
const curves = 'X25519:P-256';

/** How long a session may be resumed, in seconds (BoringSSL's, which Envoy takes over). */
const sessionTimeout = 7200;

/** No peer starts another handshake, and one that likes ChaCha20 best gets it. */
function secureOptions(): number {
  const { constants } = nodeCrypto();
  return constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_PRIORITIZE_CHACHA;
}

/** Whoever gets hold of a ticket key reads the TLS 1.2 of that time: a day, of one process. */
const ticketKeyMs = 86_400_000;

export class TlsContexts {
  /** For chains with `localAuthority`; null: local TLS is off. */
  localCertificates: LocalCertificates | null = null;
  readonly #clock: Clock;
  #version = 0;
  #secrets: ReadonlyMap<string, Secret> = new Map();
  readonly #pairs = new WeakMap<Secret, Result<CertificatePair, string>>();
  /** They live as long as a filter chain uses them. */
  readonly #contexts = new Map<string, WeakRef<SecureContext>>();
  /** One for all: a session that one context has begun may be resumed on its successor. Made when asked for. */
  #ticketKeys: Buffer | null = null;
  /** Clock.now() since when they hold. */
  #ticketKeysSince: number;
  /** Those of the system have been looked for. */
  #hasPlatformAuthorities = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#ticketKeysSince = clock.now();
  }

  /** Rises when contexts have to be asked for anew. */
  get version(): number {
    const now = this.#clock.now();
    if (now - this.#ticketKeysSince >= ticketKeyMs) {
      this.#ticketKeysSince = now;
      this.#ticketKeys = null;
      this.#version++;
    }
    return this.#version;
  }

  #currentTicketKeys(): Buffer {
    this.#ticketKeys ??= nodeCrypto().randomBytes(48);
    return this.#ticketKeys;
  }

  get secrets(): ReadonlyMap<string, Secret> {
    return this.#secrets;
  }

  /** Used from the next handshake on, in the place of others of the same name. */
  addSecrets(secrets: ReadonlyMap<string, Secret>): void {
    // What has not changed is not made anew.
    if ([...secrets].every(([name, secret]) => this.#secrets.get(name) === secret)) return;
    this.#secrets = new Map([...this.#secrets, ...secrets]);
    this.#version++;
  }

  /** Forgets what has none of these names; what has one is as it was last added. */
  keepSecrets(names: Iterable<string>): void {
    const wanted = new Set(names);
    const kept = [...this.#secrets].filter(([name]) => wanted.has(name));
    if (kept.length === this.#secrets.size) return;
    this.#secrets = new Map(kept);
    this.#version++;
  }

  pair(secret: Secret): Result<CertificatePair, string> {
    const known = this.#pairs.get(secret);
    if (known !== undefined) return known;
    const read = readCertificatePair(secret);
    this.#pairs.set(secret, read);
    return read;
  }

  /** For connections of clients. `authority` is that of `tls.validation`. */
  downstream(
    tls: DownstreamTls,
    pairs: readonly LocalCertificate[],
    authority: Secret | null,
  ): Result<SecureContext, string> {
    return this.#context({
      cert: pairs.map(({ certificate }) => certificate),
      key: pairs.map(({ privateKey }) => privateKey),
      ...authorityOptions(tls, authority),
      minVersion: tls.minVersion,
      maxVersion: tls.maxVersion,
      ciphers: cipherList(tls),
      ecdhCurve: curves,
      honorCipherOrder: true,
      secureOptions: secureOptions(),
      sessionTimeout,
      sessionIdContext: sessionContext(tls, authority),
      ticketKeys: this.#currentTicketKeys(),
    });
  }

  /** For connections to endpoints. `pair` is presented; `authority` is that of `tls.validation`. */
  upstream(
    tls: UpstreamTls,
    pair: CertificatePair | null,
    authority: Secret | null,
  ): Result<SecureContext, string> {
    return this.#context({
      ...(pair === null ? {} : { cert: pair.certificate, key: pair.privateKey }),
      ...authorityOptions(tls, authority),
      minVersion: tls.minVersion,
      maxVersion: tls.maxVersion,
      ciphers: cipherList(tls),
      ecdhCurve: curves,
      secureOptions: secureOptions(),
    });
  }

  /**
   * The authorities of the system take the place of Node's own, where there are any. To read them
   * takes a fifth of a second, once, so this comes before requests need them.
   */
  loadPlatformAuthorities(): void {
    if (this.#hasPlatformAuthorities) return;
    this.#hasPlatformAuthorities = true;
    const { getCACertificates, setDefaultCACertificates } = nodeTls();
    const system = getCACertificates('system');
    if (system.length === 0) return;
    // Those of NODE_EXTRA_CA_CERTS, too: the user has named them.
    setDefaultCACertificates([...new Set([...system, ...getCACertificates('extra')])]);
  }

  #context(options: SecureContextOptions): Result<SecureContext, string> {
    const digest = nodeCrypto()
      .createHash('sha256')
      .update(JSON.stringify(options))
      .digest('base64');
    const known = this.#contexts.get(digest)?.deref();
    if (known !== undefined) return ok(known);
    try {
      const context = nodeTls().createSecureContext(options);
      this.#forgetUnused();
      this.#contexts.set(digest, new WeakRef(context));
      return ok(context);
    } catch (error) {
      return err((error as NodeJS.ErrnoException).code ?? 'OpenSSL refuses it');
    }
  }

  #forgetUnused(): void {
    for (const [digest, reference] of this.#contexts) {
      if (reference.deref() === undefined) this.#contexts.delete(digest);
    }
  }
}

/** No `ca` means the authorities of the platform, an empty one none. */
function authorityOptions(
  { validation }: { readonly validation: PeerValidation | null },
  authority: Secret | null,
): SecureContextOptions {
  if (!needsAuthority(validation)) return { ca: [] };
  if (authority?.trustedCa === null || authority?.trustedCa === undefined) return {};
  const { trustedCa, revocationList } = authority;
  return { ca: splitPem(trustedCa), ...(revocationList === null ? {} : { crl: revocationList }) };
}

/** Node takes several certificates of authorities apart itself, but tells of no more than one. */
function splitPem(pem: string): string[] {
  return pem.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [pem];
}

/** OpenSSL speaks TLS 1.0 and 1.1 only at its lowest level of security. */
function cipherList({ cipherSuites, minVersion }: TlsParameters): string {
  const isOld = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
  const list = [...suites, ...(cipherSuites ?? defaultCiphers)];
  return [...list, ...(isOld ? ['@SECLEVEL=0'] : [])].join(':');
}

/**
 * Sessions are resumed only where their client would be let in anew by the same rules: a session
 * remembers that a certificate was good, but not for whom.
 */
function sessionContext(tls: DownstreamTls, authority: Secret | null): string {
  const rules = [
    tls.certificates,
    tls.clientCertificate,
    tls.validation,
    authority?.trustedCa,
    authority?.revocationList,
  ];
  return nodeCrypto().createHash('sha256').update(JSON.stringify(rules)).digest('hex').slice(0, 32);
}
