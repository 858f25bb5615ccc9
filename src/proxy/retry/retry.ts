/** Whether an attempt's outcome is one that the route's policy tries again. Decides; does nothing. */

import type { HeaderList } from '../../http1/header-list.ts';
import type { RetryCondition, RetryPolicy } from '../../model/retry-policy.ts';
import { joinValues } from '../headers/field-lines.ts';
import type { ProxyErrorCode } from '../proxy-error.ts';

const grpcConditions: ReadonlyMap<string, RetryCondition> = new Map([
  ['1', 'cancelled'],
  ['4', 'deadline-exceeded'],
  ['8', 'resource-exhausted'],
  ['13', 'internal'],
  ['14', 'unavailable'],
]);

/** A policy made ready: conditions as a set. */
export class CompiledRetryPolicy {
  readonly policy: RetryPolicy;
  readonly #on: ReadonlySet<RetryCondition>;
  readonly #codes: ReadonlySet<number>;
  /** Names of response headers that ask for a retry; empty without that condition. */
  readonly #headers: readonly string[];
  readonly #grpc: boolean;

  constructor(policy: RetryPolicy, retriableHeaders: readonly string[] = []) {
    this.policy = policy;
    this.#on = new Set(policy.retryOn);
    this.#codes = new Set(
      this.#on.has('retriable-status-codes') ? policy.retriableStatusCodes : [],
    );
    this.#headers = this.#on.has('retriable-headers') ? retriableHeaders : [];
    this.#grpc = [...grpcConditions.values()].some((condition) => this.#on.has(condition));
  }

  /** For a response head that arrived. */
  retriesResponse(status: number, headers: HeaderList): boolean {
    const isLimitedRetried = this.#on.has('envoy-ratelimited');
    const isRetried = this.#retriesStatus(status) || this.#retriesHeaders(headers);
    if (!isRetried && !isLimitedRetried) return false;
    // A limited request is an answer, not a failure, unless the policy says otherwise.
    return headers.has('x-envoy-ratelimited') ? isLimitedRetried : isRetried;
  }

  /** For an attempt that ended without a response head. `sent`: bytes of it may have arrived. */
  retriesFailure(code: ProxyErrorCode, sent: boolean): boolean {
    const on = this.#on;
    switch (code) {
      case 'connect-refused':
      case 'connect-timeout':
        return this.#onAny('connect-failure') || on.has('reset-before-request') || on.has('reset');
      case 'refused-stream':
        return this.#onAny('refused-stream') || on.has('reset');
      case 'connection-termination':
      case 'reset':
      case 'remote-reset':
      case 'upgrade-not-allowed':
      case 'protocol-error':
        if (on.has('reset') || (on.has('reset-before-request') && !sent)) return true;
        return on.has('5xx') || on.has('gateway-error');
      case 'per-try-timeout':
      case 'per-try-idle-timeout':
        // Envoy resets the request itself then.
        return on.has('5xx') || on.has('gateway-error') || on.has('reset');
      default:
        return false;
    }
  }

  #onAny(condition: RetryCondition): boolean {
    return this.#on.has(condition) || this.#on.has('5xx') || this.#on.has('gateway-error');
  }

  #retriesStatus(status: number): boolean {
    if (this.#codes.has(status)) return true;
    if (status < 400) return false;
    const on = this.#on;
    if (on.has('5xx') && status >= 500) return true;
    if (on.has('gateway-error') && status >= 502 && status <= 504) return true;
    return on.has('retriable-4xx') && status === 409;
  }

  #retriesHeaders(headers: HeaderList): boolean {
    for (const name of this.#headers) if (headers.has(name)) return true;
    if (!this.#grpc) return false;
    if (!headers.has('grpc-status')) return false;
    // Envoy joins repeated lines, and what comes of two is no status.
    const grpcStatus = headers.getAll('grpc-status').reduce(joinValues);
    const condition = grpcConditions.get(grpcStatus);
    return condition !== undefined && this.#on.has(condition);
  }
}
