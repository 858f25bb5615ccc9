/**
 * Certificates for the hosts that clients ask for, made when they are first asked for. Each name
 * has its own, also below `localhost`: OpenSSL, curl and Node do not take one for `*.localhost`.
 */

import type { Clock } from '../base/clock.ts';
import type { LeafCertificate } from './local-authority.ts';
import { parseServerName, type ServerName } from './server-name.ts';

/** What is needed of a `LocalAuthority`. */
export interface LeafIssuer {
  /** End of the authority, milliseconds since the epoch. */
  readonly notAfter: number;
  issue(serverName: ServerName, now: number): Promise<LeafCertificate>;
}

/** Kept in memory, the least recently used is dropped: clients choose names below wildcards. */
export const maxLeaves = 1000;

/** Made at one time; who asks for another waits. */
export const maxIssuing = 8;

/** Wait at one time; who comes then is refused: strangers may ask for any name below `localhost`. */
export const maxWaiting = 100;

/** What is left of a certificate when a new one takes its place. */
const renewBeforeMs = 30 * 86_400_000;

export interface LeafCertificatesOptions {
  readonly authority: LeafIssuer;
  readonly clock: Clock;
}

interface Entry {
  /** Shared by all who ask while it is made. */
  readonly leaf: Promise<LeafCertificate>;
  /** null until it is made. */
  made: LeafCertificate | null;
  /** Milliseconds since the epoch; infinite until it is made, and where no later end can be had. */
  renewAt: number;
}

export class LeafCertificates {
  readonly #options: LeafCertificatesOptions;
  /** The most recently used is last. */
  readonly #entries = new Map<string, Entry>();
  #issuing = 0;
  /** Who waits until fewer are made, in order. */
  readonly #waiting: (() => void)[] = [];

  constructor(options: LeafCertificatesOptions) {
    this.#options = options;
  }

  /**
   * The certificate for a server name or IP address, the same object until it is renewed. Null
   * where what the client sent is no name, or where `isKnownHost` says that there is nothing to
   * serve under it: it is asked in lower case, without a dot at the end.
   */
  leafFor(
    serverName: string,
    isKnownHost: (name: string) => boolean,
  ): Promise<LeafCertificate> | null {
    const parsed = parseServerName(serverName);
    if (parsed === null || !isKnownHost(parsed.name)) return null;
    const known = this.#entries.get(parsed.name);
    const isFresh = known !== undefined && this.#options.clock.wall() < known.renewAt;
    const entry = isFresh ? known : this.#issue(parsed);
    this.#entries.delete(parsed.name);
    this.#entries.set(parsed.name, entry);
    if (this.#entries.size > maxLeaves) this.#dropOldest();
    return entry.leaf;
  }

  /** Those that are kept, with the name that each is for. */
  *known(): Iterable<{ readonly host: string; readonly certificate: string }> {
    for (const [host, { made }] of this.#entries) {
      if (made !== null) yield { host, certificate: made.certificate };
    }
  }

  #issue(serverName: ServerName): Entry {
    const { authority, clock } = this.#options;
    const leaf = this.#inTurn(() => authority.issue(serverName, clock.wall()));
    const entry: Entry = { leaf, made: null, renewAt: Number.POSITIVE_INFINITY };
    leaf.then(
      (made) => {
        entry.made = made;
        const { notAfter } = made;
        // What ends with its authority cannot be made to last longer.
        if (notAfter < authority.notAfter) entry.renewAt = notAfter - renewBeforeMs;
      },
      () => {
        // Who asked is told; who asks next tries again.
        if (this.#entries.get(serverName.name) === entry) this.#entries.delete(serverName.name);
      },
    );
    return entry;
  }

  async #inTurn<T>(issue: () => Promise<T>): Promise<T> {
    if (this.#issuing < maxIssuing) this.#issuing++;
    else if (this.#waiting.length >= maxWaiting) throw new Error('too many names are asked for');
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await issue();
    } finally {
      // The next one takes over the place.
      const next = this.#waiting.shift();
      if (next === undefined) this.#issuing--;
      else next();
    }
  }

  #dropOldest(): void {
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}
