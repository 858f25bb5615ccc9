/** Hands everything that the running proxy counts to the registry of metrics. */

import type { LogLinearHistogram } from '../base/log-linear-histogram.ts';
import type { ProxyRuntime } from '../runtime/proxy-runtime.ts';
import { listenerHistograms, listenerSamples } from '../telemetry/metrics/listener-stats.ts';
import type { MetricsRegistry } from '../telemetry/metrics/metrics.ts';
import type { HistogramSample, Sample } from '../telemetry/metrics/sample.ts';
import { tcpProxySamples } from '../telemetry/metrics/tcp-proxy-stats.ts';
import { clusterHistograms, clusterSamples } from './cluster-samples.ts';
import type { LiveState } from './live-state.ts';
import { processSamples } from './process-samples.ts';
import { serverSamples } from './server-samples.ts';

export function collectRunning(
  registry: MetricsRegistry,
  runtime: ProxyRuntime,
  state: LiveState,
): void {
  registry.addCollector(() => runningSamples(runtime, state));
  registry.addHistograms({
    collect: () => runningHistograms(runtime, state),
    endInterval: () => {
      for (const histogram of histogramsOf(runtime)) histogram.endInterval();
      state.initialization.endInterval();
    },
    reset: () => {
      for (const histogram of histogramsOf(runtime)) histogram.reset();
    },
  });
}

function* runningSamples(runtime: ProxyRuntime, state: LiveState): Iterable<Sample> {
  let connections = 0;
  for (const { model, stats, boundPort, filterChains } of runtime.listeners.active) {
    connections += stats.downstreamCxActive;
    yield* listenerSamples(model, stats, boundPort);
    for (const chain of filterChains) {
      if (chain.kind === 'tcp') yield* tcpProxySamples(chain.model, chain.stats);
    }
  }
  for (const cluster of runtime.snapshot.clusters.values()) yield* clusterSamples(cluster);
  yield* runtime.managerSamples();
  yield* serverSamples(state, connections);
  yield* processSamples();
}

function* runningHistograms(
  runtime: ProxyRuntime,
  { initialization }: LiveState,
): Iterable<HistogramSample> {
  yield {
    name: 'server.initialization_time_ms',
    cumulative: initialization.cumulative(),
    interval: initialization.interval(),
  };
  for (const { model, stats, boundPort } of runtime.listeners.active) {
    yield* listenerHistograms(model, stats, boundPort);
  }
  for (const cluster of runtime.snapshot.clusters.values()) yield* clusterHistograms(cluster);
}

function* histogramsOf(runtime: ProxyRuntime): Iterable<LogLinearHistogram> {
  for (const { stats } of runtime.listeners.active) yield* stats.histograms();
  for (const { stats } of runtime.snapshot.clusters.values()) yield* stats.histograms();
}
