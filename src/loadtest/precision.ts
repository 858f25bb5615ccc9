/** How exact the times of a load test are: by how much this machine itself was late. */

import { LatencyHistogram, type LatencySummary } from './latency-histogram.ts';
import { everything, type Observations, selected } from './observations.ts';

/** Milliseconds. */
export interface Precision {
  /** In sending requests; null where the load was closed. */
  readonly driver: LatencySummary | null;
  /** Synthetic endpoints in answering, beyond what they were asked to take. */
  readonly endpoints: LatencySummary | null;
}

export function precisionOf(seen: Observations): Precision {
  const endpoints = new LatencyHistogram();
  for (const index of selected(seen, everything)) {
    const lateMs = seen.log.tookMs(index) - seen.log.askedMs(index);
    if (!Number.isNaN(lateMs)) endpoints.record(lateMs);
  }
  return { driver: seen.driverLateness.summary(), endpoints: endpoints.summary() };
}

/** Share of a latency by which it may be wrong. */
const tolerance = 0.05;
/** By so much every machine is late, milliseconds. */
const usualLateMs = 1;

/** Where latencies are in doubt, in words. `latency`: of all answers. */
export function precisionNotes(
  { driver, endpoints }: Precision,
  latency: LatencySummary | null,
): readonly string[] {
  if (latency === null) return [];
  for (const name of ['p50', 'p90', 'p99'] as const) {
    // Who sends late reads answers as late, and who answers late has read the request as late.
    const doubtMs = 2 * (driver?.[name] ?? 0) + (endpoints?.[name] ?? 0);
    if (doubtMs <= usualLateMs || doubtMs <= tolerance * latency[name]) continue;
    const [found, doubt] = [latency[name], doubtMs].map((ms) => `${ms.toFixed(1)} ms`);
    return [
      `this machine is too busy for exact latencies: ${name} is ${found}, up to ${doubt} of it its own`,
    ];
  }
  return [];
}
