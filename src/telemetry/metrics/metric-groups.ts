/** What Prometheus is shown, by metric: all series of a name stand together below one TYPE. */

import { durationBounds } from './duration-bounds.ts';
import type { Histogram } from './histogram.ts';
import type { MetricFamily, MetricType, MetricValue } from './metric-family.ts';
import { type MetricPoint, pointsOf } from './metric-points.ts';
import type { MetricsRegistry } from './metrics.ts';
import type { HistogramSample, Sample } from './sample.ts';
import { StatTagger } from './stat-tags.ts';

export interface MetricSelection {
  /** Only what is not zero. */
  readonly usedOnly: boolean;
  /** Whether to show a metric, by the name that /stats shows without labels. */
  readonly matches: (name: string) => boolean;
}

/** Points are made when they are asked for: with many label sets they are more than all else. */
export class MetricGroup {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  /** Istio's metrics and ours come first, Envoy's counters and gauges next, its histograms last. */
  readonly rank: number;
  readonly families: (MetricFamily<MetricValue> | MetricFamily<Histogram>)[] = [];
  readonly values: { readonly labels: string; readonly value: number }[] = [];
  readonly histograms: { readonly labels: string; readonly sample: HistogramSample }[] = [];
  readonly #usedOnly: boolean;

  constructor(
    naming: Pick<MetricGroup, 'name' | 'help' | 'type' | 'rank'>,
    { usedOnly }: MetricSelection,
  ) {
    this.name = naming.name;
    this.help = naming.help;
    this.type = naming.type;
    this.rank = naming.rank;
    this.#usedOnly = usedOnly;
  }

  *points(): Iterable<MetricPoint> {
    for (const family of this.families) {
      for (const point of pointsOf(family)) if (!this.#usedOnly || point.used) yield point;
    }
    for (const { labels, value } of this.values) yield valuePoint(labels, value);
    for (const { labels, sample } of this.histograms) yield histogramPoint(labels, sample);
  }
}

/** In the order in which they are shown. */
export function metricGroups(
  registry: MetricsRegistry,
  selection: MetricSelection,
): ReadonlyMap<string, MetricGroup> {
  const { usedOnly, matches } = selection;
  const groups = new Map<string, MetricGroup>();
  /** `help`, or what stands for a name of Envoy. */
  const groupOf = (name: string, type: MetricType, help: string | Named): MetricGroup => {
    const known = groups.get(name);
    if (known !== undefined) return known;
    const text = typeof help === 'string' ? help : helpOf(help);
    const rank = typeof help === 'string' ? 0 : type === 'histogram' ? 2 : 1;
    const group = new MetricGroup({ name, type, help: text, rank }, selection);
    groups.set(name, group);
    return group;
  };
  for (const family of [...registry.values(), ...registry.histograms()]) {
    if (!matches(family.name)) continue;
    groupOf(family.name, family.type, family.help).families.push(family);
  }
  const tagger = new StatTagger();
  for (const sample of registry.unsortedSamples()) {
    const { value } = sample;
    if (!matches(sample.name) || (usedOnly && value === 0)) continue;
    const { name, labels } = tagger.tag(sample.name);
    groupOf(name, sample.kind, sample).values.push({ labels, value });
  }
  for (const sample of registry.histogramSamples()) {
    // As most clusters of a mesh have nothing to show, and each would do so in twenty lines.
    if (!matches(sample.name) || sample.cumulative.count === 0) continue;
    const { name, labels } = tagger.tag(sample.name);
    groupOf(name, 'histogram', sample).histograms.push({ labels, sample });
  }
  return new Map([...groups].sort(([, a], [, b]) => byOrigin(a, b)));
}

/** Istio's and ours in their order, then Envoy's by name. */
function byOrigin(a: MetricGroup, b: MetricGroup): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.rank === 0 || a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

type Named = Pick<Sample, 'name'>;

function helpOf({ name }: Named): string {
  return name.startsWith('sluice_') ? name : `Envoy's ${genericName(name)}, see docs/metrics.md`;
}

/** What names have in common whose variable parts are labels. */
function genericName(name: string): string {
  return name
    .replace(/^(cluster|http|tcp)\..+?;/, '$1.*')
    .replace(/^listener\.([0-9.]+_\d+|\[[0-9a-fA-F:.]+\]_\d+)/, 'listener.*')
    .replace(/\.http\..+?;/, '.http.*')
    .replace(/_rq_\d(?:\d\d|xx)$/, '_rq_<status>');
}

function valuePoint(labels: string, value: number): MetricPoint {
  return { labels, value, used: value !== 0, exemplar: null, buckets: null };
}

/** With Envoy's buckets: a bin belongs to the bound at which it begins. */
function histogramPoint(labels: string, { cumulative }: HistogramSample): MetricPoint {
  const { count, sum } = cumulative;
  const buckets = cumulative
    .countsUpTo(durationBounds)
    .map((total, index) => ({ bound: durationBounds[index] as number, total, exemplar: null }));
  buckets.push({ bound: Number.POSITIVE_INFINITY, total: count, exemplar: null });
  return { labels, value: sum, used: count > 0, exemplar: null, buckets };
}
