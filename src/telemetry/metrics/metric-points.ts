/** The series of a family, in the form in which they are shown. */

import { type Exemplar, Histogram } from './histogram.ts';
import type { MetricFamily, MetricValue } from './metric-family.ts';
import { escapeLabelValue } from './stat-tags.ts';

export interface MetricPoint {
  /** `name="value"` pairs, ready to be written between braces; empty for none. */
  readonly labels: string;
  /** Of a histogram, the sum. */
  readonly value: number;
  readonly used: boolean;
  readonly exemplar: Exemplar | null;
  /** Ascending, the last one infinite; null for what is no histogram. */
  readonly buckets: readonly Bucket[] | null;
}

export interface Bucket {
  /** Upper bound. */
  readonly bound: number;
  /** Observations up to it. */
  readonly total: number;
  readonly exemplar: Exemplar | null;
}

export function* pointsOf(
  family: MetricFamily<MetricValue> | MetricFamily<Histogram>,
): Iterable<MetricPoint> {
  for (const { labels: values, slot } of family.series()) {
    const labels = joinLabels(family.labelNames, values);
    if (slot instanceof Histogram) yield histogramPoint(labels, slot);
    else yield valuePoint(labels, slot);
  }
}

function valuePoint(labels: string, { value, exemplar }: MetricValue): MetricPoint {
  return { labels, value, used: value !== 0, exemplar, buckets: null };
}

function histogramPoint(labels: string, histogram: Histogram): MetricPoint {
  const bounds = [...histogram.bounds, Number.POSITIVE_INFINITY];
  const totals = histogram.cumulativeCounts();
  const buckets = bounds.map((bound, index) => ({
    bound,
    total: totals[index] as number,
    exemplar: histogram.exemplarOf(index),
  }));
  const used = (totals.at(-1) as number) > 0;
  return { labels, value: histogram.sum, used, exemplar: null, buckets };
}

function joinLabels(names: readonly string[], values: readonly string[]): string {
  return names.map((name, index) => `${name}="${escapeLabelValue(values[index] ?? '')}"`).join(',');
}
