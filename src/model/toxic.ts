/** Toxics: what a bad network or a bad endpoint does to the exchanges of a route, on purpose. */

import type { Origin } from './origin.ts';
import type { HeaderMatch } from './route-match.ts';
import type { PartsPerMillion } from './route-policy.ts';

/** Milliseconds, drawn for each response. What is drawn above `maxMs` is `maxMs`. */
export type LatencyDistribution =
  | { readonly kind: 'fixed'; readonly fixedMs: number }
  | { readonly kind: 'uniform'; readonly minMs: number; readonly maxMs: number }
  /** What is drawn below 0 is 0. */
  | {
      readonly kind: 'normal';
      readonly meanMs: number;
      readonly stdDevMs: number;
      readonly maxMs: number;
    }
  | { readonly kind: 'exponential'; readonly meanMs: number; readonly maxMs: number }
  /** `P(x > t) = (minMs / t) ^ shape`: the smaller the shape, the heavier the tail. */
  | {
      readonly kind: 'pareto';
      readonly minMs: number;
      readonly shape: number;
      readonly maxMs: number;
    };

export type ToxicEffect =
  /** The response is held back before its head. */
  | { readonly kind: 'first-byte-latency'; readonly distribution: LatencyDistribution }
  /** The body of the response goes to the client no faster. */
  | { readonly kind: 'bandwidth-limit'; readonly bytesPerSecond: number }
  /** The body of the request is taken from the client no faster. */
  | { readonly kind: 'slow-upload'; readonly bytesPerSecond: number }
  /** The connection is closed after so many bytes of a body that has more. */
  | { readonly kind: 'cut-body'; readonly afterBytes: number }
  /** The connection is reset after so many bytes of the body; null: before the head. */
  | { readonly kind: 'reset-connection'; readonly afterBytes: number | null };

export interface Toxic {
  readonly percentage: PartsPerMillion;
  /** Of the request as the client sent it; all must hold. */
  readonly headers: readonly HeaderMatch[];
  /** All of them, on each exchange that the toxic is drawn for. Never empty, each kind once. */
  readonly effects: readonly ToxicEffect[];
  readonly origin: Origin;
}
