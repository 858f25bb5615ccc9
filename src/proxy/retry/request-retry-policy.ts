/**
 * The retry policy of a single request, where its own header block says more than its route: fields
 * of an internal client, or such as the route itself sets.
 */

import type { HeaderList } from '../../http1/header-list.ts';
import {
  type RetryCondition,
  type RetryPolicy,
  retryConditions,
} from '../../model/retry-policy.ts';
import { CompiledRetryPolicy } from './retry.ts';

/** Fields that say how long and how often a request is tried; they end at the proxy. */
export const retryFields: ReadonlySet<string> = new Set([
  'x-envoy-retry-on',
  'x-envoy-retry-grpc-on',
  'x-envoy-max-retries',
  'x-envoy-retriable-status-codes',
  'x-envoy-retriable-header-names',
  'x-envoy-hedge-on-per-try-timeout',
  'x-envoy-upstream-stream-duration-ms',
]);

const grpcConditions: ReadonlySet<string> = new Set<RetryCondition>([
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
]);

/** Of a route without retries: one, if the request names a condition (Envoy's defaults). */
const withoutRetries: RetryPolicy = {
  numRetries: 1,
  retryOn: [],
  retriableStatusCodes: [],
  perTryTimeoutMs: 0,
  avoidPreviousHosts: false,
  hostSelectionMaxAttempts: 1,
  previousPrioritiesUpdateFrequency: 0,
  backoffBaseMs: 25,
  backoffMaxMs: 250,
};

/** Takes the fields out of the block. null: nothing is tried again, and no try has a time limit. */
export function takeRetryPolicy(
  headers: HeaderList,
  route: RetryPolicy | null,
  perTryTimeoutMs: number,
): CompiledRetryPolicy | null {
  const base = route ?? withoutRetries;
  const retryOn = [
    ...base.retryOn,
    ...conditions(headers.get('x-envoy-retry-on'), false),
    ...conditions(headers.get('x-envoy-retry-grpc-on'), true),
  ];
  const names = words(headers.get('x-envoy-retriable-header-names'));
  const policy: RetryPolicy = {
    ...base,
    retryOn,
    numRetries: maxRetries(headers.get('x-envoy-max-retries')) ?? base.numRetries,
    retriableStatusCodes: [
      ...base.retriableStatusCodes,
      ...words(headers.get('x-envoy-retriable-status-codes')).filter(isNumber).map(Number),
    ],
    perTryTimeoutMs,
  };
  removeRetryFields(headers);
  if (retryOn.length === 0 && perTryTimeoutMs === 0) return null;
  return new CompiledRetryPolicy(
    policy,
    names.map((name) => name.toLowerCase()),
  );
}

function removeRetryFields(headers: HeaderList): void {
  for (const name of retryFields) headers.remove(name);
}

/** Words that are no conditions are ignored, as Envoy does. */
function conditions(value: string | undefined, isGrpc: boolean): RetryCondition[] {
  return words(value).filter(
    (word): word is RetryCondition => isCondition(word) && grpcConditions.has(word) === isGrpc,
  );
}

function isCondition(word: string): word is RetryCondition {
  return (retryConditions as readonly string[]).includes(word);
}

/** As many as that, however large: the cluster's own limit holds. */
function maxRetries(value: string | undefined): number | null {
  return value !== undefined && isNumber(value) ? Number(value) : null;
}

function isNumber(text: string): boolean {
  return /^\d{1,9}$/.test(text);
}

function words(value: string | undefined): string[] {
  if (value === undefined) return [];
  const parts = value.split(',').map((word) => word.trim());
  return parts.filter((word) => word !== '');
}
