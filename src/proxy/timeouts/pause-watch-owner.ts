/** Whose endpoint is watched for pauses: the router of a request. */

import type { Clock } from '../../base/clock.ts';
import type { TimerWheel } from '../../base/timer-wheel.ts';

export interface PauseWatchOwner {
  readonly context: { readonly wheel: TimerWheel; readonly clock: Clock };
  /** Of the request, handed on and not taken yet. */
  readonly unsentBytes: number;
  /** Nothing more of the request will wait. */
  readonly requestSent: boolean;
  /** The client has not taken what the endpoint sent, which is watched on then. */
  readonly clientIsSlow: boolean;
  onPauseTooLong(): void;
}
