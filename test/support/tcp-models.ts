/** Filter chains and listeners of TCP, made by hand. */

import { matchAny, type TcpFilterChain } from '../../src/model/filter-chain.ts';
import { builtInOrigin } from '../../src/model/origin.ts';
import type { TcpProxy } from '../../src/model/tcp-proxy.ts';

/** Everything to the cluster `origin`, without limits of time. */
export function tcpChain(
  changes: Partial<TcpFilterChain> = {},
  tcp: Partial<TcpProxy> = {},
): TcpFilterChain {
  return {
    kind: 'tcp',
    name: 'tcp',
    match: matchAny,
    tls: null,
    tcp: {
      clusters: [{ cluster: 'origin', weight: 1 }],
      idleTimeoutMs: 0,
      maxConnectionDurationMs: 0,
      hashSourceIp: false,
      ...tcp,
    },
    origin: builtInOrigin,
    ...changes,
  };
}
