/** The model of a synthetic workload: how its endpoints answer, and what goes wrong when. */

export type Latency =
  | { readonly kind: 'fixed'; readonly ms: number }
  | { readonly kind: 'normal'; readonly meanMs: number; readonly deviationMs: number }
  | { readonly kind: 'lognormal'; readonly medianMs: number; readonly p99Ms: number }
  | { readonly kind: 'exponential'; readonly meanMs: number }
  /** Ascending, from percentile 0 to 100. */
  | {
      readonly kind: 'percentiles';
      readonly points: readonly { readonly percentile: number; readonly ms: number }[];
    };

export interface Upstream {
  readonly workload: string;
  readonly endpoints: number;
  /** Of the first endpoint; null: any. */
  readonly port: number | null;
  readonly status: number;
  readonly bodyBytes: number;
  readonly latency: Latency;
  readonly errors: { readonly share: number; readonly status: number } | null;
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly fromMs: number;
  /** null: to the end. */
  readonly untilMs: number | null;
  /** Counted from 0; null: all. */
  readonly endpoint: number | null;
  /** 0 to 1. */
  readonly share: number;
  /** null: as it is without the failure. */
  readonly status: number | null;
  readonly latency: Latency | null;
  readonly action: 'hang' | 'reset' | 'down' | null;
}
