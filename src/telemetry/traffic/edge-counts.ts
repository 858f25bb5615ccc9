/** What was counted of one edge of the traffic graph, within some time. */

/** As a histogram counts: how many fell into each bucket alone. */
export interface DurationCounts {
  readonly bounds: readonly number[];
  readonly counts: number[];
  sumMs: number;
}

/** By the value of a label. */
type Counts = ReadonlyMap<string, number>;
type CountsName = 'codes' | 'grpcCodes' | 'flags';

/** Many are kept, and most of them have counted nothing of a kind. */
const none: Counts = new Map();

export class EdgeCounts {
  requests = 0;
  errors = 0;
  codes = none;
  grpcCodes = none;
  flags = none;
  durations: DurationCounts | null = null;
  /** Of TCP, both ways. */
  bytes = 0;

  add(other: EdgeCounts): void {
    this.requests += other.requests;
    this.errors += other.errors;
    this.bytes += other.bytes;
    for (const name of ['codes', 'grpcCodes', 'flags'] as const) {
      for (const [key, count] of other[name]) this.count(name, key, count);
    }
    const { durations } = other;
    if (durations !== null) this.addDurations(durations.bounds, durations.counts, durations.sumMs);
  }

  count(name: CountsName, key: string, by: number): void {
    const counts = this[name] === none ? new Map() : (this[name] as Map<string, number>);
    counts.set(key, (counts.get(key) ?? 0) + by);
    this[name] = counts;
  }

  /** Histograms of other buckets than the first ones are left out: they cannot be added up. */
  addDurations(bounds: readonly number[], counts: readonly number[], sumMs: number): void {
    this.durations ??= { bounds, counts: counts.map(() => 0), sumMs: 0 };
    const { durations } = this;
    if (durations.counts.length !== counts.length) return;
    for (let bucket = 0; bucket < counts.length; bucket++) {
      durations.counts[bucket] = (durations.counts[bucket] ?? 0) + (counts[bucket] ?? 0);
    }
    durations.sumMs += sumMs;
  }
}

/**
 * The value below which a share of the observations lies, as Prometheus' histogram_quantile works
 * it out: evenly spread within a bucket, and never above the last bound. 0 without observations.
 */
export function quantile({ bounds, counts }: DurationCounts, share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let left = share * total;
  for (const [index, upper] of bounds.entries()) {
    const count = counts[index] ?? 0;
    if (count > 0 && left <= count) {
      const lower = bounds[index - 1] ?? 0;
      return lower + ((upper - lower) * left) / count;
    }
    left -= count;
  }
  return total === 0 ? 0 : (bounds.at(-1) ?? 0);
}
