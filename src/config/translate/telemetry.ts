/** What this proxy tells of requests. */

import type { TelemetrySettings } from '../../model/telemetry-settings.ts';
import type { TracingSettings } from '../../model/tracing-settings.ts';
import type { ProxySettings } from '../proxy-settings.ts';

/** Istio's defaults for traces that go to nobody. */
const headersOnly: TracingSettings = {
  randomSamplingPercent: 1,
  collector: null,
  customTags: [],
  istioTags: true,
  maxPathTagLength: 256,
  resource: {},
};

export function telemetrySettings(settings: ProxySettings): TelemetrySettings {
  return {
    accessLogs: settings.accessLog === null ? [] : [settings.accessLog],
    tracing: settings.mesh.enableTracing ? headersOnly : null,
    metrics: {},
  };
}
