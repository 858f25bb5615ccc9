/** One active health check of one endpoint: what it is asked for, and what it may find. */

import type { HealthCheck } from '../../model/health-check.ts';

export interface ProbeTarget {
  /** IP address. */
  readonly address: string;
  readonly port: number;
}

/** Envoy's HealthCheckFailureType, and success. */
export type ProbeOutcome =
  | 'success'
  /** It answered that it is not well: it is failed at once. */
  | 'failure'
  /** The same with a status that counts towards the threshold. */
  | 'retriable-failure'
  /** No connection, or one that ended before the answer. */
  | 'network-failure'
  | 'timeout';

export interface ProbeResult {
  readonly outcome: ProbeOutcome;
  /** For the log, such as `status 503` or `ECONNREFUSED`; empty after a success. */
  readonly detail: string;
  /** The answer asks to be left out of the counts too (x-envoy-immediate-health-check-fail). */
  readonly exclude: boolean;
}

export const probeSuccess: ProbeResult = { outcome: 'success', detail: '', exclude: false };

export function probeFailure(
  outcome: Exclude<ProbeOutcome, 'success'>,
  detail: string,
): ProbeResult {
  return { outcome, detail, exclude: false };
}

/** A check under way. */
export interface Probe {
  /** Ends it without a result. Does nothing once there is one. */
  cancel(): void;
}

export interface HealthProber {
  /** Calls `onResult` once, never before this returns. */
  probe(target: ProbeTarget, check: HealthCheck, onResult: (result: ProbeResult) => void): Probe;
}
