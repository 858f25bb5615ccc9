/** What is told of requests, worked out for this proxy from MeshConfig and Telemetry resources. */

import type { AccessLogSettings } from './access-log-settings.ts';
import type { MetricsSettings } from './metrics-settings.ts';
import type { TracingSettings } from './tracing-settings.ts';

export interface TelemetrySettings {
  readonly accessLogs: readonly AccessLogSettings[];
  /** null: trace headers pass through untouched. */
  readonly tracing: TracingSettings | null;
  readonly metrics: MetricsSettings;
}

/** Istio's modes: `client` is for outbound and gateway listeners, `server` for inbound ones. */
export interface MeshTelemetry {
  readonly client: TelemetrySettings;
  readonly server: TelemetrySettings;
}
