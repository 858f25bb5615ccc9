/** Counts of observations in fixed buckets. Adding one allocates nothing. */

/** One traced exchange that was counted in a metric. */
export interface Exemplar {
  readonly traceId: string;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly wall: number;
}

export class Histogram {
  /** Upper bounds of the buckets, ascending, without +Inf. */
  readonly bounds: readonly number[];
  /** How many observations fell into each bucket alone; the last one is above all bounds. */
  readonly #counts: Float64Array;
  /** In an array of floats, as a field that changes its number would be a new heap object. */
  readonly #sum = new Float64Array(1);
  /** The last one of each bucket; null until there is any. */
  #exemplars: (Exemplar | null)[] | null = null;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  get sum(): number {
    return this.#sum[0] as number;
  }

  get count(): number {
    return this.#counts.reduce((total, count) => total + count, 0);
  }

  /** Returns the bucket that it fell into. */
  observe(value: number): number {
    const bounds = this.bounds;
    // There are twenty bounds and most values are small: a search by halves is no faster.
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum[0] = (this.#sum[0] as number) + value;
    return bucket;
  }

  /** Of what was observed last, which fell into `bucket`. */
  keepExemplar(bucket: number, exemplar: Exemplar): void {
    this.#exemplars ??= new Array<Exemplar | null>(this.#counts.length).fill(null);
    this.#exemplars[bucket] = exemplar;
  }

  exemplarOf(bucket: number): Exemplar | null {
    return this.#exemplars?.[bucket] ?? null;
  }

  /** Observations up to each bound, and in the end all of them, as Prometheus counts them. */
  cumulativeCounts(): number[] {
    let total = 0;
    return Array.from(this.#counts, (count) => {
      total += count;
      return total;
    });
  }

  /** Adds what was observed elsewhere, with the same bounds. */
  addCumulative(totals: readonly number[], sum: number): void {
    let below = 0;
    for (const [bucket, total] of totals.entries()) {
      this.#counts[bucket] = (this.#counts[bucket] as number) + total - below;
      below = total;
    }
    this.#sum[0] = (this.#sum[0] as number) + sum;
  }

  reset(): void {
    this.#counts.fill(0);
    this.#sum[0] = 0;
    this.#exemplars = null;
  }
}
