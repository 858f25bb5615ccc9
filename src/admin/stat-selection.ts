/** What a look at /stats is to show: all that is counted, by type, name and use. */

import type { MetricFamily } from '../telemetry/metrics/metric-family.ts';
import type { MetricsRegistry } from '../telemetry/metrics/metrics.ts';
import type { HistogramSample } from '../telemetry/metrics/sample.ts';
import type { NameFilter } from './name-filter.ts';

export type StatType = 'All' | 'Counters' | 'Gauges' | 'Histograms';

export interface StatChoice {
  readonly type: StatType;
  readonly filter: NameFilter;
  /** Only what is not zero. */
  readonly usedOnly: boolean;
}

export interface StatEntry {
  readonly name: string;
  readonly value: number;
}

export interface StatSelection {
  readonly entries: readonly StatEntry[];
  readonly histograms: readonly HistogramSample[];
}

export function selectStats(metrics: MetricsRegistry, choice: StatChoice): StatSelection {
  const { filter, usedOnly, type } = choice;
  const isWanted = ({ name, value }: StatEntry): boolean =>
    filter(name) && (value !== 0 || !usedOnly);
  const histograms = shows(type, 'Histograms') ? metrics.histogramSamples() : [];
  return {
    entries: [...entriesOf(metrics, type)].filter(isWanted),
    histograms: histograms.filter(
      ({ name, cumulative }) => filter(name) && (cumulative.count > 0 || !usedOnly),
    ),
  };
}

function shows(type: StatType, wanted: StatType): boolean {
  return type === 'All' || type === wanted;
}

/** Metrics with labels are shown as `name{label="value"}`, their histograms by count and sum. */
function* entriesOf(metrics: MetricsRegistry, type: StatType): Iterable<StatEntry> {
  const typeOf = (kind: string): StatType => (kind === 'counter' ? 'Counters' : 'Gauges');
  for (const { kind, name, value } of metrics.samples()) {
    if (shows(type, typeOf(kind))) yield { name, value };
  }
  for (const family of metrics.values()) {
    if (!shows(type, typeOf(family.type))) continue;
    for (const { labels, slot } of family.series()) {
      yield { name: family.name + labelText(family, labels), value: slot.value };
    }
  }
  if (!shows(type, 'Histograms')) return;
  for (const family of metrics.histograms()) {
    for (const { labels, slot } of family.series()) {
      const suffix = labelText(family, labels);
      yield { name: `${family.name}_count${suffix}`, value: slot.count };
      yield { name: `${family.name}_sum${suffix}`, value: slot.sum };
    }
  }
}

function labelText({ labelNames }: MetricFamily<unknown>, values: readonly string[]): string {
  if (labelNames.length === 0) return '';
  const pairs = labelNames.map((name, index) => `${name}=${JSON.stringify(values[index])}`);
  return `{${pairs.join(',')}}`;
}
