/** What an endpoint does at a time by its script: the last failure that holds wins. */

import type { Random } from '../../base/random.ts';
import { type LatencySampler, latencySampler } from '../latency-sampler.ts';
import type { Failure, Upstream } from '../synthetic-upstream.ts';

export interface Behavior {
  readonly status: number;
  readonly latency: LatencySampler;
  readonly action: 'answer' | 'hang' | 'reset';
}

interface ScriptedFailure extends Failure {
  readonly sampler: LatencySampler | null;
}

export class FailureScript {
  readonly #upstream: Upstream;
  readonly #failures: readonly ScriptedFailure[];
  readonly #latency: LatencySampler;
  readonly #random: Random;

  /** `endpoint` counts from 0. */
  constructor(upstream: Upstream, endpoint: number, random: Random) {
    this.#upstream = upstream;
    this.#failures = upstream.failures
      .filter((failure) => failure.endpoint === null || failure.endpoint === endpoint)
      .map((failure) => ({
        ...failure,
        sampler: failure.latency === null ? null : latencySampler(failure.latency),
      }));
    this.#latency = latencySampler(upstream.latency);
    this.#random = random;
  }

  /** What is done with a request that comes now. */
  behavior(nowMs: number): Behavior {
    const { errors, status } = this.#upstream;
    const isError = errors !== null && this.#random.fraction() < errors.share;
    const usual = isError ? errors.status : status;
    const failure = this.#failures.findLast(
      ({ action, fromMs, untilMs, share }) =>
        action !== 'down' &&
        fromMs <= nowMs &&
        (untilMs === null || nowMs < untilMs) &&
        (share >= 1 || this.#random.fraction() < share),
    );
    if (failure === undefined) return { status: usual, latency: this.#latency, action: 'answer' };
    const { action } = failure;
    return {
      status: failure.status ?? usual,
      latency: failure.sampler ?? this.#latency,
      action: action === 'hang' || action === 'reset' ? action : 'answer',
    };
  }

  /** Times at which the port closes, and opens again. */
  closures(): readonly Pick<Failure, 'fromMs' | 'untilMs'>[] {
    return this.#failures.filter(({ action }) => action === 'down');
  }
}
