/**
 * Resolves names with the DNS servers of the system, which tell how long an answer holds, and by
 * the system's own rules (/etc/hosts and others) where those servers know nothing.
 */

import type { RecordWithTtl } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import type { DnsAnswer, DnsResolver } from './dns-discovery.ts';

/** Milliseconds for one try, and tries for each DNS server. */
const queryTimeoutMs = 2_000;
const queryTries = 2;

export class SystemResolver implements DnsResolver {
  readonly #dns = new Resolver({ timeout: queryTimeoutMs, tries: queryTries });

  /** `servers`: `address:port` of DNS servers in place of the system's, for tests. */
  constructor(servers: readonly string[] | null = null) {
    if (servers !== null) this.#dns.setServers(servers);
  }

  async resolve(name: string): Promise<DnsAnswer> {
    // A name without a dot is a host of this machine or network, not of the DNS.
    if (!name.includes('.')) return lookUp(name);
    // IPv4 first, as Istio configures it: many machines have IPv6 addresses and no route.
    const ipv4 = await ask(this.#dns.resolve4(name, { ttl: true }));
    if (ipv4 !== null && ipv4.addresses.length > 0) return ipv4;
    const ipv6 = await ask(this.#dns.resolve6(name, { ttl: true }));
    if (ipv6 !== null && ipv6.addresses.length > 0) return ipv6;
    const isAbsent = ipv4 !== null && ipv6 !== null;
    return isAbsent ? lookUp(name).catch(absentIfUnknown) : lookUp(name);
  }
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

async function lookUp(name: string): Promise<DnsAnswer> {
  const found = await lookup(name, { all: true, order: 'ipv4first' });
  const ipv4 = found.filter((entry) => entry.family === 4);
  const used = ipv4.length > 0 ? ipv4 : found;
  return { addresses: used.map((entry) => entry.address), ttlSeconds: null };
}
