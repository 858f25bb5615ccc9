/** The registry in Prometheus' text format, version 0.0.4. */

import type { Histogram } from './histogram.ts';
import type { MetricFamily, MetricsRegistry } from './metrics.ts';
import type { Sample } from './sample.ts';
import { escapeLabelValue, tagName } from './stat-tags.ts';

export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** Families with labels first, with HELP and TYPE; then Envoy's counters and gauges, with TYPE. */
export function renderPrometheus(registry: MetricsRegistry): string {
  const lines: string[] = [];
  for (const family of registry.values()) {
    renderHead(lines, family);
    for (const { labels, slot } of family.series()) {
      lines.push(line(family.name, joinLabels(family.labelNames, labels), slot.value));
    }
  }
  for (const family of registry.histograms()) {
    renderHead(lines, family);
    for (const { labels, slot } of family.series()) {
      renderHistogram(lines, {
        name: family.name,
        labels: joinLabels(family.labelNames, labels),
        slot,
      });
    }
  }
  renderSamples(lines, registry.samples());
  return `${lines.join('\n')}\n`;
}

function renderHead(lines: string[], family: MetricFamily<unknown>): void {
  lines.push(`# HELP ${family.name} ${escapeHelp(family.help)}`);
  lines.push(`# TYPE ${family.name} ${family.type}`);
}

function renderHistogram(
  lines: string[],
  series: { readonly name: string; readonly labels: string; readonly slot: Histogram },
): void {
  const { name, labels, slot } = series;
  const before = labels === '' ? '' : `${labels},`;
  const counts = slot.cumulativeCounts();
  slot.bounds.forEach((bound, index) => {
    lines.push(line(`${name}_bucket`, `${before}le="${bound}"`, counts[index] as number));
  });
  const count = counts[counts.length - 1] as number;
  lines.push(line(`${name}_bucket`, `${before}le="+Inf"`, count));
  lines.push(line(`${name}_sum`, labels, slot.sum));
  lines.push(line(`${name}_count`, labels, count));
}

/** All series of a name stand together below one TYPE, as the format demands. */
function renderSamples(lines: string[], samples: readonly Sample[]): void {
  const byName = new Map<string, { readonly type: string; readonly lines: string[] }>();
  for (const sample of samples) {
    const { name, labels } = tagName(sample.name);
    let group = byName.get(name);
    if (group === undefined) {
      group = { type: sample.kind, lines: [] };
      byName.set(name, group);
    }
    group.lines.push(line(name, labels, sample.value));
  }
  for (const [name, group] of byName) {
    lines.push(`# TYPE ${name} ${group.type}`);
    for (const text of group.lines) lines.push(text);
  }
}

function line(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${value}` : `${name}{${labels}} ${value}`;
}

function joinLabels(names: readonly string[], values: readonly string[]): string {
  return names.map((name, index) => `${name}="${escapeLabelValue(values[index] ?? '')}"`).join(',');
}

/** HELP escapes backslash and newline, but not quotes. */
function escapeHelp(help: string): string {
  return help.replace(/[\\\n]/g, (character) => (character === '\n' ? '\\n' : '\\\\'));
}
