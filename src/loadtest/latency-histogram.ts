/** Latencies in an HDR histogram: three significant digits from a microsecond to minutes. */

import { build, type Histogram } from 'hdr-histogram-js';
import type { RequestLog } from './request-log.ts';

class LatencyHistogram {
  readonly #histogram: Histogram = build({
    bitBucketSize: 32,
    numberOfSignificantValueDigits: 3,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000_000,
  });

  get count(): number {
    return this.#histogram.totalCount;
  }

  get meanMs(): number {
    return this.#histogram.mean / 1000;
  }

  record(ms: number): void {
    this.#histogram.recordValue(Math.min(3_600_000_000, Math.max(0, Math.round(ms * 1000))));
  }

  /** `percentile`: 0 to 100; 100 is the largest. */
  percentileMs(percentile: number): number {
    return this.#histogram.getValueAtPercentile(percentile) / 1000;
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
