/** When and how often a request is tried again (Envoy RetryPolicy). */

/** Envoy's x-envoy-retry-on and x-envoy-retry-grpc-on words. */
export const retryConditions = [
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'envoy-ratelimited',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  /** Names of headers come from internal clients only (x-envoy-retriable-header-names). */
  'retriable-headers',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
] as const;

export type RetryCondition = (typeof retryConditions)[number];

export interface RetryPolicy {
  /** Tries after the first one; 0 switches retries off. */
  readonly numRetries: number;
  readonly retryOn: readonly RetryCondition[];
  readonly retriableStatusCodes: readonly number[];
  /** Milliseconds for each try; 0 is no limit of its own. */
  readonly perTryTimeoutMs: number;
  /** Do not choose an endpoint again that this request has already tried. */
  readonly avoidPreviousHosts: boolean;
  /** How often endpoint selection is repeated to find an untried one. */
  readonly hostSelectionMaxAttempts: number;
  /**
   * Retries leave the priorities (localities) of endpoints that have failed, looked at again after
   * so many attempts; 0: they do not. Envoy previous_priorities.update_frequency.
   */
  readonly previousPrioritiesUpdateFrequency: number;
  /** Full-jitter back-off: base and cap in milliseconds. */
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
}
