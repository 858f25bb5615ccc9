/** The model as the admin API may show it: without what only a collector is to see. */

import type { AccessLogSettings } from '../model/access-log-settings.ts';
import type { Collector } from '../model/collector.ts';
import type { Mesh } from '../model/mesh.ts';
import type { TelemetrySettings } from '../model/telemetry-settings.ts';
import type { TracingSettings } from '../model/tracing-settings.ts';

const hidden = '[redacted]';

/** The names of headers stay, their values may be keys. */
export function redacted(mesh: Mesh): Mesh {
  const { client, server } = mesh.telemetry;
  return { ...mesh, telemetry: { client: withoutKeys(client), server: withoutKeys(server) } };
}

function withoutKeys(settings: TelemetrySettings): TelemetrySettings {
  const { accessLogs, tracing } = settings;
  return {
    ...settings,
    accessLogs: accessLogs.map(logWithoutKeys),
    tracing: tracing === null ? null : tracingWithoutKeys(tracing),
  };
}

function logWithoutKeys(log: AccessLogSettings): AccessLogSettings {
  return log.kind === 'otlp' ? { ...log, collector: collectorWithoutKeys(log.collector) } : log;
}

function tracingWithoutKeys(tracing: TracingSettings): TracingSettings {
  const { collector } = tracing;
  return collector === null ? tracing : { ...tracing, collector: collectorWithoutKeys(collector) };
}

function collectorWithoutKeys(collector: Collector): Collector {
  const names = Object.keys(collector.headers);
  return {
    ...collector,
    url: urlWithoutPassword(collector.url),
    headers: Object.fromEntries(names.map((name) => [name, hidden])),
  };
}

function urlWithoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/@]*@/, `$1${hidden}@`);
}
