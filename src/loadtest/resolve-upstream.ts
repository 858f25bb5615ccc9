/** Fills in the defaults of synthetic workloads. */

import { parseByteSize } from '../base/byte-size.ts';
import { parseDuration } from '../base/duration.ts';
import type { Path, Problems } from '../config/problem.ts';
import { refuse } from './bad-value.ts';
import { milliseconds } from './milliseconds.ts';
import type { LatencySchema, LoadtestFile } from './schema.ts';
import type { Failure, Latency, Upstream } from './synthetic-upstream.ts';

type UpstreamFile = NonNullable<LoadtestFile['upstreams']>[number];
type FailureFile = NonNullable<UpstreamFile['failures']>[number];

export function resolveUpstream(upstream: UpstreamFile, path: Path, problems: Problems): Upstream {
  const { workload, endpoints = 1, port = null, status = 200, body = 2, errors } = upstream;
  const bodyBytes = parseByteSize(String(body));
  if (bodyBytes === null) {
    refuse(
      { problems, path: [...path, 'body'] },
      `"${body}" is no size`,
      'write it as 4096 or 64Ki',
    );
  }
  const failures = (upstream.failures ?? []).map((failure, index) =>
    resolveFailure(failure, { path: [...path, 'failures', index], problems, endpoints }),
  );
  return {
    ...{ workload, endpoints, port, status, failures, bodyBytes: bodyBytes ?? 0 },
    latency: resolveLatency(upstream.latency, [...path, 'latency'], problems) ?? atOnce,
    errors:
      errors === undefined
        ? null
        : { share: (errors.percent ?? 100) / 100, status: errors.status ?? 503 },
  };
}

const atOnce: Latency = { kind: 'fixed', ms: 0 };

interface FailurePlace {
  readonly path: Path;
  readonly problems: Problems;
  readonly endpoints: number;
}

function resolveFailure(failure: FailureFile, place: FailurePlace): Failure {
  const { path, problems, endpoints } = place;
  const { endpoint, percent = 100, status = null, action = null } = failure;
  const latency = resolveLatency(failure.latency, [...path, 'latency'], problems);
  if (status === null && action === null && latency === null) {
    const hint = 'one of status, latency, action';
    refuse({ problems, path }, 'the failure does not say what happens', hint);
  }
  if (endpoint !== undefined && endpoint > endpoints) {
    refuse({ problems, path: [...path, 'endpoint'] }, `the workload has ${endpoints} endpoints`);
  }
  if (action === 'down' && percent !== 100) {
    refuse({ problems, path: [...path, 'percent'] }, 'a port is closed for all requests');
  }
  const fromMs = milliseconds(failure.at);
  const untilMs = failure.for === undefined ? null : fromMs + milliseconds(failure.for);
  return {
    ...{ fromMs, untilMs, share: percent / 100, status, latency, action },
    endpoint: endpoint === undefined ? null : endpoint - 1,
  };
}

function resolveLatency(
  latency: LatencySchema | undefined,
  path: Path,
  problems: Problems,
): Latency | null {
  if (latency === undefined) return null;
  const { fixed, normal, lognormal, exponential, percentiles } = latency;
  if (fixed !== undefined) return { kind: 'fixed', ms: milliseconds(fixed) };
  if (normal !== undefined) {
    const [meanMs, deviationMs] = [milliseconds(normal.mean), milliseconds(normal.deviation)];
    return { kind: 'normal', meanMs, deviationMs };
  }
  if (lognormal !== undefined) {
    const [medianMs, p99Ms] = [milliseconds(lognormal.median), milliseconds(lognormal.p99)];
    if (!(medianMs > 0 && p99Ms >= medianMs)) {
      refuse({ problems, path }, 'the median is above 0 and at most the 99th percentile');
    }
    return { kind: 'lognormal', medianMs, p99Ms };
  }
  if (exponential !== undefined) return { kind: 'exponential', meanMs: milliseconds(exponential) };
  return resolvePercentiles(percentiles ?? {}, path, problems);
}

function resolvePercentiles(
  percentiles: Readonly<Record<string, string>>,
  path: Path,
  problems: Problems,
): Latency {
  const points = Object.entries(percentiles)
    .map(([percentile, text]) => ({
      percentile: Number(percentile.replace(/^p/, '')),
      ms: parseDuration(text) ?? Number.NaN,
    }))
    .sort((a, b) => a.percentile - b.percentile);
  const isRising = points.every(({ ms }, index) => ms >= (points[index - 1]?.ms ?? 0));
  const inRange = points.every(({ percentile }) => percentile >= 0 && percentile <= 100);
  if (!isRising || !inRange || points.at(-1)?.percentile !== 100) {
    const hint = 'as {50: 5ms, 99: 40ms, 100: 80ms}';
    refuse({ problems, path }, 'percentiles are 0 to 100, up to 100, with rising durations', hint);
  }
  const start = points[0]?.percentile === 0 ? [] : [{ percentile: 0, ms: 0 }];
  return { kind: 'percentiles', points: [...start, ...points] };
}
