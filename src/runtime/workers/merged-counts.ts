/** What all workers have counted, brought together in the registry and the clusters of the primary. */

import type { LiveCluster } from '../../cluster/live-cluster.ts';
import { MergedMetrics } from '../../telemetry/metrics/merged-metrics.ts';
import type { TelemetrySinks } from '../telemetry-sinks.ts';
import { type EndpointCounts, fillIn, ofThePast, sumCounts } from './endpoint-counts.ts';
import type { WorkerReport } from './messages.ts';
import type { WorkerHandle } from './worker-handle.ts';

export class MergedCounts {
  readonly #sinks: TelemetrySinks;
  readonly #metrics: MergedMetrics;
  /** The last of each worker that there is. */
  readonly #reports = new Map<WorkerHandle, WorkerReport>();
  /** Of workers that are gone. */
  #pastEndpoints: readonly EndpointCounts[] = [];
  #pastEnded = 0;
  #pastUnrecorded = 0;

  constructor(sinks: TelemetrySinks) {
    this.#sinks = sinks;
    this.#metrics = new MergedMetrics(sinks.registry);
  }

  update(
    reports: ReadonlyMap<WorkerHandle, WorkerReport>,
    clusters: ReadonlyMap<string, LiveCluster>,
  ): void {
    for (const [worker, report] of reports) this.#reports.set(worker, report);
    const all = [...this.#reports.values()];
    this.#metrics.update(all.map(({ metrics }) => metrics));
    const endpoints = all.flatMap((report) => report.endpoints);
    fillIn(clusters, sumCounts([...this.#pastEndpoints, ...endpoints]));
    const { traffic } = this.#sinks;
    traffic.ended = all.reduce((sum, { ended }) => sum + ended, this.#pastEnded);
    traffic.unrecorded = all.reduce(
      (sum, { unrecorded }) => sum + unrecorded,
      this.#pastUnrecorded,
    );
  }

  /** It is gone. What it counted since its last report is lost. */
  retire(worker: WorkerHandle): void {
    const report = this.#reports.get(worker);
    if (report === undefined) return;
    this.#reports.delete(worker);
    this.#metrics.retire(report.metrics);
    this.#pastEndpoints = sumCounts([...this.#pastEndpoints, ...ofThePast(report.endpoints)]);
    this.#pastEnded += report.ended;
    this.#pastUnrecorded += report.unrecorded;
  }

  /** All metrics have begun again at zero. */
  reset(): void {
    this.#metrics.reset();
  }
}
