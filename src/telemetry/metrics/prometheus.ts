/**
 * The registry for Prometheus: in its text format 0.0.4, or as OpenMetrics 1.0, which has
 * exemplars. Names are the same in both.
 */

import { durationBounds } from './duration-bounds.ts';
import type { Exemplar } from './histogram.ts';
import type { MetricType } from './metric-family.ts';
import { type MetricPoint, pointsOf } from './metric-points.ts';
import type { MetricsRegistry } from './metrics.ts';
import type { HistogramSample, Sample } from './sample.ts';
import { escapeLabelValue, StatTagger } from './stat-tags.ts';

export type PrometheusFormat = 'text' | 'openmetrics';

export const prometheusContentTypes: Readonly<Record<PrometheusFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

export interface PrometheusOptions {
  readonly format: PrometheusFormat;
  /** Only what is not zero. */
  readonly usedOnly: boolean;
  /** Whether to show a metric, by the name that /stats shows without labels. */
  readonly matches: (name: string) => boolean;
}

export const everything: PrometheusOptions = {
  format: 'text',
  usedOnly: false,
  matches: () => true,
};

/** Metrics with labels first, then Envoy's counters and gauges, and its histograms. */
export function renderPrometheus(registry: MetricsRegistry, options = everything): string {
  const groups = groupsOf(registry, options);
  const lines: string[] = [];
  for (const group of [...groups.values()].sort(byOrigin)) {
    if (options.format === 'text') renderText(lines, group);
    else renderOpenMetrics(lines, group, groups);
  }
  if (options.format === 'openmetrics') lines.push('# EOF');
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** Istio's and ours in their order, then Envoy's by name, histograms last. */
function byOrigin(a: Group, b: Group): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.rank === 0 || a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

/** All series of a name, which stand together below one TYPE, as the formats demand. */
interface Group {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly rank: number;
  readonly points: MetricPoint[];
}

function groupsOf(registry: MetricsRegistry, options: PrometheusOptions): Map<string, Group> {
  const { usedOnly, matches } = options;
  const groups = new Map<string, Group>();
  /** `help`, or what stands for a name of Envoy. */
  const groupOf = (name: string, type: MetricType, help: string | Named): Group => {
    let group = groups.get(name);
    if (group === undefined) {
      const text = typeof help === 'string' ? help : helpOf(help);
      const rank = typeof help === 'string' ? 0 : type === 'histogram' ? 2 : 1;
      group = { name, type, help: text, rank, points: [] };
      groups.set(name, group);
    }
    return group;
  };
  for (const family of [...registry.values(), ...registry.histograms()]) {
    if (!matches(family.name)) continue;
    const { points } = groupOf(family.name, family.type, family.help);
    for (const point of pointsOf(family)) if (!usedOnly || point.used) points.push(point);
  }
  const tagger = new StatTagger();
  for (const sample of registry.unsortedSamples()) {
    if (!matches(sample.name) || (usedOnly && sample.value === 0)) continue;
    const { name, labels } = tagger.tag(sample.name);
    groupOf(name, sample.kind, sample).points.push(valuePoint(labels, sample.value));
  }
  for (const sample of registry.histogramSamples()) {
    // As most clusters of a mesh have nothing to show, and each would do so in twenty lines.
    if (!matches(sample.name) || sample.cumulative.count === 0) continue;
    const { name, labels } = tagger.tag(sample.name);
    groupOf(name, 'histogram', sample).points.push(histogramPoint(labels, sample));
  }
  return groups;
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

function renderText(lines: string[], { name, help, type, points }: Group): void {
  if (points.length === 0) return;
  lines.push(`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`);
  for (const { labels, value, buckets } of points) {
    if (buckets === null) {
      lines.push(line(name, labels, value));
      continue;
    }
    const before = labels === '' ? '' : `${labels},`;
    for (const { bound, total } of buckets) {
      lines.push(line(`${name}_bucket`, `${before}le="${numberText(bound)}"`, total));
    }
    lines.push(line(`${name}_sum`, labels, value));
    lines.push(line(`${name}_count`, labels, buckets.at(-1)?.total ?? 0));
  }
}

const totalSuffix = '_total';

/**
 * A counter is named without its `_total` here. Envoy has counters that do not end so, and some whose
 * names are taken without it: their type goes untold, so that no name differs between the formats.
 */
function renderOpenMetrics(
  lines: string[],
  { name, help, type, points }: Group,
  groups: ReadonlyMap<string, Group>,
): void {
  if (points.length === 0) return;
  const base = name.endsWith(totalSuffix) ? name.slice(0, -totalSuffix.length) : null;
  const isCounter = type === 'counter' && base !== null && !groups.has(base);
  const family = isCounter ? base : name;
  const shownType = type === 'counter' && !isCounter ? 'unknown' : type;
  lines.push(`# TYPE ${family} ${shownType}`, `# HELP ${family} ${escapeLabelValue(help)}`);
  for (const { labels, value, exemplar, buckets } of points) {
    if (buckets === null) {
      lines.push(line(name, labels, value) + (isCounter ? exemplarText(exemplar) : ''));
      continue;
    }
    const before = labels === '' ? '' : `${labels},`;
    for (const { bound, total, exemplar: traced } of buckets) {
      const bucket = `${before}le="${floatText(bound)}"`;
      lines.push(line(`${name}_bucket`, bucket, total) + exemplarText(traced));
    }
    lines.push(line(`${name}_count`, labels, buckets.at(-1)?.total ?? 0));
    lines.push(line(`${name}_sum`, labels, value));
  }
}

function exemplarText(exemplar: Exemplar | null): string {
  if (exemplar === null) return '';
  const { traceId, value, wall } = exemplar;
  return ` # {trace_id="${escapeLabelValue(traceId)}"} ${numberText(value)} ${wall / 1000}`;
}

function line(name: string, labels: string, value: number): string {
  const text = numberText(value);
  return labels === '' ? `${name} ${text}` : `${name}{${labels}} ${text}`;
}

function numberText(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : String(value);
}

/** As OpenMetrics wants bounds: with a point also where they are whole. */
function floatText(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : numberText(value);
}

/** HELP of the text format escapes backslash and newline, but not quotes. */
function escapeHelp(help: string): string {
  return help.replace(/[\\\n]/g, (character) => (character === '\n' ? '\\n' : '\\\\'));
}
