/** Limits and times of connections. */

import { parseDuration } from '../../base/duration.ts';
import type { Path, Problems } from '../problem.ts';
import type {
  ConnectionPoolSettings,
  HttpSettings,
  TcpSettings,
} from '../schema/connection-pool.ts';
import { checkDuration, checkNotNegative } from './values.ts';

export function checkConnectionPool(
  pool: ConnectionPoolSettings | undefined,
  path: Path,
  problems: Problems,
): void {
  if (pool === undefined) return;
  if (pool.tcp === undefined && pool.http === undefined) {
    problems.invalid(path, 'the connection pool has neither "tcp" nor "http"');
  }
  if (pool.http !== undefined) checkHttp(pool.http, [...path, 'http'], problems);
  if (pool.tcp !== undefined) checkTcp(pool.tcp, [...path, 'tcp'], problems);
}

const httpCounts = [
  'http1MaxPendingRequests',
  'http2MaxRequests',
  'maxRequestsPerConnection',
  'maxRetries',
  'maxConcurrentStreams',
] as const;

function checkHttp(http: HttpSettings, path: Path, problems: Problems): void {
  for (const field of httpCounts) checkNotNegative(http[field], [...path, field], problems);
  checkDuration(http.idleTimeout, [...path, 'idleTimeout'], problems);
  const keepAlive = [...path, 'http2KeepAlive'];
  checkDuration(http.http2KeepAlive?.interval, [...keepAlive, 'interval'], problems);
  checkDuration(http.http2KeepAlive?.timeout, [...keepAlive, 'timeout'], problems);
  if (http.h2UpgradePolicy === 'UPGRADE' && http.useClientProtocol === true) {
    const message = 'h2UpgradePolicy UPGRADE and useClientProtocol contradict each other';
    problems.invalid([...path, 'useClientProtocol'], message);
  }
}

function checkTcp(tcp: TcpSettings, path: Path, problems: Problems): void {
  checkNotNegative(tcp.maxConnections, [...path, 'maxConnections'], problems);
  for (const field of ['connectTimeout', 'maxConnectionDuration'] as const) {
    checkDuration(tcp[field], [...path, field], problems);
  }
  // 0s switches the idle timeout of TCP off.
  if (parseDuration(tcp.idleTimeout ?? '') !== 0) {
    checkDuration(tcp.idleTimeout, [...path, 'idleTimeout'], problems);
  }
  for (const field of ['time', 'interval'] as const) {
    checkDuration(tcp.tcpKeepalive?.[field], [...path, 'tcpKeepalive', field], problems);
  }
}
