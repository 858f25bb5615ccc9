/** What a scrape reads, as one text. */

import type { MetricsRegistry } from '../../src/telemetry/metrics/metrics.ts';
import { everything, renderPrometheus } from '../../src/telemetry/metrics/prometheus.ts';

export function prometheusText(registry: MetricsRegistry, options = everything): string {
  return [...renderPrometheus(registry, options)].join('');
}
