/** What the proxy holds, asked through its admin API and from the system. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { AttackedProxy } from './proxy.ts';
import { adminPort } from './setup.ts';

export interface ProxyState {
  /** Connections of clients. */
  readonly connections: number;
  /** Requests under way. */
  readonly requests: number;
  /** Connections to endpoints, those that wait for a request among them. */
  readonly upstreamConnections: number;
  readonly upstreamRequests: number;
  /** Timers of connections and requests that are armed. */
  readonly timers: number;
  /** Of the process, from /proc. */
  readonly descriptors: number;
}

export async function readState(pid: number): Promise<ProxyState> {
  const stats = await (await fetch(`http://127.0.0.1:${adminPort}/stats`)).text();
  const sum = (name: string): number => {
    const lines = stats.matchAll(new RegExp(`^${name}: (\\d+)$`, 'gm'));
    return [...lines].reduce((total, [, value]) => total + Number(value), 0);
  };
  return {
    connections: sum('server\\.total_connections'),
    requests: sum('http\\.[^ ]*\\.downstream_rq_active'),
    upstreamConnections: sum('cluster\\.[^ ]*\\.upstream_cx_active'),
    upstreamRequests: sum('cluster\\.[^ ]*\\.upstream_rq_active'),
    timers: sum('sluice_timers_armed'),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}

const lookEveryMs = 100;

/** What was not given back in time, as text; null: everything. Nobody may send requests meanwhile. */
export async function waitForCalm(
  pid: number,
  calm: ProxyState,
  withinMs: number,
): Promise<string | null> {
  const end = performance.now() + withinMs;
  for (;;) {
    const left = leftOver(await readState(pid), calm);
    if (left === null || performance.now() > end) return left;
    await pause(lookEveryMs);
  }
}

/** Idle connections to endpoints stay: the next requests use them. */
function leftOver(state: ProxyState, calm: ProxyState): string | null {
  const { connections, requests, upstreamRequests, upstreamConnections } = state;
  const idle = upstreamConnections - calm.upstreamConnections;
  const left = [
    [connections - calm.connections, 'connections'],
    [requests - calm.requests, 'requests'],
    [upstreamRequests - calm.upstreamRequests, 'upstream requests'],
    // Each of them has one until it has been idle for too long.
    [state.timers - calm.timers - idle, 'timers'],
    [state.descriptors - calm.descriptors - idle, 'descriptors'],
  ] as const;
  const over = left.filter(([count]) => count > 0);
  return over.length === 0 ? null : over.map(([count, what]) => `${count} ${what}`).join(', ');
}

/**
 * Of V8's heap after a collection, MiB; asked for again while it is above `limit` and there is time:
 * what has just been closed is referred to until its last event has come.
 */
export async function settledHeapMiB(
  proxy: AttackedProxy,
  { limit, withinMs }: { readonly limit: number; readonly withinMs: number },
): Promise<number> {
  const end = performance.now() + withinMs;
  for (;;) {
    const heapMiB = await liveHeapMiB(proxy);
    if (heapMiB <= limit || performance.now() > end) return heapMiB;
    await pause(lookEveryMs);
  }
}

/** Of V8's heap after a collection, MiB. */
export async function liveHeapMiB({ pid, collectedFile }: AttackedProxy): Promise<number> {
  const times = (): number => (existsSync(collectedFile) ? Number(readFileSync(collectedFile)) : 0);
  const before = times();
  process.kill(pid, 'SIGPWR');
  while (times() === before) await pause(lookEveryMs);
  const response = await fetch(`http://127.0.0.1:${adminPort}/memory`);
  const { v8 } = (await response.json()) as { v8: { heap: { used_heap_size: number } } };
  return v8.heap.used_heap_size / 1024 ** 2;
}
