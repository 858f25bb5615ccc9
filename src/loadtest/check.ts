/** What an assertion checks. Shares are 0 to 1, times milliseconds since the end of the warm-up. */

export type Check =
  | {
      readonly kind: 'shares';
      readonly of: readonly { readonly workload: string; readonly share: number }[];
      readonly per: 'request' | 'key';
    }
  | { readonly kind: 'status'; readonly code: number; readonly share: number }
  | { readonly kind: 'delayed'; readonly longerThanMs: number; readonly share: number }
  | { readonly kind: 'mirror'; readonly workload: string; readonly share: number }
  | { readonly kind: 'stickiness'; readonly by: Place; readonly atLeast: number }
  | {
      readonly kind: 'keysMoved';
      readonly atMs: number;
      readonly settleMs: number;
      readonly by: Place;
      readonly atLeast: number;
      readonly atMost: number;
    }
  | {
      readonly kind: 'retries';
      /** For each request. */
      readonly atLeast: number;
      readonly atMost: number;
      /** null: all of it at once. */
      readonly windowMs: number | null;
    }
  | {
      readonly kind: 'ejection';
      readonly workload: string;
      /** Counted from 1. */
      readonly endpoint: number;
      readonly afterMs: number;
      readonly withinMs: number;
      readonly returnsWithinMs: number | null;
    }
  | {
      readonly kind: 'concurrency';
      readonly workload: string;
      readonly atLeast: number;
      readonly atMost: number;
    }
  | {
      readonly kind: 'counter';
      readonly name: string;
      readonly atLeast: number;
      /** Infinity: no limit. */
      readonly atMost: number;
    }
  | {
      readonly kind: 'recovery';
      readonly afterMs: number;
      readonly withinMs: number;
      readonly errors: number;
    }
  | { readonly kind: 'errors'; readonly atLeast: number; readonly atMost: number }
  | {
      readonly kind: 'latency';
      /** Percentile 0 to 100. */
      readonly limits: readonly { readonly percentile: number; readonly atMostMs: number }[];
    };

export type Place = 'endpoint' | 'workload';

export type CheckOf<Kind extends Check['kind']> = Extract<Check, { readonly kind: Kind }>;
