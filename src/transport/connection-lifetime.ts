/** What ends a connection to an endpoint: the limits of its use, and that it is never made. */

import type { UpstreamFailure } from './upstream-exchange.ts';
import type { PoolDependencies, PoolSettings } from './upstream-pool.ts';

interface UsedConnection {
  readonly requests: number;
  /** Clock.now() when it was made. */
  readonly openedAt: number;
}

/** Whether it has served as many requests, or as long, as it may; counts the limit that says so. */
export function isWornOut(
  { requests, openedAt }: UsedConnection,
  settings: PoolSettings,
  { clock, gate }: PoolDependencies,
): boolean {
  const { maxRequestsPerConnection, maxConnectionDurationMs } = settings;
  if (maxRequestsPerConnection > 0 && requests >= maxRequestsPerConnection) {
    gate.stats.upstreamCxMaxRequests++;
    return true;
  }
  if (maxConnectionDurationMs === 0 || clock.now() - openedAt < maxConnectionDurationMs) {
    return false;
  }
  gate.stats.upstreamCxMaxDurationReached++;
  return true;
}

/** Whatever ended a connection before it was made, the endpoint could not be reached. */
export function connectReason(failure: UpstreamFailure): UpstreamFailure {
  return failure === 'connect-timeout' ? failure : 'connect-refused';
}

/** What the system says of a connection that it could not make. */
export function connectFailure(error: NodeJS.ErrnoException): UpstreamFailure {
  return error.code === 'ETIMEDOUT' ? 'connect-timeout' : 'connect-refused';
}
