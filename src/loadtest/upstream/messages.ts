/** What the load test and the process of its synthetic workloads tell each other. */

import type { Upstream } from '../synthetic-upstream.ts';

/** First argument of the process, as JSON. */
export interface UpstreamPlan {
  readonly upstreams: readonly Upstream[];
  readonly seed: number;
}

export type ToUpstreams =
  /** The warm-up ends at this time, milliseconds since the epoch: scripts count from it. */
  { readonly kind: 'begin'; readonly zeroWallMs: number } | { readonly kind: 'report' };

export type FromUpstreams =
  /** Ports of all endpoints, in the order of the plan. */
  | { readonly kind: 'ready'; readonly ports: readonly number[] }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'report'; readonly report: UpstreamReport };

/** Length of a slot of the counts, milliseconds. */
export const slotMs = 100;

/** What all endpoints have seen, by slots of time since the end of the warm-up. */
export interface UpstreamReport {
  /** In the order of the plan. */
  readonly endpoints: readonly EndpointReport[];
  /** Most requests at the same time, of each workload. */
  readonly peaks: readonly number[];
}

/** Counts of each slot; short where nothing came any more. */
export interface EndpointReport {
  readonly requests: readonly number[];
  /** Of these, with x-envoy-attempt-count above 1. */
  readonly retries: readonly number[];
  /** Mirrored ones, which are not among the requests. */
  readonly mirrored: readonly number[];
}

/** Headers of responses by which endpoints tell about themselves. */
export const answerHeaders = {
  /** Index of the endpoint among all of the plan. */
  endpoint: 'x-loadtest-endpoint',
  /** Milliseconds from the head of the request to the response, by the clock of the endpoint. */
  took: 'x-loadtest-took',
  /** What they should have been. */
  asked: 'x-loadtest-asked',
} as const;
