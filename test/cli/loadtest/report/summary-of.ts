/** A summary of a load test for tests of its reports. */

import type { LatencySummary } from '../../../../src/loadtest/latency-histogram.ts';
import type { LoadtestSummary } from '../../../../src/loadtest/summary.ts';

export function latencyOf(p50: number): LatencySummary {
  return { mean: p50, p50, p90: 2 * p50, p99: 3 * p50, p999: 4 * p50, max: 5 * p50 };
}

const second = { requests: 10, errors: 1, p50: 1, p99: 5, max: 9, workloads: { v1: 6, v2: 3 } };

/** One of four seconds, with one assertion that holds and one that does not. */
export function summaryOf(changes: Partial<LoadtestSummary> = {}): LoadtestSummary {
  return {
    ...{ description: 'a test', seed: 7, durationMs: 4000, passed: false, notes: [] },
    assertions: [
      {
        ...{ kind: 'shares', name: 'weights', passed: true, expected: 'v1 60 %' },
        ...{ found: '61.5 % (8 of 13)', interval: { low: 0.36, high: 0.82 } },
      },
      {
        ...{ kind: 'errors', name: 'sound', passed: false, expected: 'errors at most 1 %' },
        ...{ found: '10 % (4 of 40)', interval: null },
      },
    ],
    requests: [
      {
        ...{ name: 'all', requests: 40, statuses: { 200: 36, 503: 3 }, failures: { timeout: 1 } },
        ...{ latency: latencyOf(10), added: latencyOf(0.5) },
      },
    ],
    routes: [],
    endpoints: [
      {
        ...{ workload: 'v1', endpoint: 2, port: 1002, answers: 39 },
        ...{ requests: 41, retries: 2, mirrored: 0, took: latencyOf(9.5) },
      },
      {
        ...{ workload: 'v2', endpoint: 1, port: 1003, answers: 0 },
        ...{ requests: 0, retries: 0, mirrored: 0, took: null },
      },
    ],
    counters: { upstream_rq_retry_overflow: 12 },
    precision: { driver: latencyOf(0.1), endpoints: null },
    timeline: [0, 1, 2].map((number) => ({ second: number, ...second })),
    ejections: [],
    ...{ changes: [], failures: [], expectedShares: [] },
    ...changes,
  };
}
