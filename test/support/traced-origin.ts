/** A proxy in front of one scripted origin that sends its spans to a collector. */

import type { Test } from 'tap';
import type { Collector } from '../../src/model/collector.ts';
import type { TracingSettings } from '../../src/model/tracing-settings.ts';
import { TracingSet } from '../../src/runtime/tracing-set.ts';
import { LogRoot } from '../../src/telemetry/logger.ts';
import { ManualClock } from './manual-clock.ts';
import { ManualTimers } from './manual-timers.ts';
import { httpSettings, sidecarSettings, telemetryOf, tracingSettings } from './mesh-models.ts';
import { type ProxiedOrigin, type ProxiedOriginOptions, proxiedOrigin } from './proxied-origin.ts';
import type { Script } from './scripted-origin.ts';
import { TraceCollector } from './trace-collector.ts';

export interface TracedOptions extends ProxiedOriginOptions {
  readonly protocol?: Collector['protocol'];
  readonly collectorHeaders?: Readonly<Record<string, string>>;
  readonly tracing?: Partial<TracingSettings>;
  /** The request comes from a sidecar, which is believed what it says of the client. */
  readonly isSidecar?: boolean;
}

export interface TracedOrigin extends ProxiedOrigin {
  readonly collector: TraceCollector;
  readonly tracing: TracingSet;
  /** Encodes and sends what spans there are, instead of a while later. */
  flush(): void;
}

export async function tracedOrigin(
  t: Test,
  script: Script,
  options: TracedOptions = {},
): Promise<TracedOrigin> {
  const collector = await TraceCollector.start(t);
  const telemetry = telemetryOf({ tracing: settingsFor(collector, options) });
  const { isSidecar = false } = options;
  const http = (isSidecar ? sidecarSettings : httpSettings)({ tracing: true });
  const started = await proxiedOrigin(t, script, { http, ...options, telemetry });
  const { proxy } = started;
  const timers = new ManualTimers(new ManualClock());
  const root = new LogRoot({ clock: new ManualClock(), write: () => undefined });
  const tracing = new TracingSet(timers, root.logger('tracing'));
  await tracing.configure(proxy.runtime.snapshot.mesh.proxy, telemetry);
  const { onStreamEnd } = proxy.context;
  proxy.context.onStreamEnd = (info) => {
    tracing.record(info);
    onStreamEnd(info);
  };
  t.teardown(() => tracing.close());
  return { ...started, collector, tracing, flush: () => timers.advance(6_000) };
}

function settingsFor(collector: TraceCollector, options: TracedOptions): TracingSettings {
  const { protocol = 'otlp-http', collectorHeaders: headers = {} } = options;
  const urls = {
    'otlp-http': collector.otlpUrl,
    'otlp-grpc': collector.grpcUrl,
    zipkin: collector.zipkinUrl,
  };
  const to = { protocol, url: urls[protocol], headers, timeoutMs: 5_000 };
  return tracingSettings({ collector: to, ...options.tracing });
}
