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

/** Where latencies are most in doubt, in words; nothing where they are not. `latency`: of all answers. */
export function precisionNotes(
  { driver, endpoints }: Precision,
  latency: LatencySummary | null,
): readonly string[] {
  if (latency === null) return [];
  const doubts = (['p50', 'p90', 'p99'] as const).map((name) => {
    // Who sends late reads answers as late, and who answers late has read the request as late.
    const doubtMs = 2 * (driver?.[name] ?? 0) + (endpoints?.[name] ?? 0);
    return { name, doubtMs, foundMs: latency[name] };
  });
  return doubts
    .filter(({ doubtMs, foundMs }) => doubtMs > Math.max(usualLateMs, tolerance * foundMs))
    .sort((a, b) => b.doubtMs / b.foundMs - a.doubtMs / a.foundMs)
    .slice(0, 1)
    .map(({ name, doubtMs, foundMs }) => {
      const times = `${foundMs.toFixed(1)} ms (${name}) up to ${doubtMs.toFixed(1)} ms`;
      return `this machine is too busy for exact latencies: of ${times} may be its own lateness`;
    });
}
