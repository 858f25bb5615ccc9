/** How Envoy shows histograms: by quantiles, by buckets, or by all of their bins. */

import type { LogLinearBins } from '../base/log-linear-bins.ts';
import { durationBounds } from '../telemetry/metrics/duration-bounds.ts';
import type { HistogramSample } from '../telemetry/metrics/sample.ts';

export const histogramViews = ['summary', 'cumulative', 'disjoint', 'detailed', 'none'] as const;

/** `none` is the word of older versions for `summary`. */
export type HistogramView = (typeof histogramViews)[number];

/** In percent. */
const quantiles: readonly number[] = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100];
const shares: readonly number[] = quantiles.map((percent) => percent / 100);

/** With the end of its line; in parentheses the last interval and everything. */
export function histogramText(sample: HistogramSample, view: HistogramView): string {
  const { name, cumulative } = sample;
  if (cumulative.count === 0) return `${name}: No recorded values\n`;
  if (view === 'detailed') return detailedText(sample);
  const text =
    view === 'cumulative' || view === 'disjoint'
      ? pairText('B', boundTexts, bucketsOf(sample, view))
      : summaryText(sample);
  return `${name}: ${text}\n`;
}

/** What stands behind the counters and gauges in JSON; null: nothing was recorded. */
export function histogramJson(samples: readonly HistogramSample[], view: HistogramView): unknown {
  const used = samples.filter(({ cumulative }) => cumulative.count > 0);
  if (used.length === 0) return null;
  switch (view) {
    case 'cumulative':
    case 'disjoint':
      return used.map((sample) => ({ name: sample.name, buckets: bucketsJson(sample, view) }));
    case 'detailed':
      return { supported_percentiles: quantiles, details: used.map(detailedJson) };
    default:
      return {
        supported_quantiles: quantiles,
        computed_quantiles: used.map((sample) => ({
          name: sample.name,
          values: quantilesJson(sample),
        })),
      };
  }
}

/** One for each bound or quantile. */
interface Pair {
  readonly interval: number;
  readonly cumulative: number;
}

function quantilesOf({ interval, cumulative }: HistogramSample): Pair[] {
  return paired(interval.quantiles(shares), cumulative.quantiles(shares));
}

function bucketsOf(sample: HistogramSample, view: 'cumulative' | 'disjoint'): Pair[] {
  const countsOf = (bins: LogLinearBins): number[] => {
    const totals = bins.countsUpTo(durationBounds);
    if (view === 'cumulative') return totals;
    return totals.map((total, index) => total - (totals[index - 1] ?? 0));
  };
  return paired(countsOf(sample.interval), countsOf(sample.cumulative));
}

function paired(intervals: readonly number[], cumulatives: readonly number[]): Pair[] {
  return cumulatives.map((cumulative, index) => ({
    interval: intervals[index] ?? Number.NaN,
    cumulative,
  }));
}

function summaryText(sample: HistogramSample): string {
  return pairText('P', quantiles.map(String), quantilesOf(sample));
}

function pairText(letter: string, names: readonly string[], pairs: readonly Pair[]): string {
  return pairs
    .map(({ interval, cumulative }, index) => {
      const values = `${numberText(interval)},${numberText(cumulative)}`;
      return `${letter}${names[index]}(${values})`;
    })
    .join(' ');
}

function detailedText(sample: HistogramSample): string {
  const binsText = (bins: LogLinearBins): string =>
    bins
      .bins()
      .map(({ lower, width, count }) => `${lower},${width}:${count}`)
      .join(', ');
  return [
    `${sample.name}:`,
    `  totals=${binsText(sample.cumulative)}`,
    `  intervals=${binsText(sample.interval)}`,
    `  summary=${summaryText(sample)}`,
    '',
  ].join('\n');
}

function bucketsJson(sample: HistogramSample, view: 'cumulative' | 'disjoint'): unknown {
  return bucketsOf(sample, view).map((pair, index) => ({
    upper_bound: durationBounds[index],
    ...pair,
  }));
}

function detailedJson(sample: HistogramSample): unknown {
  const binsJson = (bins: LogLinearBins): unknown =>
    bins.bins().map(({ lower, width, count }) => ({ lower_bound: lower, width, count }));
  return {
    name: sample.name,
    totals: binsJson(sample.cumulative),
    intervals: binsJson(sample.interval),
    percentiles: quantilesJson(sample),
  };
}

/** An interval without values has null, which is what becomes of NaN in JSON. */
function quantilesJson(sample: HistogramSample): unknown {
  return quantilesOf(sample).map(({ interval, cumulative }) => ({ cumulative, interval }));
}

function numberText(value: number): string {
  return Number.isNaN(value) ? 'nan' : String(value);
}

/** As C prints them with %g: `1.8e+06` from a million on. */
const boundTexts: readonly string[] = durationBounds.map((bound) =>
  bound < 1e6 ? String(bound) : bound.toExponential().replace(/\+(\d)$/, '+0$1'),
);
