/**
 * The registry for Prometheus: in its text format 0.0.4, or as OpenMetrics 1.0, which has
 * exemplars. Names are the same in both.
 */

import { type MetricSelection, metricGroups } from './metric-groups.ts';
import type { MetricsRegistry } from './metrics.ts';
import { openMetricsLines, textLines } from './prometheus-lines.ts';

export type PrometheusFormat = 'text' | 'openmetrics';

export const prometheusContentTypes: Readonly<Record<PrometheusFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

export interface PrometheusOptions extends MetricSelection {
  readonly format: PrometheusFormat;
}

export const everything: PrometheusOptions = {
  format: 'text',
  usedOnly: false,
  matches: () => true,
};

/** A piece takes about a millisecond to make. */
const pieceLength = 64 * 1024;

/**
 * Metrics with labels first, then Envoy's counters and gauges, and its histograms. In pieces,
 * because with thousands of label sets the whole is a hundred megabytes, and requests do not wait
 * for it: each piece tells what is counted when it is made.
 */
export function* renderPrometheus(
  registry: MetricsRegistry,
  options = everything,
): Generator<string, void> {
  const groups = metricGroups(registry, options);
  let piece = '';
  for (const group of groups.values()) {
    const lines =
      options.format === 'text'
        ? textLines(group)
        : openMetricsLines(group, (name) => groups.has(name));
    for (const line of lines) {
      piece += `${line}\n`;
      if (piece.length < pieceLength) continue;
      yield piece;
      piece = '';
    }
  }
  if (options.format === 'openmetrics') piece += '# EOF\n';
  if (piece !== '') yield piece;
}
