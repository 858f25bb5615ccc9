/** CPU time of the two sides of a soak, and what they could do with a whole core each. */

import { cpuSeconds } from '../support/process-stats.ts';

/** CPU time over time: of the proxy with its children, and of clients with endpoints. */
export interface CpuShares {
  readonly proxyShare: number;
  readonly loadShare: number;
}

/** Begins to measure; to be called when it is over. `pid` is the proxy's. */
export function measureShares(pid: number): () => CpuShares {
  const start = performance.now();
  const proxy = cpuSeconds(pid);
  const load = process.cpuUsage();
  return () => {
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(load);
    return {
      proxyShare: (cpuSeconds(pid) - proxy) / seconds,
      loadShare: (user + system) / 1e6 / seconds,
    };
  };
}

/** A second, when so many a second took these shares. */
export function capacityOf(perSecond: number, { proxyShare, loadShare }: CpuShares): number {
  return perSecond / Math.min(1, Math.max(proxyShare, loadShare));
}
