/**
 * Tries one request again: tells what became of an attempt, and waits before the next. Made when
 * the first attempt has failed. How many there may be is for `retry-state.ts` to say.
 */

import type { Timer } from '../../base/timers.ts';
import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { LiveEndpoint } from '../../cluster/live-endpoint.ts';
import type { PreviousPriorities } from '../../cluster/load-balancing/previous-priorities.ts';
import type { RetryPolicy } from '../../model/retry-policy.ts';
import { responseFlag } from '../../telemetry/response-flags.ts';
import type { StreamInfo } from '../../telemetry/stream-info.ts';
import type { ProxyContext } from '../proxy-context.ts';
import { RetryState } from './retry-state.ts';

/** The exchange whose request is tried again. */
export interface RetriedExchange {
  readonly context: ProxyContext;
  readonly info: StreamInfo;
}

export class Retries {
  readonly #exchange: RetriedExchange;
  readonly #state: RetryState;
  #backoff: Timer | null = null;

  constructor(exchange: RetriedExchange, policy: RetryPolicy, cluster: LiveCluster) {
    this.#exchange = exchange;
    this.#state = new RetryState(policy, cluster);
  }

  get exhausted(): boolean {
    return this.#state.exhausted;
  }

  get tried(): readonly LiveEndpoint[] | null {
    return this.#state.tried;
  }

  get previousPriorities(): PreviousPriorities | null {
    return this.#state.previousPriorities;
  }

  /** True: there will be another attempt, and the outcome of that at `endpoint` goes nowhere. */
  take(endpoint: LiveEndpoint | null, outcome: string): boolean {
    const { info } = this.#exchange;
    const taken = this.#state.take(endpoint);
    if (taken === 'retry') {
      info.failedAttempts ??= [];
      info.failedAttempts.push({ endpoint: endpoint?.key ?? null, outcome });
      return true;
    }
    const { upstreamOverflow, upstreamRetryLimit } = responseFlag;
    info.responseFlags |= taken === 'overflow' ? upstreamOverflow : upstreamRetryLimit;
    info.spans?.event(taken === 'overflow' ? 'retry.overflow' : 'retry.limit_exceeded');
    return false;
  }

  /** Calls `then` after the back-off. `attempts`: how many there were. */
  wait(attempts: number, then: () => void): void {
    const { context, info } = this.#exchange;
    const delayMs = this.#state.delayMs(context.random);
    info.spans?.event('retry', { 'retry.attempt': attempts, 'retry.back_off_ms': delayMs });
    this.#backoff = context.timers.set(delayMs, () => {
      this.#backoff = null;
      then();
    });
  }

  /** An attempt got a response that is not tried again. */
  onSuccess(): void {
    this.#state.onSuccess();
  }

  /** No retry is under way any more, and none will be. */
  end(): void {
    this.#backoff?.cancel();
    this.#state.done();
  }
}
