/**
 * What the retries of one request know of priorities: those of endpoints that have failed are left
 * (Envoy's retry priority previous_priorities, Istio's retryRemoteLocalities).
 */

import type { LiveEndpoint } from '../live-endpoint.ts';

/** A priority of a cluster as it is now. */
export interface PriorityState {
  /** What of a whole load it could take, in percent. */
  readonly availabilityPercent: number;
  has(endpoint: LiveEndpoint): boolean;
}

export class PreviousPriorities {
  readonly #updateFrequency: number;
  #attempted: LiveEndpoint[] = [];
  #excluded: boolean[] = [];
  #percents: readonly number[] | null = null;

  /** `updateFrequency`: priorities are looked at again after so many attempts, from 1. */
  constructor(updateFrequency: number) {
    this.#updateFrequency = updateFrequency;
  }

  onAttempt(endpoint: LiveEndpoint): void {
    this.#attempted.push(endpoint);
  }

  /** The share of each priority in percent, in the same order; null: what it always is. */
  sharesOf(priorities: readonly PriorityState[]): readonly number[] | null {
    if (this.#attempted.length < this.#updateFrequency) return null;
    if (this.#attempted.length % this.#updateFrequency === 0) {
      for (const endpoint of this.#attempted) {
        const index = priorities.findIndex((priority) => priority.has(endpoint));
        if (index >= 0) this.#excluded[index] = true;
      }
      this.#percents = this.#shares(priorities);
    }
    return this.#percents;
  }

  #shares(priorities: readonly PriorityState[]): readonly number[] | null {
    const left = priorities.map(({ availabilityPercent }, index) =>
      this.#excluded[index] === true ? 0 : availabilityPercent,
    );
    if (left.some((percent) => percent > 0)) return shareByAvailability(left);
    // All have been tried: from here on it is as if none had been.
    this.#excluded = [];
    this.#attempted = [];
    const all = priorities.map(({ availabilityPercent }) => availabilityPercent);
    return all.some((percent) => percent > 0) ? shareByAvailability(all) : null;
  }
}

/** As much as they can take, the first ones first, until nothing is left. */
function shareByAvailability(availability: readonly number[]): readonly number[] {
  const total = Math.min(
    100,
    availability.reduce((sum, percent) => sum + percent, 0),
  );
  const shares = availability.map(() => 0);
  let left = 100;
  while (left > 0) {
    availability.forEach((percent, index) => {
      const share = Math.min(left, Math.floor((percent * 100) / total));
      shares[index] = (shares[index] as number) + share;
      left -= share;
    });
  }
  return shares;
}
