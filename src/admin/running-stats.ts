/** Hands everything that the running proxy counts to the registry of metrics. */

import type { ProxyRuntime } from '../runtime/proxy-runtime.ts';
import { openConnections, trafficHistograms, trafficSamples } from '../runtime/traffic-samples.ts';
import type { MetricsRegistry } from '../telemetry/metrics/metrics.ts';
import type { HistogramSample } from '../telemetry/metrics/sample.ts';
import type { LiveState } from './live-state.ts';
import { serverSamples } from './server-samples.ts';

export function collectRunning(
  registry: MetricsRegistry,
  runtime: ProxyRuntime,
  state: LiveState,
): void {
  registry.addCollector(() => trafficSamples(runtime));
  registry.addCollector(() => runtime.managerSamples());
  registry.addCollector(() => serverSamples(state, openConnections(runtime)));
  registry.addHistograms(trafficHistograms(runtime));
  registry.addHistograms({
    collect: () => [initializationTime(state)],
    endInterval: () => state.initialization.endInterval(),
    // It is not over and over again.
    reset: () => undefined,
  });
}

function initializationTime({ initialization }: LiveState): HistogramSample {
  return {
    name: 'server.initialization_time_ms',
    cumulative: initialization.cumulative(),
    interval: initialization.interval(),
  };
}
