/** One number under one of Envoy's dotted names, as /stats shows it. */

export interface Sample {
  readonly kind: 'counter' | 'gauge';
  /** For example `cluster.outbound|80||a.default.svc.cluster.local;.upstream_rq_total`. */
  readonly name: string;
  readonly value: number;
}
