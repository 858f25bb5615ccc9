/** How the endpoints of a cluster are used, in words, each with the place where it is said. */

import type { Cluster } from '../model/cluster.ts';
import type {
  CircuitBreaker,
  ConnectionSettings,
  LoadBalancerPolicy,
  OutlierDetection,
} from '../model/cluster-policy.ts';
import type { HealthCheck } from '../model/health-check.ts';
import type { UpstreamTls } from '../model/tls.ts';
import { describeDuration } from './describe-duration.ts';
import type { PolicyValue } from './explained-target.ts';
import { PolicyWriter } from './policy-value.ts';

/** Envoy's largest number, which Istio writes for no limit. */
const noLimit = 2 ** 32 - 1;

export function describeClusterPolicy(cluster: Cluster): PolicyValue[] {
  const writer = new PolicyWriter(cluster.settingOrigins);
  const { healthCheck, circuitBreaker, connection, proxyProtocol } = cluster;
  const pool = `${describeLimits(circuitBreaker)}; ${describeConnection(connection)}`;
  const checks =
    healthCheck === null
      ? writer.value('health check', 'none')
      : writer.said('health check', describeHealthCheck(healthCheck), null);
  const values = [
    writer.value('loadBalancer', describeLoadBalancer(cluster.loadBalancer)),
    writer.value('connectionPool', pool),
    writer.value('outlierDetection', describeOutlierDetection(cluster.outlierDetection)),
    writer.value('tls', describeTls(cluster.tls)),
    checks,
  ];
  if (proxyProtocol !== null) values.push(writer.value('proxyProtocol', proxyProtocol));
  return values;
}

function describeLoadBalancer(policy: LoadBalancerPolicy): string {
  switch (policy.policy) {
    case 'RING_HASH':
      return `RING_HASH of at least ${policy.minimumRingSize} entries`;
    case 'MAGLEV':
      return `MAGLEV of ${policy.tableSize} entries`;
    case 'CLUSTER_PROVIDED':
      return 'the destination of the request itself';
    default:
      return policy.policy;
  }
}

function describeLimits(breaker: CircuitBreaker): string {
  const limits: readonly [string, number][] = [
    ['connections', breaker.maxConnections],
    ['waiting requests', breaker.maxPendingRequests],
    ['requests', breaker.maxRequests],
    ['retries', breaker.maxRetries],
  ];
  const set = limits.filter(([, limit]) => limit < noLimit);
  if (set.length === 0) return 'no limits';
  return `at most ${set.map(([name, limit]) => `${limit} ${name}`).join(', ')}`;
}

function describeConnection(connection: ConnectionSettings): string {
  const parts = [`connect within ${describeDuration(connection.connectTimeoutMs)}`];
  const { maxRequestsPerConnection } = connection;
  if (maxRequestsPerConnection > 0) parts.push(`${maxRequestsPerConnection} requests each`);
  return parts.join(', ');
}

function describeOutlierDetection(detection: OutlierDetection | null): string {
  if (detection === null) return 'off';
  const counts: readonly [string, number][] = [
    ['5xx', detection.consecutive5xx],
    ['gateway errors', detection.consecutiveGatewayErrors],
    [
      'failed connections',
      detection.splitExternalLocalOriginErrors ? detection.consecutiveLocalOriginFailures : 0,
    ],
  ];
  const set = counts.filter(([, count]) => count > 0);
  const after = set.map(([name, count]) => `${count} ${name}`).join(' or ');
  const { intervalMs, baseEjectionMs, maxEjectionPercent } = detection;
  return (
    `eject after ${after || 'nothing'} in a row for ${describeDuration(baseEjectionMs)}, ` +
    `at most ${maxEjectionPercent} %, looked at every ${describeDuration(intervalMs)}`
  );
}

function describeTls(tls: UpstreamTls | null): string {
  if (tls === null) return 'none: plain text';
  const { sni, validation, certificate } = tls;
  const verified = validation === null ? 'endpoints not verified' : 'endpoints verified';
  const own = certificate === null ? '' : ', with a certificate of its own';
  return `SNI ${sni ?? 'the host of the request'}, ${verified}${own}`;
}

function describeHealthCheck({ check, intervalMs, timeoutMs }: HealthCheck): string {
  const every = `every ${describeDuration(intervalMs)}, within ${describeDuration(timeoutMs)}`;
  return `${check.kind} ${every}`;
}
