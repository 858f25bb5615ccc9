/**
 * How often each whole number was seen, to two significant digits: bins as wide as a tenth to a
 * hundredth of what is in them. Envoy's statistics keep their histograms so (libcircllhist), and
 * quantiles are read here as there.
 */

/** `[lower, lower + width)`; up to 99 each number has a bin of its own. */
export interface Bin {
  readonly lower: number;
  readonly width: number;
  readonly count: number;
}

/** What has been seen, as plain data for another process. */
export interface BinCounts {
  readonly count: number;
  readonly sum: number;
  readonly counts: Float64Array;
}

/** Bins of one power of ten: 1.0 to 9.9. */
const perDecade = 90;
/** Zero, and two powers of ten: all that most histograms of milliseconds ever need. */
const initialBins = 1 + 2 * perDecade;
/** Of what has seen nothing yet. */
const noCounts = new Float64Array(0);
/** Beyond it a value counts as this: two hundred years in milliseconds. */
const largest = 9.9e12;

export class LogLinearBins {
  count = 0;
  sum = 0;
  /** Zero first, then each power of ten; longer when something larger is seen. */
  #counts = noCounts;

  /** Fractions are cut off, and what is below zero counts as zero. Allocates nothing as a rule. */
  add(value: number): void {
    const whole = value > 0 ? Math.floor(Math.min(value, largest)) : 0;
    const index = indexOf(whole);
    if (index >= this.#counts.length) this.#grow(index);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.count++;
    this.sum += whole;
  }

  /** Adds what `other` has seen, or with `factor` -1 takes it away. */
  addAll(other: LogLinearBins, factor: 1 | -1 = 1): void {
    if (other.count === 0) return;
    if (other.#counts.length > this.#counts.length) this.#grow(other.#counts.length - 1);
    for (let index = 0; index < other.#counts.length; index++) {
      const count = other.#counts[index] as number;
      this.#counts[index] = (this.#counts[index] as number) + factor * count;
    }
    this.count += factor * other.count;
    this.sum += factor * other.sum;
  }

  export(): BinCounts {
    return { count: this.count, sum: this.sum, counts: this.#counts.slice() };
  }

  /** Adds what the bins of another process have seen. */
  import({ count, sum, counts }: BinCounts): void {
    if (counts.length > this.#counts.length) this.#grow(counts.length - 1);
    for (let index = 0; index < counts.length; index++) {
      this.#counts[index] = (this.#counts[index] as number) + (counts[index] as number);
    }
    this.count += count;
    this.sum += sum;
  }

  clear(): void {
    this.#counts.fill(0);
    this.count = 0;
    this.sum = 0;
  }

  /** Those that have something in them, ascending. */
  bins(): Bin[] {
    const found: Bin[] = [];
    this.#counts.forEach((count, index) => {
      if (count > 0) found.push({ ...edgesOf(index), count });
    });
    return found;
  }

  /** For each bound, ascending, how many there are in bins that begin there or below. */
  countsUpTo(bounds: readonly number[]): number[] {
    const bins = this.bins();
    let at = 0;
    let total = 0;
    return bounds.map((bound) => {
      for (let bin = bins[at]; bin !== undefined && bin.lower <= bound; bin = bins[at]) {
        total += bin.count;
        at++;
      }
      return total;
    });
  }

  /**
   * The values below which these shares (0 to 1, ascending) are; NaN where nothing was seen. What
   * is in one bin is thought to be spread over it evenly.
   */
  quantiles(shares: readonly number[]): number[] {
    const bins = this.bins();
    const found: number[] = [];
    let at = 0;
    let before = 0;
    for (const share of shares) {
      const rank = Math.max(1, Math.ceil(share * this.count));
      let bin = bins[at];
      while (bin !== undefined && before + bin.count < rank) {
        before += bin.count;
        at++;
        bin = bins[at];
      }
      found.push(bin === undefined ? Number.NaN : within(bin, rank - before));
    }
    return found;
  }

  /** To hold `index`, with the whole of its power of ten. */
  #grow(index: number): void {
    const decades = Math.ceil(index / perDecade);
    const counts = new Float64Array(Math.max(initialBins, 1 + decades * perDecade));
    counts.set(this.#counts);
    this.#counts = counts;
  }
}

/** `whole` is not below zero. */
function indexOf(whole: number): number {
  if (whole === 0) return 0;
  // One digit stands for itself and a zero behind it.
  if (whole < 10) return 1 + whole * 10 - 10;
  let digits = whole;
  let base = 1 + perDecade - 10;
  while (digits >= 100) {
    digits = Math.floor(digits / 10);
    base += perDecade;
  }
  return base + digits;
}

function edgesOf(index: number): { readonly lower: number; readonly width: number } {
  if (index === 0) return { lower: 0, width: 0 };
  const decade = Math.floor((index - 1) / perDecade);
  const width = 10 ** (decade - 1);
  const digits = 10 + ((index - 1) % perDecade);
  // One digit has no second place to be exact in: 7 is not 7.000000000000001.
  return { lower: decade === 0 ? digits / 10 : digits * width, width };
}

/** Where the value of this rank, from 1, is in a bin. */
function within({ lower, width, count }: Bin, rank: number): number {
  return lower + (width * rank) / (count + 1);
}
