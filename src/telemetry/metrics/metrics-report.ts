/** What the registry of one process has counted, as plain data for another. */

import type { BinCounts } from '../../base/log-linear-bins.ts';
import type { Exemplar } from './histogram.ts';
import type { HistogramFamily, MetricsRegistry, ValueFamily } from './metrics.ts';
import type { Sample } from './sample.ts';

export interface SeriesReport {
  readonly labels: readonly string[];
  /** Of a histogram, the sum. */
  readonly value: number;
  /** Observations up to each bound, and all of them; null for what is no histogram. */
  readonly totals: readonly number[] | null;
  /** One for each bucket, or the only one. */
  readonly exemplars: readonly (Exemplar | null)[];
}

export interface FamilyReport {
  readonly name: string;
  readonly labelNames: readonly string[];
  readonly series: readonly SeriesReport[];
}

export interface HistogramReport {
  readonly name: string;
  readonly cumulative: BinCounts;
  readonly interval: BinCounts;
}

/** Without what is zero. */
export interface MetricsReport {
  readonly samples: readonly Sample[];
  readonly histograms: readonly HistogramReport[];
  readonly families: readonly FamilyReport[];
}

export const nothingCounted: MetricsReport = { samples: [], histograms: [], families: [] };

export function reportMetrics(registry: MetricsRegistry): MetricsReport {
  const histograms = registry.histogramSamples().filter(({ cumulative }) => cumulative.count > 0);
  return {
    samples: registry.unsortedSamples().filter(({ value }) => value !== 0),
    histograms: histograms.map(({ name, cumulative, interval }) => ({
      name,
      cumulative: cumulative.export(),
      interval: interval.export(),
    })),
    families: [
      ...Array.from(registry.values(), valueReport),
      ...Array.from(registry.histograms(), histogramReport),
    ],
  };
}

function valueReport(family: ValueFamily): FamilyReport {
  const { name, labelNames } = family;
  const series: SeriesReport[] = [];
  for (const { labels, slot } of family.series()) {
    const { value, exemplar } = slot;
    if (value !== 0) series.push({ labels, value, totals: null, exemplars: [exemplar] });
  }
  return { name, labelNames, series };
}

function histogramReport(family: HistogramFamily): FamilyReport {
  const { name, labelNames } = family;
  const series: SeriesReport[] = [];
  for (const { labels, slot } of family.series()) {
    const totals = slot.cumulativeCounts();
    const exemplars = totals.map((_, bucket) => slot.exemplarOf(bucket));
    if (totals.at(-1) !== 0) series.push({ labels, value: slot.sum, totals, exemplars });
  }
  return { name, labelNames, series };
}
