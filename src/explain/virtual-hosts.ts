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
  const host = table.comparedHost(authority);
  const winner = closest(found.virtualHost, host);
  if (winner === null) return [];
  const lost: { readonly virtualHost: VirtualHost; readonly cover: Cover }[] = [];
  for (const { virtualHost } of table.virtualHosts) {
    if (virtualHost === found.virtualHost) continue;
    const cover = closest(virtualHost, host);
    if (cover !== null) lost.push({ virtualHost, cover });
  }
  return lost
    .sort((a, b) => -compare(a.cover, b.cover))
    .map(({ virtualHost, cover }) => ({
      name: virtualHost.name,
      domain: cover.domain,
      reason: whyLost(cover, winner),
      origin: describeOrigin(virtualHost.origin),
    }));
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
  return domain === host ? { domain: written, kind: 3, length } : null;
}

function compare(a: Cover, b: Cover): number {
  return a.kind === b.kind ? a.length - b.length : a.kind - b.kind;
}
