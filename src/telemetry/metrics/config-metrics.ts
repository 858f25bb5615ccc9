/** What reloads and findings look like as metrics, all of them `sluice_config_…`. */

import type { MetricValue } from './metric-family.ts';
import type { MetricsRegistry, ValueFamily } from './metrics.ts';

export interface ConfigReport {
  /** Everything that was read could be applied. */
  readonly ok: boolean;
  /** Number of the snapshot that is in use. */
  readonly version: number;
  /** Milliseconds since the epoch at which it was published. */
  readonly publishedWall: number;
  /** Milliseconds from reading the files to publishing. */
  readonly durationMs: number;
  readonly findings: { readonly error: number; readonly warning: number; readonly info: number };
  /** Resources that could not be used and keep their last good version, if they have one. */
  readonly rejectedResources: number;
}

export class ConfigMetrics {
  readonly #reloads: ValueFamily;
  readonly #findings: ValueFamily;
  readonly #ok: MetricValue;
  readonly #version: MetricValue;
  readonly #published: MetricValue;
  readonly #duration: MetricValue;
  readonly #rejected: MetricValue;

  constructor(registry: MetricsRegistry) {
    const gauge = (name: string, help: string): MetricValue =>
      registry.gauge({ name, help, labelNames: [] }).slot([]);
    this.#reloads = registry.counter({
      name: 'sluice_config_reloads_total',
      help: 'Configurations that were read, by result',
      labelNames: ['result'],
    });
    this.#findings = registry.gauge({
      name: 'sluice_config_findings',
      help: 'Findings of the last load, by severity',
      labelNames: ['severity'],
    });
    this.#ok = gauge(
      'sluice_config_last_reload_successful',
      '1 if the last load was applied whole',
    );
    this.#version = gauge('sluice_config_version', 'Number of the configuration in use');
    this.#published = gauge(
      'sluice_config_last_publish_timestamp_seconds',
      'When the configuration in use was published',
    );
    this.#duration = gauge(
      'sluice_config_last_reload_duration_seconds',
      'From reading the files to publishing',
    );
    this.#rejected = gauge(
      'sluice_config_rejected_resources',
      'Resources of the last load that could not be used',
    );
  }

  report(report: ConfigReport): void {
    this.#reloads.slot([report.ok ? 'success' : 'failure']).value++;
    for (const severity of ['error', 'warning', 'info'] as const) {
      this.#findings.slot([severity]).value = report.findings[severity];
    }
    this.#ok.value = report.ok ? 1 : 0;
    this.#version.value = report.version;
    this.#published.value = report.publishedWall / 1000;
    this.#duration.value = report.durationMs / 1000;
    this.#rejected.value = report.rejectedResources;
  }
}
