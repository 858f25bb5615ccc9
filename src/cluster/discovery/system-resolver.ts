/**
 * Resolves names with the DNS servers of the system, which tell how long an answer holds, and by
 * the system's own rules (/etc/hosts and others) where those servers know nothing.
 */

import type { LookupAddress, RecordWithTtl } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import type { DnsAnswer, DnsResolver } from './dns-discovery.ts';

/** Milliseconds for one try, and tries for each DNS server. */
const defaultQueryTimeoutMs = 2_000;
const queryTries = 2;

/** In place of the system's, for tests. */
export interface ResolverParts {
  /** `address:port` of DNS servers. */
  readonly servers?: readonly string[];
  readonly lookup?: Lookup;
  /** Default: 2 s. */
  readonly queryTimeoutMs?: number;
}

/** By the system's own rules; rejects with `ENOTFOUND` where nobody has the name. */
type Lookup = (name: string) => Promise<readonly LookupAddress[]>;

export class SystemResolver implements DnsResolver {
  readonly #dns: Resolver;
  readonly #lookup: Lookup;

  constructor({ servers, lookup = systemLookup, queryTimeoutMs }: ResolverParts = {}) {
    const timeout = queryTimeoutMs ?? defaultQueryTimeoutMs;
    this.#dns = new Resolver({ timeout, tries: queryTries });
    if (servers !== undefined) this.#dns.setServers(servers);
    this.#lookup = lookup;
  }

  async resolve(name: string): Promise<DnsAnswer> {
    // A name without a dot is a host of this machine or network, not of the DNS.
    if (!name.includes('.')) return this.#lookUp(name);
    // IPv4 first, as Istio configures it: many machines have IPv6 addresses and no route.
    const ipv4 = await ask(this.#dns.resolve4(name, { ttl: true }));
    if (ipv4 !== null && ipv4.addresses.length > 0) return ipv4;
    const ipv6 = await ask(this.#dns.resolve6(name, { ttl: true }));
    if (ipv6 !== null && ipv6.addresses.length > 0) return ipv6;
    const isAbsent = ipv4 !== null && ipv6 !== null;
    return isAbsent ? this.#lookUp(name).catch(absentIfUnknown) : this.#lookUp(name);
  }

  async #lookUp(name: string): Promise<DnsAnswer> {
    const found = await this.#lookup(name);
    const ipv4 = found.filter((entry) => entry.family === 4);
    const used = ipv4.length > 0 ? ipv4 : found;
    return { addresses: used.map((entry) => entry.address), ttlSeconds: null };
  }
}

function systemLookup(name: string): Promise<readonly LookupAddress[]> {
  return lookup(name, { all: true, order: 'ipv4first' });
}

/** An empty answer: the servers know that there is none. null: they do not know. */
async function ask(query: Promise<readonly RecordWithTtl[]>): Promise<DnsAnswer | null> {
  try {
    const records = await query;
    return {
      addresses: records.map((record) => record.address),
      ttlSeconds: records.length === 0 ? null : Math.min(...records.map((record) => record.ttl)),
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOTFOUND' || code === 'ENODATA' ? noAddress : null;
  }
}

const noAddress: DnsAnswer = { addresses: [], ttlSeconds: null };

/** The system has nothing to add to what the servers know. */
function absentIfUnknown(error: NodeJS.ErrnoException): DnsAnswer {
  if (error.code === 'ENOTFOUND') return noAddress;
  throw error;
}
