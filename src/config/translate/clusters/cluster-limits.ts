/** Istio's connectionPool and outlierDetection blocks in Envoy's words, with Istio's defaults. */

import type {
  CircuitBreaker,
  ConnectionSettings,
  OutlierDetection,
} from '../../../model/cluster-policy.ts';
import type { MeshSettings } from '../../proxy-settings.ts';
import type { ConnectionPoolSettings, HttpSettings } from '../../schema/connection-pool.ts';
import type { OutlierDetection as OutlierSettings } from '../../schema/destination-rule.ts';
import { positiveDurationOr } from '../durations.ts';
import type { PolicyBlocks } from '../rules/traffic-policy.ts';

/** Istio sets every limit to the greatest number, also maxRetries, which is 3 in Envoy. */
const unlimited = 4_294_967_295;
const hourMs = 3_600_000;
/** Envoy's, and the most that there can be. */
const unlimitedStreams = 2_147_483_647;
/** That of gRPC; Envoy has none. */
const keepaliveTimeoutMs = 20_000;

export function translateCircuitBreaker(policy: PolicyBlocks): CircuitBreaker {
  const { tcp, http } = policy.connectionPool ?? {};
  const budget = policy.retryBudget;
  return {
    maxConnections: limitOr(tcp?.maxConnections, unlimited),
    maxPendingRequests: limitOr(http?.http1MaxPendingRequests, unlimited),
    maxRequests: limitOr(http?.http2MaxRequests, unlimited),
    maxRetries: limitOr(http?.maxRetries, unlimited),
    retryBudget:
      budget === undefined
        ? null
        : { percent: budget.percent ?? 20, minRetryConcurrency: budget.minRetryConcurrency ?? 3 },
  };
}

export function translateConnectionSettings(
  pool: ConnectionPoolSettings | undefined,
  mesh: Pick<MeshSettings, 'connectTimeoutMs' | 'tcpKeepalive'>,
): ConnectionSettings {
  const { tcp, http } = pool ?? {};
  const keepalive = tcp?.tcpKeepalive ?? mesh.tcpKeepalive;
  return {
    connectTimeoutMs: positiveDurationOr(tcp?.connectTimeout, mesh.connectTimeoutMs),
    idleTimeoutMs: positiveDurationOr(http?.idleTimeout ?? tcp?.idleTimeout, hourMs),
    maxRequestsPerConnection: limitOr(http?.maxRequestsPerConnection, 0),
    maxConnectionDurationMs: positiveDurationOr(tcp?.maxConnectionDuration, 0),
    tcpKeepalive:
      keepalive === null ? null : { timeSeconds: positiveDurationOr(keepalive.time, 0) / 1000 },
    maxConcurrentStreams: limitOr(http?.maxConcurrentStreams, unlimitedStreams),
    http2Keepalive: translateKeepalive(http?.http2KeepAlive),
  };
}

function translateKeepalive(keepAlive: HttpSettings['http2KeepAlive']) {
  const intervalMs = positiveDurationOr(keepAlive?.interval, 0);
  if (intervalMs === 0) return null;
  return { intervalMs, timeoutMs: positiveDurationOr(keepAlive?.timeout, keepaliveTimeoutMs) };
}

export function translateOutlierDetection(
  settings: OutlierSettings | undefined,
): OutlierDetection | null {
  if (settings === undefined) return null;
  const baseEjectionMs = positiveDurationOr(settings.baseEjectionTime, 30_000);
  const codes = settings.outlierDetectionHttpErrorCodes ?? [];
  return {
    // The deprecated consecutiveErrors has no effect in Istio either.
    consecutive5xx: settings.consecutive5xxErrors ?? 5,
    consecutiveGatewayErrors: settings.consecutiveGatewayErrors ?? 0,
    splitExternalLocalOriginErrors: settings.splitExternalLocalOriginErrors ?? false,
    // Unlike the other two, Istio takes 0 for "not set" here.
    consecutiveLocalOriginFailures: limitOr(settings.consecutiveLocalOriginFailures, 5),
    errorCodes: codes.length === 0 ? null : codes,
    intervalMs: positiveDurationOr(settings.interval, 10_000),
    baseEjectionMs,
    // Envoy's max_ejection_time: five minutes, or baseEjectionTime where that is longer.
    maxEjectionMs: Math.max(300_000, baseEjectionMs),
    maxEjectionPercent: limitOr(settings.maxEjectionPercent, 10),
  };
}

/** Istio reads zero and less as "not set". */
function limitOr(value: number | undefined, fallback: number): number {
  return value === undefined || value <= 0 ? fallback : value;
}
