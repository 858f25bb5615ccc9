/** Policies that a route carries beside its action. */

import type { StringMatch } from './route-match.ts';

/** A probability in parts per million, as Envoy's FractionalPercent with MILLION. */
export type PartsPerMillion = number;

export interface FaultDelay {
  readonly percentage: PartsPerMillion;
  readonly fixedDelayMs: number;
}

export interface FaultAbort {
  readonly percentage: PartsPerMillion;
  readonly httpStatus: number | null;
  /** gRPC status number. */
  readonly grpcStatus: number | null;
}

export interface FaultPolicy {
  readonly delay: FaultDelay | null;
  readonly abort: FaultAbort | null;
  /**
   * Drawn for each attempt, where the endpoint's answer would be, so that retries may mask it and
   * timeouts count it. False is Envoy's way: drawn once, before the request is routed.
   */
  readonly inAttempt: boolean;
}

export interface CorsPolicy {
  readonly allowOrigins: readonly StringMatch[];
  /** Joined with `,`, null when not configured. */
  readonly allowMethods: string | null;
  readonly allowHeaders: string | null;
  readonly exposeHeaders: string | null;
  readonly maxAgeSeconds: number | null;
  readonly allowCredentials: boolean;
  /** Preflights whose origin does not match go upstream. */
  readonly forwardUnmatchedPreflights: boolean;
}

export interface MirrorPolicy {
  readonly cluster: string;
  readonly percentage: PartsPerMillion;
}

/** One part of what a consistent-hash load balancer hashes. */
export type HashPolicy =
  | { readonly kind: 'header'; readonly name: string }
  | {
      readonly kind: 'cookie';
      readonly name: string;
      readonly path: string | null;
      /** null: never generated; 0: a session cookie. */
      readonly ttlSeconds: number | null;
      readonly attributes: readonly { readonly name: string; readonly value: string }[];
    }
  | { readonly kind: 'source-ip' }
  | { readonly kind: 'query-parameter'; readonly name: string };
