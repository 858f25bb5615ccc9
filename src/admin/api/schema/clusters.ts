/** GET /api/v1/clusters and /api/v1/endpoints. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { amount, count, flag, named, nullable, text } from './fields.ts';
import { Locality, OptionalOrigin } from './shared.ts';

export type ServiceName = Static<typeof ServiceName>;
export const ServiceName = named('ServiceName', 'The service behind a cluster.', {
  host: text('Fully qualified.'),
  name: text('Without its domain.'),
  namespace: text('Of the service.'),
  port: count('Of the service.'),
});

export type ClusterLimits = Static<typeof ClusterLimits>;
export const ClusterLimits = named('ClusterLimits', 'Thresholds of the circuit breaker.', {
  maxConnections: count('Connections to all endpoints.'),
  maxPendingRequests: count('Requests that wait for a connection.'),
  maxRequests: count('Requests at once.'),
  maxRetries: count('Retries at once.'),
});

export type OutlierPolicy = Static<typeof OutlierPolicy>;
export const OutlierPolicy = named('OutlierPolicy', 'When an endpoint is ejected.', {
  consecutive5xx: count('Failures in a row; 0 is off.'),
  consecutiveGatewayErrors: count('Gateway failures in a row; 0 is off.'),
  consecutiveLocalOriginFailures: count('Failed connections in a row; 0 is off.'),
  intervalMs: amount('Between looks at who may return.'),
  baseEjectionMs: amount('Length of the first ejection.'),
  maxEjectionPercent: amount('Share of the endpoints that may be ejected.'),
});

export type ClusterState = Static<typeof ClusterState>;
export const ClusterState = named('ClusterState', 'A group of endpoints and how it is used.', {
  name: text('`outbound|9080|v1|reviews.default.svc.cluster.local`.'),
  direction: Type.Enum(['outbound', 'inbound'], { description: 'Away from the proxy’s workload.' }),
  service: nullable(ServiceName),
  subset: text('Empty without.'),
  discovery: Type.Enum(['static', 'strict-dns', 'logical-dns', 'original-dst'], {
    description: 'Where endpoints come from.',
  }),
  protocol: Type.Enum(['http1', 'http2', 'downstream'], { description: 'Spoken with endpoints.' }),
  tls: flag('Connections to endpoints use TLS.'),
  loadBalancer: text('`LEAST_REQUEST`, `RING_HASH`.'),
  connectTimeoutMs: amount('For a connection to an endpoint.'),
  outlierDetection: nullable(OutlierPolicy),
  healthCheck: nullable(Type.Enum(['http', 'tcp'], { description: 'What is sent.' })),
  limits: ClusterLimits,
  endpoints: count('Endpoints that it has.'),
  healthyEndpoints: count('Those that get requests.'),
  activeRequests: count('Requests under way.'),
  counters: Type.Record(Type.String(), Type.Number(), {
    description: 'Counters and gauges of Envoy, below `cluster.<name>.`; see docs/metrics.md.',
  }),
  origin: OptionalOrigin,
});

export type ClusterList = Static<typeof ClusterList>;
export const ClusterList = named('ClusterList', 'Clusters of the configuration.', {
  clusters: Type.Array(ClusterState),
});

export type WorkloadName = Static<typeof WorkloadName>;
export const WorkloadName = named('WorkloadName', 'Who answers at an address.', {
  name: text('Of the workload.'),
  namespace: text('Of the workload.'),
  app: text('Label `app`; empty without.'),
  version: text('Label `version`; empty without.'),
});

export type EndpointState = Static<typeof EndpointState>;
export const EndpointState = named('EndpointState', 'One address of a cluster.', {
  cluster: text('Name of its cluster.'),
  address: text('`address:port`.'),
  host: nullable(text('The name that the address was found by; null without.')),
  health: Type.Enum(['healthy', 'unhealthy'], { description: 'Whether it gets requests.' }),
  ejected: flag('Taken out by outlier detection.'),
  failedHealthCheck: flag('Fails its active health checks, or waits for the first.'),
  excluded: flag('Asked to be left alone by x-envoy-immediate-health-check-fail.'),
  weight: amount('Relative to the others.'),
  priority: count('0 is used first.'),
  locality: Locality,
  workload: nullable(WorkloadName),
  activeRequests: count('Requests under way.'),
  activeConnections: count('Connections that are open.'),
  requests: count('Requests that it was sent.'),
  requestErrors: count('5xx, and attempts without an answer.'),
  connections: count('Connections that were opened.'),
  connectFailures: count('Connections that could not be opened.'),
});

export type EndpointList = Static<typeof EndpointList>;
export const EndpointList = named('EndpointList', 'Endpoints of every cluster.', {
  endpoints: Type.Array(EndpointState),
});
