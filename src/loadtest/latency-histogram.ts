/** Times in an HDR histogram: three significant digits from a microsecond to an hour. */

import { build, type Histogram } from 'hdr-histogram-js';
import type { RequestLog } from './request-log.ts';

const largestMicroseconds = 3_600_000_000;

/** Milliseconds. */
export interface LatencySummary {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export class LatencyHistogram {
  readonly #histogram: Histogram = build({
    bitBucketSize: 32,
    numberOfSignificantValueDigits: 3,
    lowestDiscernibleValue: 1,
    highestTrackableValue: largestMicroseconds,
  });

  get count(): number {
    return this.#histogram.totalCount;
  }

  record(ms: number): void {
    const microseconds = Math.max(0, Math.round(ms * 1000));
    this.#histogram.recordValue(Math.min(largestMicroseconds, microseconds));
  }

  /** `percentile`: 0 to 100; 100 is the largest. */
  percentileMs(percentile: number): number {
    return this.#histogram.getValueAtPercentile(percentile) / 1000;
  }

  /** null: nothing was recorded. */
  summary(): LatencySummary | null {
    if (this.count === 0) return null;
    const at = (percentile: number): number => this.percentileMs(percentile);
    const mean = this.#histogram.mean / 1000;
    return { mean, p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: at(100) };
  }
}

/** Of the requests with an answer. */
export function latencyHistogram(log: RequestLog, indexes: Iterable<number>): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const index of indexes) {
    if (log.status(index) > 0) histogram.record(log.latencyMs(index));
  }
  return histogram;
}
