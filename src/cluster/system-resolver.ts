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

  async resolve(name: string): Promise<DnsAnswer> {
    // A name without a dot is a host of this machine or network, not of the DNS.
    if (!name.includes('.')) return lookUp(name);
    // IPv4 first, as Istio configures it: many machines have IPv6 addresses and no route.
    const answer = (await this.#query4(name)) ?? (await this.#query6(name));
    return answer ?? lookUp(name);
  }

  async #query4(name: string): Promise<DnsAnswer | null> {
    return answerOf(await this.#dns.resolve4(name, { ttl: true }).catch(() => []));
  }

  async #query6(name: string): Promise<DnsAnswer | null> {
    return answerOf(await this.#dns.resolve6(name, { ttl: true }).catch(() => []));
  }
}

/** An error is no answer: the next source is asked. */
function answerOf(records: readonly RecordWithTtl[]): DnsAnswer | null {
  if (records.length === 0) return null;
  return {
    addresses: records.map((record) => record.address),
    ttlSeconds: Math.min(...records.map((record) => record.ttl)),
  };
}

async function lookUp(name: string): Promise<DnsAnswer> {
  const found = await lookup(name, { all: true, order: 'ipv4first' });
  const ipv4 = found.filter((entry) => entry.family === 4);
  const used = ipv4.length > 0 ? ipv4 : found;
  return { addresses: used.map((entry) => entry.address), ttlSeconds: null };
}
