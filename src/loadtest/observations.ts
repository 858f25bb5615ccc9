/** What a load test has seen, for assertions and reports to look at. */

import type { ChangeRecord } from './config-changes.ts';
import type { EjectionEvent } from './ejection-watch.ts';
import type { LatencyHistogram } from './latency-histogram.ts';
import type { ProxyCounters } from './proxy-counters.ts';
import { noEndpoint, type RequestLog } from './request-log.ts';
import type { Scenario } from './scenario.ts';
import type { UpstreamReport } from './upstream/messages.ts';

export interface ObservedEndpoint {
  readonly workload: string;
  /** Among those of its workload, counted from 1. */
  readonly ordinal: number;
  readonly port: number;
}

interface ProxyEndSeen {
  /** Milliseconds since the end of the warm-up. */
  readonly atMs: number;
  /** For people: `killed by SIGKILL`. */
  readonly how: string;
  /** Of what it wrote on standard error. */
  readonly lastLines: readonly string[];
}

export interface Observations {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly log: RequestLog;
  /** In the order in which the log and the report count them. */
  readonly endpoints: readonly ObservedEndpoint[];
  readonly upstreams: UpstreamReport;
  readonly ejections: readonly EjectionEvent[];
  readonly changes: readonly ChangeRecord[];
  /** Of the proxy; empty where its admin API was not asked. */
  readonly counters: ProxyCounters['samples'];
  /** Counters that assertions ask for and that it does not have, with the nearest of its own. */
  readonly unknownCounters: ProxyCounters['unknown'];
  /** By how much the driver itself was late, for each request that it sent. */
  readonly driverLateness: LatencyHistogram;
  /** That the proxy ended under load, which ends the load; null: it did not. */
  readonly proxyEnd: ProxyEndSeen | null;
  /** What had to be left out or ended early; for people. */
  readonly notes: readonly string[];
}

/** The workload that answered, or null where none of the scenario did. */
export function workloadAt({ endpoints }: Observations, endpoint: number): string | null {
  return endpoint === noEndpoint ? null : (endpoints[endpoint]?.workload ?? null);
}

export interface Selection {
  /** Kind of request; null: all. */
  readonly request: string | null;
  /** As answers name it; null: all. */
  readonly route: string | null;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Every request of the whole time. */
export const everything: Selection = { request: null, route: null, fromMs: 0, untilMs: Infinity };

/** Indexes in the log of finished requests. */
export function* selected(
  { log, scenario }: Observations,
  { request, route, fromMs, untilMs }: Selection,
): Generator<number> {
  for (let index = 0; index < log.length; index++) {
    const dueMs = log.dueMs(index);
    if (dueMs < fromMs || dueMs >= untilMs) continue;
    if (request !== null && scenario.requests[log.kind(index)]?.name !== request) continue;
    if (route !== null && log.route(index) !== route) continue;
    if (log.failure(index) !== 'unfinished') yield index;
  }
}
