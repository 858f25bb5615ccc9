/** /stats and /stats/prometheus. */

import type { MetricsRegistry } from '../../telemetry/metrics.ts';
import { prometheusContentType, renderPrometheus } from '../../telemetry/prometheus.ts';
import { type AdminEndpoint, type AdminResponse, json, text } from '../admin-endpoint.ts';
import { compileNameFilter } from '../name-filter.ts';
import type { RunningState } from '../running-state.ts';

export const stats: AdminEndpoint = {
  path: '/stats',
  mutation: false,
  help: 'print counters, gauges and histograms',
  parameters: ['usedonly', 'filter', 'format'],
  handle: ({ query }, state) => {
    const format = query.get('format') ?? 'text';
    if (format === 'prometheus') return prometheus(state);
    if (format !== 'text' && format !== 'json') {
      return text('usage: /stats?format=json or /stats?format=prometheus\n', 400);
    }
    const filter = compileNameFilter(query.get('filter'));
    if (!filter.ok) return text(`${filter.error}\n`, 400);
    const usedOnly = query.has('usedonly');
    const entries = [...statEntries(state.metrics)].filter(
      ({ name, value }) => filter.value(name) && (value !== 0 || !usedOnly),
    );
    if (format === 'json') return json({ stats: entries });
    return text(entries.map(({ name, value }) => `${name}: ${value}\n`).join(''));
  },
};

export const statsPrometheus: AdminEndpoint = {
  path: '/stats/prometheus',
  mutation: false,
  help: 'print counters, gauges and histograms in the text format of Prometheus',
  parameters: [],
  handle: (_request, state) => prometheus(state),
};

function prometheus(state: RunningState): AdminResponse {
  return {
    status: 200,
    contentType: prometheusContentType,
    body: renderPrometheus(state.metrics),
  };
}

interface StatEntry {
  readonly name: string;
  readonly value: number;
}

/** Metrics with labels are shown as `name{label="value"}`, histograms by their count and sum. */
function* statEntries(metrics: MetricsRegistry): Iterable<StatEntry> {
  for (const { name, value } of metrics.samples()) yield { name, value };
  for (const family of metrics.values()) {
    for (const { labels, slot } of family.series()) {
      yield { name: family.name + labelText(family.labelNames, labels), value: slot.value };
    }
  }
  for (const family of metrics.histograms()) {
    for (const { labels, slot } of family.series()) {
      const suffix = labelText(family.labelNames, labels);
      yield { name: `${family.name}_count${suffix}`, value: slot.count };
      yield { name: `${family.name}_sum${suffix}`, value: slot.sum };
    }
  }
}

function labelText(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return '';
  return `{${names.map((name, index) => `${name}=${JSON.stringify(values[index])}`).join(',')}}`;
}
