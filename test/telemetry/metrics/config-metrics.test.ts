import t from 'tap';
import { ConfigMetrics } from '../../../src/telemetry/metrics/config-metrics.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics/metrics.ts';
import { prometheusText } from '../../support/prometheus-text.ts';

t.test('the last load and the configuration in use', (t) => {
  const registry = new MetricsRegistry();
  const metrics = new ConfigMetrics(registry);
  const base = { version: 1, publishedWall: 5_000, durationMs: 250, rejectedResources: 0 };
  metrics.report({ ...base, ok: true, findings: { error: 0, warning: 2, info: 0 } });
  metrics.report({
    ...base,
    ok: false,
    rejectedResources: 1,
    findings: { error: 1, warning: 0, info: 0 },
  });
  const lines = prometheusText(registry)
    .split('\n')
    .filter((line) => !line.startsWith('#'));
  t.same(lines, [
    'sluice_config_reloads_total{result="success"} 1',
    'sluice_config_reloads_total{result="failure"} 1',
    'sluice_config_findings{severity="error"} 1',
    'sluice_config_findings{severity="warning"} 0',
    'sluice_config_findings{severity="info"} 0',
    'sluice_config_last_reload_successful 0',
    'sluice_config_version 1',
    'sluice_config_last_publish_timestamp_seconds 5',
    'sluice_config_last_reload_duration_seconds 0.25',
    'sluice_config_rejected_resources 1',
    '',
  ]);
  t.end();
});
