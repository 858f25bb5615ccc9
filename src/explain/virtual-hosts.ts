/** Which virtual hosts of a table have a domain for an authority, and which of them is closest. */

import type { VirtualHost } from '../model/virtual-host.ts';
import type { CompiledRouteTable, CompiledVirtualHost } from '../routing/route-table.ts';
import { describeOrigin } from './describe-origin.ts';
import type { ExplainedVirtualHost, LostVirtualHost } from './explanation.ts';

/** Envoy's order: the later the kind stands here, the closer it is; then the longer text wins. */
const kinds = ['any host', 'a prefix wildcard', 'a suffix wildcard', 'an exact name'] as const;

interface Cover {
  readonly domain: string;
  /** Place in `kinds`. */
  readonly kind: number;
  readonly length: number;
}

export function describeVirtualHost(
  { virtualHost }: CompiledVirtualHost,
  table: CompiledRouteTable,
  authority: string,
): ExplainedVirtualHost {
  const { name, domains, origin } = virtualHost;
  const cover = closest(virtualHost, table.comparedHost(authority));
  return {
    name,
    domains: [...domains],
    domain: cover?.domain ?? '*',
    origin: describeOrigin(origin),
  };
}

/** All but `found` that have a domain for it, the closest first. */
export function lostVirtualHosts(
  found: CompiledVirtualHost,
  table: CompiledRouteTable,
  authority: string,
): LostVirtualHost[] {
  const ranked = rankVirtualHosts(table, authority);
  const winner = ranked.find(({ virtualHost }) => virtualHost === found.virtualHost);
  if (winner === undefined) return [];
  return ranked
    .filter((one) => one !== winner)
    .map(({ virtualHost, cover }) => ({
      name: virtualHost.name,
      domain: cover.domain,
      reason: whyLost(cover, winner.cover),
      origin: describeOrigin(virtualHost.origin),
    }));
}

interface RankedVirtualHost {
  readonly virtualHost: VirtualHost;
  readonly cover: Cover;
}

/** Those that have a domain for it, the closest first, which is the one that the matcher finds. */
export function rankVirtualHosts(
  table: CompiledRouteTable,
  authority: string,
): readonly RankedVirtualHost[] {
  const host = table.comparedHost(authority);
  const ranked: RankedVirtualHost[] = [];
  for (const { virtualHost } of table.virtualHosts) {
    const cover = closest(virtualHost, host);
    if (cover !== null) ranked.push({ virtualHost, cover });
  }
  return ranked.sort((a, b) => compare(b.cover, a.cover));
}

function whyLost(lost: Cover, winner: Cover): string {
  const [own, others] = [kinds[lost.kind], kinds[winner.kind]];
  if (lost.kind < winner.kind) return `${others} is closer than ${own}`;
  return lost.length < winner.length ? `${winner.domain} is longer` : 'the first one has it';
}

function closest({ domains }: VirtualHost, host: string): Cover | null {
  let best: Cover | null = null;
  for (const domain of domains) {
    const cover = coverOf(domain, host);
    if (cover !== null && (best === null || compare(cover, best) > 0)) best = cover;
  }
  return best;
}

function coverOf(written: string, host: string): Cover | null {
  const domain = written.toLowerCase();
  const { length } = domain;
  if (domain === '*') return { domain: written, kind: 0, length };
  if (host.length >= length) {
    if (domain.startsWith('*') && host.endsWith(domain.slice(1))) {
      return { domain: written, kind: 2, length };
    }
    if (domain.endsWith('*') && host.startsWith(domain.slice(0, -1))) {
      return { domain: written, kind: 1, length };
    }
  }
  // A `*` within a name is no wildcard, and no name either.
  return domain === host && !domain.includes('*') ? { domain: written, kind: 3, length } : null;
}

function compare(a: Cover, b: Cover): number {
  return a.kind === b.kind ? a.length - b.length : a.kind - b.kind;
}
