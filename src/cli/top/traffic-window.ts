/**
 * What the requests of the last seconds come to: rates, successes and durations by service, route
 * or cluster. Begins with what the proxy remembers, and goes on with what it streams.
 */

import type { RecentRequestList } from '../../admin/api/schema/requests.ts';
import type { RequestRecord } from '../../telemetry/traffic/request-record.ts';
import { serviceName } from '../output/cluster-name.ts';
import type { Grouping } from './top-choices.ts';

export interface TrafficRow {
  readonly name: string;
  readonly requestsPerSecond: number;
  /** 0 to 1: neither 5xx, nor a gRPC status other than 0, nor without any response. */
  readonly successShare: number;
  /** Durations in milliseconds. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

interface Entry {
  /** When it ended, milliseconds since the epoch. */
  readonly endedAt: number;
  readonly durationMs: number;
  readonly isError: boolean;
  readonly names: Readonly<Record<Grouping, string>>;
  /** Requests that it stands for: more than one in a second with too many for the stream. */
  weight: number;
}

/** How often the stream tells what it left out, in milliseconds. */
const droppedIntervalMs = 1000;

export class TrafficWindow {
  readonly #windowMs: number;
  #entries: Entry[] = [];
  /** Everything since then is known, milliseconds since the epoch. */
  #from = 0;
  #lastId = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /**
   * Forgets what it had. Of a proxy under load, which remembers more of its errors than of the
   * rest, nothing is taken over: shares would be wrong. Returns whether there is a past.
   */
  begin({ requests, kept, capacity, unrecorded }: RecentRequestList, now: number): boolean {
    this.#entries = [];
    this.#lastId = requests[0]?.id ?? 0;
    this.#from = now;
    if (unrecorded > 0) return false;
    const oldest = requests.at(-1);
    this.#from = kept < capacity || oldest === undefined ? 0 : endOf(oldest);
    for (const record of requests) this.#keep(record);
    this.#forget(now);
    return true;
  }

  /** A record of the stream, which may be one that was remembered, too. */
  add(record: RequestRecord): void {
    if (record.id <= this.#lastId) return;
    this.#lastId = record.id;
    this.#keep(record);
  }

  /** So many ended in the last second, beside those that came. */
  addUnseen(count: number, now: number): void {
    const seen = this.#entries.filter(({ endedAt }) => endedAt > now - droppedIntervalMs);
    for (const entry of seen) entry.weight *= 1 + count / seen.length;
  }

  /** In no order. */
  rows(grouping: Grouping, now: number): TrafficRow[] {
    this.#forget(now);
    const groups = Map.groupBy(this.#entries, ({ names }) => names[grouping]);
    return [...groups].map(([name, entries]) => this.#row(name, entries, now));
  }

  /** All of them together; null without any. */
  total(now: number): TrafficRow | null {
    this.#forget(now);
    return this.#entries.length === 0 ? null : this.#row('', this.#entries, now);
  }

  /** How far back the numbers go: not below one second. */
  seconds(now: number): number {
    return Math.min(this.#windowMs, Math.max(now - this.#from, 1000)) / 1000;
  }

  /** A TCP connection is no request: it lasts as long as somebody likes it to. */
  #keep(record: RequestRecord): void {
    if (record.protocol !== 'TCP') this.#entries.push(entryOf(record));
  }

  #forget(now: number): void {
    const oldest = now - this.#windowMs;
    this.#entries = this.#entries.filter(({ endedAt }) => endedAt >= oldest);
  }

  #row(name: string, entries: readonly Entry[], now: number): TrafficRow {
    const sorted = entries.toSorted((a, b) => a.durationMs - b.durationMs);
    const count = weightOf(sorted);
    const errors = weightOf(sorted.filter(({ isError }) => isError));
    return {
      name,
      requestsPerSecond: count / this.seconds(now),
      successShare: 1 - errors / count,
      p50: quantile(sorted, count * 0.5),
      p90: quantile(sorted, count * 0.9),
      p99: quantile(sorted, count * 0.99),
    };
  }
}

function entryOf(record: RequestRecord): Entry {
  const { durationMs, status, grpcStatus, cluster, route, virtualHost } = record;
  const target = cluster === '' ? virtualHost || 'no route' : cluster;
  return {
    endedAt: endOf(record),
    durationMs,
    isError: status === 0 || status >= 500 || (grpcStatus !== null && grpcStatus !== 0),
    weight: 1,
    names: {
      service: cluster === '' ? target : serviceName(cluster),
      route: routeName(route, virtualHost),
      cluster: target,
    },
  };
}

function endOf({ startedAt, durationMs }: RequestRecord): number {
  return startedAt + durationMs;
}

function routeName(route: string, virtualHost: string): string {
  const host = virtualHost.replace('.svc.cluster.local:', ':');
  return [host, route].filter((part) => part !== '').join(' / ') || 'no route';
}

function weightOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { weight }) => sum + weight, 0);
}

/** The duration within which `rank` of the requests have ended. */
function quantile(sorted: readonly Entry[], rank: number): number {
  let below = 0;
  for (const { durationMs, weight } of sorted) {
    below += weight;
    if (below >= rank) return durationMs;
  }
  return sorted.at(-1)?.durationMs ?? 0;
}
