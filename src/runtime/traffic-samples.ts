/** What the data plane of one process has counted: its listeners, its clusters, and what it took. */

import type { LogLinearHistogram } from '../base/log-linear-histogram.ts';
import { listenerHistograms, listenerSamples } from '../telemetry/metrics/listener-samples.ts';
import type { HistogramSource } from '../telemetry/metrics/metrics.ts';
import type { HistogramSample, Sample } from '../telemetry/metrics/sample.ts';
import { tcpProxySamples } from '../telemetry/metrics/tcp-proxy-stats.ts';
import { clusterHistograms, clusterSamples } from './cluster-samples.ts';
import { restingSamples } from './overload/overload-stats.ts';
import { processSamples } from './process-samples.ts';
import type { ProxyRuntime } from './proxy-runtime.ts';

export function* trafficSamples(runtime: ProxyRuntime): Iterable<Sample> {
  yield* runtime.overload?.samples() ?? restingSamples(runtime.snapshot.mesh.overload);
  for (const { model, stats, boundPort, filterChains } of runtime.listeners.active) {
    yield* listenerSamples(model, stats, boundPort);
    for (const chain of filterChains) {
      if (chain.kind === 'tcp') yield* tcpProxySamples(chain.model, chain.stats);
    }
  }
  for (const cluster of runtime.snapshot.clusters.values()) yield* clusterSamples(cluster);
  yield* processSamples(runtime.armedTimers);
}

/** Connections of clients, of all listeners that are at work. */
export function openConnections({ listeners }: ProxyRuntime): number {
  return listeners.active.reduce((sum, { stats }) => sum + stats.downstreamCxActive, 0);
}

export function trafficHistograms(runtime: ProxyRuntime): HistogramSource {
  return {
    collect: () => collect(runtime),
    endInterval: () => {
      for (const histogram of histogramsOf(runtime)) histogram.endInterval();
    },
    reset: () => {
      for (const histogram of histogramsOf(runtime)) histogram.reset();
    },
  };
}

function* collect(runtime: ProxyRuntime): Iterable<HistogramSample> {
  for (const { model, stats, boundPort } of runtime.listeners.active) {
    yield* listenerHistograms(model, stats, boundPort);
  }
  for (const cluster of runtime.snapshot.clusters.values()) yield* clusterHistograms(cluster);
}

function* histogramsOf(runtime: ProxyRuntime): Iterable<LogLinearHistogram> {
  for (const { stats } of runtime.listeners.active) yield* stats.histograms();
  for (const { stats } of runtime.snapshot.clusters.values()) yield* stats.histograms();
}
