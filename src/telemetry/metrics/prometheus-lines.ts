/** Lines of the two formats that Prometheus reads, for all series of one metric. */

import type { Exemplar } from './histogram.ts';
import type { MetricGroup } from './metric-groups.ts';
import { escapeLabelValue } from './stat-tags.ts';

/** Text format 0.0.4. A metric without series has no lines. */
export function* textLines(group: MetricGroup): Iterable<string> {
  const { name, help, type } = group;
  let isFirst = true;
  for (const { labels, value, buckets } of group.points()) {
    if (isFirst) yield `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}`;
    isFirst = false;
    if (buckets === null) {
      yield line(name, labels, value);
      continue;
    }
    const before = labels === '' ? '' : `${labels},`;
    for (const { bound, total } of buckets) {
      yield line(`${name}_bucket`, `${before}le="${numberText(bound)}"`, total);
    }
    yield line(`${name}_sum`, labels, value);
    yield line(`${name}_count`, labels, buckets.at(-1)?.total ?? 0);
  }
}

const totalSuffix = '_total';

/**
 * OpenMetrics 1.0. A counter is named without its `_total` here. Envoy has counters that do not end
 * so, and some whose names are taken without it (`isTaken`): their type goes untold, so that no name
 * differs between the formats.
 */
export function* openMetricsLines(
  group: MetricGroup,
  isTaken: (name: string) => boolean,
): Iterable<string> {
  const { name, help, type } = group;
  const base = name.endsWith(totalSuffix) ? name.slice(0, -totalSuffix.length) : null;
  const isCounter = type === 'counter' && base !== null && !isTaken(base);
  const family = isCounter ? base : name;
  const shownType = type === 'counter' && !isCounter ? 'unknown' : type;
  let isFirst = true;
  for (const { labels, value, exemplar, buckets } of group.points()) {
    if (isFirst) yield `# TYPE ${family} ${shownType}\n# HELP ${family} ${escapeLabelValue(help)}`;
    isFirst = false;
    if (buckets === null) {
      yield line(name, labels, value) + (isCounter ? exemplarText(exemplar) : '');
      continue;
    }
    const before = labels === '' ? '' : `${labels},`;
    for (const { bound, total, exemplar: traced } of buckets) {
      const bucket = `${before}le="${floatText(bound)}"`;
      yield line(`${name}_bucket`, bucket, total) + exemplarText(traced);
    }
    yield line(`${name}_count`, labels, buckets.at(-1)?.total ?? 0);
    yield line(`${name}_sum`, labels, value);
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
