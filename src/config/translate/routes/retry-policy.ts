/** Istio's retries in Envoy's words (pilot retry.go). */

import {
  type RetryCondition,
  type RetryPolicy,
  retryConditions,
} from '../../../model/retry-policy.ts';
import type { HttpRetry } from '../../schema/http-retry.ts';
import { positiveDurationOr } from '../durations.ts';

/**
 * Two retries of connections that failed. `retriable-status-codes` stands there without a code, so
 * that no plain status is retried; `unavailable` and `cancelled` are gRPC statuses.
 */
export const defaultRetryPolicy: RetryPolicy = {
  numRetries: 2,
  retryOn: [
    'connect-failure',
    'refused-stream',
    'unavailable',
    'cancelled',
    'retriable-status-codes',
  ],
  retriableStatusCodes: [],
  perTryTimeoutMs: 0,
  avoidPreviousHosts: true,
  hostSelectionMaxAttempts: 5,
  previousPrioritiesUpdateFrequency: 0,
  backoffBaseMs: 25,
  backoffMaxMs: 250,
};

/** Istio's for retryRemoteLocalities: two tries in a locality, then two in another one. */
const remoteLocalitiesFrequency = 2;

/** For requests that reach the application's own port: only those that it has not seen. */
export const inboundRetryPolicy: RetryPolicy = {
  ...defaultRetryPolicy,
  retryOn: ['reset-before-request'],
  avoidPreviousHosts: false,
};

const conditions: ReadonlySet<string> = new Set(retryConditions);

/**
 * `avoidPreviousHosts`: what holds unless the block says; a consistent hash wants the same endpoint
 * again.
 */
export function translateRetries(
  retries: HttpRetry,
  avoidPreviousHosts = true,
): RetryPolicy | null {
  const attempts = retries.attempts ?? 0;
  if (attempts <= 0) return null;
  const backoffBaseMs = positiveDurationOr(retries.backoff, defaultRetryPolicy.backoffBaseMs);
  return {
    ...defaultRetryPolicy,
    ...parseRetryOn(retries.retryOn ?? ''),
    numRetries: attempts,
    perTryTimeoutMs: positiveDurationOr(retries.perTryTimeout, 0),
    avoidPreviousHosts: retries.retryIgnorePreviousHosts ?? avoidPreviousHosts,
    previousPrioritiesUpdateFrequency:
      retries.retryRemoteLocalities === true ? remoteLocalitiesFrequency : 0,
    backoffBaseMs,
    // Envoy's max_interval is ten times the base where it is not set.
    backoffMaxMs: backoffBaseMs * 10,
  };
}

type Conditions = Pick<RetryPolicy, 'retryOn' | 'retriableStatusCodes'>;

/**
 * Numbers are status codes and switch `retriable-status-codes` on; Envoy ignores words it does not
 * know.
 */
function parseRetryOn(text: string): Conditions {
  const { retryOn: defaults } = defaultRetryPolicy;
  if (text === '') return { retryOn: defaults, retriableStatusCodes: [] };
  const retryOn = new Set<RetryCondition>();
  const retriableStatusCodes: number[] = [];
  for (const word of text.split(',')) {
    if (/^\d+$/.test(word)) retriableStatusCodes.push(Number(word));
    else if (isCondition(word)) retryOn.add(word);
  }
  if (retriableStatusCodes.length > 0) retryOn.add('retriable-status-codes');
  return { retryOn: [...retryOn], retriableStatusCodes };
}

function isCondition(word: string): word is RetryCondition {
  return conditions.has(word);
}
