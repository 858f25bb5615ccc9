/** What the benchmark must know of a proxy. */

export interface LossyProxy {
  readonly name: string;
  /** Writes its configuration into `folder` and says how to start it; null: not installed. */
  prepare(folder: string): readonly string[] | null;
}

export interface ProxyCounts {
  readonly retries: number;
  readonly ejections: number;
}

/** Counters of all clusters together; both proxies have Envoy's `/stats`. */
export async function readCounts(adminPort: number): Promise<ProxyCounts> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/stats`);
  const text = await response.text();
  const sum = (name: string) => {
    const lines = text.matchAll(new RegExp(`^cluster\\..*\\.${name}: (\\d+)$`, 'gm'));
    return [...lines].reduce((total, [, value]) => total + Number(value), 0);
  };
  return {
    retries: sum('upstream_rq_retry'),
    ejections: sum('outlier_detection\\.ejections_enforced_total'),
  };
}
