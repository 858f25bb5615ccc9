/** What is measured: each case differs from the first one in one thing. */

import type { Variant } from './peer.ts';
import { manyRoutes, responseBody } from './policy.ts';

export interface Case {
  readonly name: string;
  readonly title: string;
  /** `load`: by wrk, or by h2load where clients speak HTTP/2; `memory`: by idle connections. */
  readonly kind: 'load' | 'memory';
  readonly variant: Variant;
  readonly bodyBytes: number;
  readonly connections: number;
  /** False: a connection for each request. */
  readonly isKeptAlive: boolean;
  /** At half the rate that the same proxy has just shown, in place of as fast as it can. */
  readonly isHalfRate: boolean;
  /** By the libraries as well, which are as slow in the other cases. */
  readonly hasLibraries: boolean;
}

const policy: Variant = { protocol: 'http1', isRich: false, routes: null };

const first: Case = {
  name: 'body-23',
  title: '23-byte bodies, 64 connections',
  kind: 'load',
  variant: policy,
  bodyBytes: responseBody.length,
  connections: 64,
  isKeptAlive: true,
  isHalfRate: false,
  hasLibraries: true,
};
const other: Case = { ...first, hasLibraries: false };

function routesCase(count: number): Case {
  const title = `${count.toLocaleString('en')} ${count === 1 ? 'route' : 'routes'}`;
  const variant = { ...policy, routes: manyRoutes(count) };
  return { ...other, name: `routes-${count}`, title, variant };
}

function connectionsCase(connections: number): Case {
  const title = `${connections.toLocaleString('en')} ${connections === 1 ? 'connection' : 'connections'}`;
  return { ...other, name: `connections-${connections}`, title, connections };
}

/** Cases with the same variant are neighbours: its proxies are started once for all of them. */
export const cases: readonly Case[] = [
  first,
  { ...other, name: 'body-0', title: 'empty bodies', bodyBytes: 0 },
  { ...other, name: 'body-1k', title: '1 KiB bodies', bodyBytes: 1024 },
  { ...first, name: 'body-64k', title: '64 KiB bodies', bodyBytes: 64 * 1024 },
  { ...first, name: 'body-1m', title: '1 MiB bodies', bodyBytes: 1024 * 1024, connections: 16 },
  ...[1, 10, 100, 1_000].map(connectionsCase),
  { ...other, name: 'no-keep-alive', title: 'a connection for each request', isKeptAlive: false },
  {
    ...other,
    name: 'half-rate',
    title: 'at half the rate that it can do, open loop',
    isHalfRate: true,
  },
  {
    ...other,
    name: 'rich',
    title: 'with retries, a mirror at 0 %, connectionPool limits',
    variant: { ...policy, isRich: true },
  },
  {
    ...other,
    name: 'tls',
    title: 'TLS 1.3 (P-256)',
    variant: { ...policy, protocol: 'tls' },
  },
  {
    ...other,
    name: 'h2',
    title: 'HTTP/2 in clear text, 8 streams on each of 16 connections',
    connections: 16,
    variant: { ...policy, protocol: 'h2' },
  },
  ...[1, 100, 1_000, 10_000].map(routesCase),
  { ...first, name: 'memory', title: 'memory, with 10,000 idle connections', kind: 'memory' },
];

/** What two cases must share to be measured on the same processes. */
export function isSameVariant(one: Variant, two: Variant): boolean {
  const count = ({ routes }: Variant): number => routes?.hosts.length ?? 0;
  return one.protocol === two.protocol && one.isRich === two.isRich && count(one) === count(two);
}
