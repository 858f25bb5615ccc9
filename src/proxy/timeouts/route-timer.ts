/** The route's timeout, over all attempts. */

import { TimerEntry } from '../../base/timer-wheel.ts';

export class RouteTimer extends TimerEntry {
  readonly #owner: { onRouteTimeout(): void };

  constructor(owner: { onRouteTimeout(): void }) {
    super();
    this.#owner = owner;
  }

  onTimeout(): void {
    this.#owner.onRouteTimeout();
  }
}
