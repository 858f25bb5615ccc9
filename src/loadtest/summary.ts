/** What a load test has found, as plain data: for the table, for JSON, and for reports to draw. */

import { type AssertionResult, assess } from './assess/assess.ts';
import { lastWords } from './assess/proxy-end.ts';
import { LatencyHistogram, type LatencySummary, latencyHistogram } from './latency-histogram.ts';
import { everything, type Observations, type Selection, selected } from './observations.ts';
import { type Precision, precisionNotes, precisionOf } from './precision.ts';
import { counterGrowth } from './proxy-counters.ts';
import { type FailureKind, noEndpoint } from './request-log.ts';
import { loadDurationMs, type Scenario } from './scenario.ts';
import type { Failure } from './synthetic-upstream.ts';

export interface LoadtestSummary {
  readonly description: string;
  readonly seed: number;
  /** Of the load without warm-up, milliseconds. */
  readonly durationMs: number;
  readonly passed: boolean;
  readonly assertions: readonly AssertionResult[];
  /** All requests, then those of each kind where there are several. */
  readonly requests: readonly RequestSummary[];
  /** Answers by the route that they name; empty without such names. */
  readonly routes: readonly RequestSummary[];
  readonly endpoints: readonly EndpointSummary[];
  /** By how much counters of the proxy grew, those that did. */
  readonly counters: Readonly<Record<string, number>>;
  readonly precision: Precision;
  readonly timeline: readonly TimelineSecond[];
  readonly ejections: Observations['ejections'];
  readonly changes: Observations['changes'];
  /** Those that are asserted of all requests; charts draw them. */
  readonly expectedShares: readonly ExpectedShare[];
  /** What the script had go wrong. */
  readonly failures: readonly FailureSummary[];
  readonly notes: readonly string[];
}

export interface RequestSummary {
  readonly name: string;
  readonly requests: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly failures: Readonly<Partial<Record<FailureKind, number>>>;
  /** Of answers, from when they were due; null without any. Milliseconds. */
  readonly latency: LatencySummary | null;
  /** The part of it that the endpoint did not take, of answers by synthetic endpoints. */
  readonly added: LatencySummary | null;
}

export interface EndpointSummary {
  readonly workload: string;
  /** Counted from 1. */
  readonly endpoint: number;
  readonly port: number;
  /** To requests of the load. */
  readonly answers: number;
  /** What it took for them by its own clock; null without any. Milliseconds. */
  readonly took: LatencySummary | null;
  /** What it was sent, retries included. */
  readonly requests: number;
  readonly retries: number;
  readonly mirrored: number;
}

export interface ExpectedShare {
  readonly workload: string;
  /** 0 to 1. */
  readonly share: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface FailureSummary {
  readonly workload: string;
  /** Counted from 1; null: all. */
  readonly endpoint: number | null;
  readonly fromMs: number;
  readonly untilMs: number;
  /** For people, such as `status 503`. */
  readonly what: string;
}

/** Requests by the second in which they were due. */
export interface TimelineSecond {
  readonly second: number;
  readonly requests: number;
  readonly errors: number;
  /** null where nothing was answered. Milliseconds. */
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  /** Workload to its answers. */
  readonly workloads: Readonly<Record<string, number>>;
}

export function summarize(seen: Observations): LoadtestSummary {
  const { scenario, seed, ejections, changes } = seen;
  const assertions = assess(seen);
  const kinds = scenario.requests.length > 1 ? scenario.requests.map(({ name }) => name) : [];
  const requests = [
    requestSummary('all', everything, seen),
    ...kinds.map((name) => requestSummary(name, { ...everything, request: name }, seen)),
  ];
  const precision = precisionOf(seen);
  return {
    ...{ description: scenario.description, seed, ejections, changes, assertions },
    durationMs: loadDurationMs(scenario.load),
    passed: assertions.every(({ passed }) => passed),
    requests,
    routes: seen.log.routes.map((route) => requestSummary(route, { ...everything, route }, seen)),
    endpoints: endpointSummaries(seen),
    counters: counterSummary(seen),
    precision,
    timeline: timeline(seen),
    expectedShares: expectedShares(scenario),
    failures: failureSummaries(scenario),
    notes: [
      ...seen.notes,
      ...lastWords(seen),
      ...(scenario.assertions.length === 0 ? [nothingAsserted] : []),
      ...precisionNotes(precision, requests[0]?.latency ?? null),
    ],
  };
}

const nothingAsserted = 'nothing is asserted: the scenario has no "assertions"';

function requestSummary(name: string, selection: Selection, seen: Observations): RequestSummary {
  const { log } = seen;
  const indexes = [...selected(seen, selection)];
  const statuses: Record<string, number> = {};
  const failures: Partial<Record<FailureKind, number>> = {};
  const added = new LatencyHistogram();
  for (const index of indexes) {
    const [status, failure] = [log.status(index), log.failure(index)];
    if (status > 0) statuses[status] = (statuses[status] ?? 0) + 1;
    else failures[failure] = (failures[failure] ?? 0) + 1;
    const tookMs = log.tookMs(index);
    if (!Number.isNaN(tookMs)) added.record(log.latencyMs(index) - tookMs);
  }
  const latency = latencyHistogram(log, indexes).summary();
  const rest = { latency, added: added.summary() };
  return { name, requests: indexes.length, statuses, failures, ...rest };
}

function endpointSummaries(seen: Observations): readonly EndpointSummary[] {
  const { log } = seen;
  const took = seen.endpoints.map(() => [] as number[]);
  for (const index of selected(seen, everything)) {
    const endpoint = log.endpoint(index);
    if (endpoint !== noEndpoint) took[endpoint]?.push(log.tookMs(index));
  }
  return seen.endpoints.map(({ workload, ordinal, port }, index) => {
    const report = seen.upstreams.endpoints[index];
    const histogram = new LatencyHistogram();
    for (const tookMs of took[index] ?? []) histogram.record(tookMs);
    return {
      ...{ workload, endpoint: ordinal, port, answers: took[index]?.length ?? 0 },
      took: histogram.summary(),
      requests: sum(report?.requests),
      retries: sum(report?.retries),
      mirrored: sum(report?.mirrored),
    };
  });
}

function sum(counts: readonly number[] = []): number {
  return counts.reduce((total, count) => total + count, 0);
}

function counterSummary({ counters }: Observations): Readonly<Record<string, number>> {
  // Some come with what they count: the last look knows all of them.
  const names = [...(counters.at(-1)?.values.keys() ?? [])];
  const whole = { fromMs: 0, untilMs: Infinity };
  const growths = names.map((name) => [name, counterGrowth(counters, name, whole) ?? 0] as const);
  return Object.fromEntries(growths.filter(([, growth]) => growth > 0));
}

function timeline(seen: Observations): readonly TimelineSecond[] {
  const { log, endpoints } = seen;
  const bySecond = Map.groupBy(selected(seen, everything), (index) =>
    Math.floor(log.dueMs(index) / 1000),
  );
  return [...bySecond]
    .sort(([a], [b]) => a - b)
    .map(([second, indexes]) => {
      const latency = latencyHistogram(log, indexes).summary();
      const workloads: Record<string, number> = {};
      for (const index of indexes) {
        const name = endpoints[log.endpoint(index)]?.workload;
        if (name !== undefined) workloads[name] = (workloads[name] ?? 0) + 1;
      }
      return {
        ...{ second, requests: indexes.length, workloads },
        errors: indexes.filter((index) => log.isError(index)).length,
        ...{ p50: latency?.p50 ?? null, p99: latency?.p99 ?? null, max: latency?.max ?? null },
      };
    });
}

/** Not of some requests, of a route or of keys: charts show all answers. */
function expectedShares({ assertions, load }: Scenario): readonly ExpectedShare[] {
  const endMs = loadDurationMs(load);
  return assertions.flatMap(({ check, request, route, fromMs, untilMs }) => {
    const isOfAll = check.kind === 'shares' && check.per === 'request';
    if (!isOfAll || request !== null || route !== null) return [];
    return check.of.map((one) => ({ ...one, fromMs, untilMs: Math.min(endMs, untilMs) }));
  });
}

function failureSummaries({ upstreams, load }: Scenario): readonly FailureSummary[] {
  const endMs = loadDurationMs(load);
  return upstreams.flatMap(({ workload, failures }) =>
    failures.map((failure) => ({
      workload,
      endpoint: failure.endpoint === null ? null : failure.endpoint + 1,
      fromMs: failure.fromMs,
      untilMs: Math.min(endMs, failure.untilMs ?? endMs),
      what: failureText(failure),
    })),
  );
}

function failureText({ action, status, latency, share }: Failure): string {
  return [
    ...(action === null ? [] : [action]),
    ...(status === null ? [] : [`status ${status}`]),
    ...(latency === null ? [] : ['slow']),
    ...(share < 1 ? [`${Number((100 * share).toFixed(2))} %`] : []),
  ].join(', ');
}
