/** TLS of one filter chain at work: the context for each handshake, from secrets as they are now. */

import type { SecureContext } from 'node:tls';
import type { DownstreamTls } from '../../model/tls.ts';
import type { HostTest, LocalCertificate } from '../../transport/local-certificates.ts';
import { type CertificatePair, pairsFor } from '../../transport/tls-certificate.ts';
import type { TlsContexts } from '../../transport/tls-contexts.ts';

export class TlsChain {
  readonly model: DownstreamTls;
  readonly #contexts: TlsContexts;
  #version = -1;
  #pairs: readonly CertificatePair[] = [];
  /** By the certificates that are shown. */
  #prepared = new Map<string, SecureContext | null>();
  #local = new WeakMap<LocalCertificate, SecureContext | null>();
  /** Why OpenSSL refuses what the secrets hold. */
  #problem: string | null = null;

  constructor(model: DownstreamTls, contexts: TlsContexts) {
    this.model = model;
    this.#contexts = contexts;
  }

  /** null: a secret is missing, or not what it should be. */
  contextFor(serverName: string | null): SecureContext | null {
    if (this.#version !== this.#contexts.version) this.#readSecrets();
    const pairs = pairsFor(this.#pairs, serverName);
    const key = pairs.map((pair) => this.#pairs.indexOf(pair)).join();
    const known = this.#prepared.get(key);
    if (known !== undefined) return known;
    const context = this.#contextOf(pairs);
    this.#prepared.set(key, context);
    return context;
  }

  /**
   * Where `contextFor` has none: with a certificate that is made for `serverName`, a name or an
   * address. null: nobody makes any, or not for this name.
   */
  localContextFor(serverName: string, isKnownHost: HostTest): Promise<SecureContext | null> | null {
    const { localCertificates } = this.#contexts;
    const mayBe = this.model.localAuthority && this.#pairs.length === 0;
    if (!mayBe || localCertificates === null) return null;
    const made = localCertificates.leafFor(serverName, isKnownHost);
    return made?.then((leaf) => this.#withLocal(leaf)).catch(() => null) ?? null;
  }

  /**
   * Prepares for every name that a certificate bears, so that no handshake waits for it. Tells what
   * OpenSSL refuses; null: nothing, or a secret is missing, which others tell.
   */
  prepare(): string | null {
    this.contextFor(null);
    if (this.#pairs.length > 1) {
      for (const host of this.#pairs.flatMap(({ hosts }) => [...hosts])) this.contextFor(host);
    }
    return this.#problem;
  }

  /** A certificate that cannot be used leaves the chain without any, as in Envoy. */
  #readSecrets(): void {
    const { certificates } = this.model;
    const pairs = certificates.flatMap((name) => this.#pair(name) ?? []);
    this.#version = this.#contexts.version;
    this.#pairs = pairs.length === certificates.length ? pairs : [];
    this.#prepared = new Map();
    this.#local = new WeakMap();
    this.#problem = null;
  }

  #pair(name: string): CertificatePair | null {
    const secret = this.#contexts.secrets.get(name);
    if (secret === undefined) return null;
    const read = this.#contexts.pair(secret);
    return read.ok ? read.value : null;
  }

  #withLocal(leaf: LocalCertificate): SecureContext | null {
    const known = this.#local.get(leaf);
    if (known !== undefined) return known;
    const context = this.#contextOf([leaf]);
    this.#local.set(leaf, context);
    return context;
  }

  #contextOf(pairs: readonly LocalCertificate[]): SecureContext | null {
    if (pairs.length === 0) return null;
    const trustedCa = this.model.validation?.trustedCa ?? null;
    const authority = trustedCa === null ? null : this.#contexts.secrets.get(trustedCa);
    if (authority === undefined || authority?.trustedCa === null) return null;
    const made = this.#contexts.downstream(this.model, pairs, authority);
    if (!made.ok) this.#problem = made.error;
    return made.ok ? made.value : null;
  }
}
