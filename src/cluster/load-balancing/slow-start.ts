/** Endpoints that joined lately get less: Envoy's slow start, Istio's warmup. */

import type { Clock } from '../../base/clock.ts';
import type { SlowStart } from '../../model/cluster-policy.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';

export class SlowStartRamp {
  readonly #settings: SlowStart;
  readonly #clock: Clock;

  constructor(settings: SlowStart, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Clock.now() at which the last of these endpoints is warm. */
  warmAt(endpoints: readonly LiveEndpoint[]): number {
    let warmAt = Number.NEGATIVE_INFINITY;
    for (const endpoint of endpoints) {
      warmAt = Math.max(warmAt, endpoint.addedAt + this.#settings.windowMs);
    }
    return warmAt;
  }

  /** What the endpoint's weight is multiplied with: up to 1, and 1 once it is warm. */
  factor(endpoint: LiveEndpoint): number {
    const { windowMs, aggression, minWeightPercent } = this.#settings;
    const age = this.#clock.now() - endpoint.addedAt;
    if (age >= windowMs) return 1;
    const time = Math.max(1, age) / windowMs;
    const grown = aggression === 1 ? time : time ** (1 / aggression);
    return Math.max(grown, minWeightPercent / 100);
  }
}
