/** What is counted under one of Envoy's dotted names, as /stats shows it. */

import type { LogLinearBins } from '../../base/log-linear-bins.ts';

/** One number. */
export interface Sample {
  readonly kind: 'counter' | 'gauge';
  /** For example `cluster.outbound|80||a.default.svc.cluster.local;.upstream_rq_total`. */
  readonly name: string;
  readonly value: number;
}

/** One histogram: everything, and the last whole interval. Made anew for each look. */
export interface HistogramSample {
  readonly name: string;
  readonly cumulative: LogLinearBins;
  readonly interval: LogLinearBins;
}
