/** What a load test has found, as plain data: for the table, for JSON, and for reports to draw. */

import { type AssertionResult, assess } from './assess/assess.ts';
import { latencyHistogram } from './latency-histogram.ts';
import { type Observations, selected } from './observations.ts';
import { type FailureKind, noEndpoint } from './request-log.ts';
import { loadDurationMs } from './scenario.ts';

export interface LoadtestSummary {
  readonly description: string;
  readonly seed: number;
  /** Of the load without warm-up, milliseconds. */
  readonly durationMs: number;
  /** By how much the driver itself was late, at worst, milliseconds. */
  readonly driverLateMs: number;
  readonly passed: boolean;
  readonly assertions: readonly AssertionResult[];
  /** All requests, then those of each kind where there are several. */
  readonly requests: readonly RequestSummary[];
  readonly endpoints: readonly EndpointSummary[];
  readonly timeline: readonly TimelineSecond[];
  readonly ejections: Observations['ejections'];
  readonly changes: Observations['changes'];
  readonly notes: readonly string[];
}

export interface RequestSummary {
  readonly name: string;
  readonly requests: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly failures: Readonly<Partial<Record<FailureKind, number>>>;
  /** Of answers, from when they were due; null without any. Milliseconds. */
  readonly latency: LatencySummary | null;
}

export interface LatencySummary {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface EndpointSummary {
  readonly workload: string;
  /** Counted from 1. */
  readonly endpoint: number;
  readonly port: number;
  /** Of requests of the load. */
  readonly answers: number;
  /** What it was sent, retries included. */
  readonly requests: number;
  readonly retries: number;
  readonly mirrored: number;
}

/** Requests by the second in which they were due. */
export interface TimelineSecond {
  readonly second: number;
  readonly requests: number;
  readonly errors: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Workload to its answers. */
  readonly workloads: Readonly<Record<string, number>>;
}

export function summarize(seen: Observations): LoadtestSummary {
  const { scenario, seed, driverLateMs, ejections, changes } = seen;
  const assertions = assess(seen);
  const kinds = scenario.requests.length > 1 ? scenario.requests.map(({ name }) => name) : [];
  return {
    ...{ description: scenario.description, seed, driverLateMs, ejections, changes, assertions },
    durationMs: loadDurationMs(scenario.load),
    passed: assertions.every(({ passed }) => passed),
    requests: [null, ...kinds].map((name) => requestSummary(seen, name)),
    endpoints: endpointSummaries(seen),
    timeline: timeline(seen),
    notes: notes(seen),
  };
}

/** How late the driver may be before its figures are in doubt, milliseconds. */
const doubtfulLateMs = 50;

function notes(seen: Observations): readonly string[] {
  const { driverLateMs } = seen;
  if (driverLateMs <= doubtfulLateMs) return seen.notes;
  const late = `this machine sent a request ${Math.round(driverLateMs)} ms late: it is too busy for exact latencies`;
  return [...seen.notes, late];
}

function requestSummary(seen: Observations, request: string | null): RequestSummary {
  const { log } = seen;
  const indexes = [...selected(seen, { request, fromMs: 0, untilMs: Infinity })];
  const statuses: Record<string, number> = {};
  const failures: Partial<Record<FailureKind, number>> = {};
  for (const index of indexes) {
    const [status, failure] = [log.status(index), log.failure(index)];
    if (status > 0) statuses[status] = (statuses[status] ?? 0) + 1;
    else failures[failure] = (failures[failure] ?? 0) + 1;
  }
  const histogram = latencyHistogram(log, indexes);
  const at = (percentile: number): number => histogram.percentileMs(percentile);
  const mean = histogram.meanMs;
  const latency =
    histogram.count === 0
      ? null
      : { mean, p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: at(100) };
  return { name: request ?? 'all', requests: indexes.length, statuses, failures, latency };
}

function endpointSummaries(seen: Observations): readonly EndpointSummary[] {
  const answers = seen.endpoints.map(() => 0);
  for (const index of selected(seen, { request: null, fromMs: 0, untilMs: Infinity })) {
    const endpoint = seen.log.endpoint(index);
    if (endpoint !== noEndpoint) answers[endpoint] = (answers[endpoint] ?? 0) + 1;
  }
  return seen.endpoints.map(({ workload, ordinal, port }, index) => {
    const report = seen.upstreams.endpoints[index];
    return {
      ...{ workload, endpoint: ordinal, port, answers: answers[index] ?? 0 },
      requests: sum(report?.requests),
      retries: sum(report?.retries),
      mirrored: sum(report?.mirrored),
    };
  });
}

function sum(counts: readonly number[] = []): number {
  return counts.reduce((total, count) => total + count, 0);
}

function timeline(seen: Observations): readonly TimelineSecond[] {
  const { log, endpoints } = seen;
  const all = selected(seen, { request: null, fromMs: 0, untilMs: Infinity });
  const bySecond = Map.groupBy(all, (index) => Math.floor(log.dueMs(index) / 1000));
  return [...bySecond]
    .sort(([a], [b]) => a - b)
    .map(([second, indexes]) => {
      const histogram = latencyHistogram(log, indexes);
      const workloads: Record<string, number> = {};
      for (const index of indexes) {
        const name = endpoints[log.endpoint(index)]?.workload;
        if (name !== undefined) workloads[name] = (workloads[name] ?? 0) + 1;
      }
      return {
        ...{ second, requests: indexes.length, workloads },
        errors: indexes.filter((index) => log.isError(index)).length,
        p50: histogram.percentileMs(50),
        p99: histogram.percentileMs(99),
        max: histogram.percentileMs(100),
      };
    });
}
