/**
 * How far the retries of one request have come: how many are left, what they count for, whom they
 * avoid. Made when the first attempt has failed, for most requests need none.
 */

import { backoffMs } from '../../base/backoff.ts';
import type { Random } from '../../base/random.ts';
import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { LiveEndpoint } from '../../cluster/live-endpoint.ts';
import { PreviousPriorities } from '../../cluster/load-balancing/previous-priorities.ts';
import type { RetryPolicy } from '../../model/retry-policy.ts';

export class RetryState {
  /** Endpoints that are not to be chosen again; null while any may be. */
  tried: LiveEndpoint[] | null = null;

  /** null where priorities are chosen as ever. */
  readonly previousPriorities: PreviousPriorities | null;

  readonly #policy: RetryPolicy;
  readonly #cluster: LiveCluster;
  #left: number;
  /** A retry is under way, and counted against the cluster's limit. */
  #counted = false;

  constructor(policy: RetryPolicy, cluster: LiveCluster) {
    this.#policy = policy;
    this.#cluster = cluster;
    this.#left = policy.numRetries;
    const frequency = policy.previousPrioritiesUpdateFrequency;
    this.previousPriorities = frequency === 0 ? null : new PreviousPriorities(frequency);
  }

  get exhausted(): boolean {
    return this.#left === 0;
  }

  /** Takes one retry, after `endpoint` has failed; null: the attempt came to none. */
  take(endpoint: LiveEndpoint | null): 'retry' | 'limit' | 'overflow' {
    const { breaker, stats } = this.#cluster;
    // The retry that has just failed makes room for the next one.
    this.done();
    if (this.#left === 0) {
      stats.upstreamRqRetryLimitExceeded++;
      return 'limit';
    }
    this.#left--;
    if (!breaker.tryRetry()) return 'overflow';
    this.#counted = true;
    stats.upstreamRqRetryBackoffExponential++;
    if (endpoint !== null) this.#avoid(endpoint);
    return 'retry';
  }

  /** Milliseconds until the retry that was taken. */
  delayMs(random: Random): number {
    const { numRetries, backoffBaseMs: baseMs, backoffMaxMs: maxMs } = this.#policy;
    return backoffMs(numRetries - this.#left, { baseMs, maxMs }, random);
  }

  /** An attempt got a response that is not tried again. */
  onSuccess(): void {
    if (this.#counted) this.#cluster.stats.upstreamRqRetrySuccess++;
  }

  /** No retry is under way any more. */
  done(): void {
    if (this.#counted) this.#cluster.breaker.retryDone();
    this.#counted = false;
  }

  #avoid(endpoint: LiveEndpoint): void {
    this.previousPriorities?.onAttempt(endpoint);
    if (!this.#policy.avoidPreviousHosts) return;
    this.tried ??= [];
    this.tried.push(endpoint);
  }
}
