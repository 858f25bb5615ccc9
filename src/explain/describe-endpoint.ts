/** One endpoint with what is known of its health and load. */

import type { LiveEndpoint } from '../cluster/live-endpoint.ts';
import type { EndpointDescription } from './descriptions.ts';

export function describeEndpoint(endpoint: LiveEndpoint): EndpointDescription {
  const { model } = endpoint;
  const { workload } = model;
  return {
    cluster: endpoint.clusterName,
    address: endpoint.key,
    host: model.address === endpoint.address ? null : model.address,
    health: endpoint.available ? 'healthy' : 'unhealthy',
    ejected: endpoint.ejected,
    failedHealthCheck: endpoint.unhealthy,
    excluded: endpoint.excluded,
    weight: model.weight,
    priority: model.priority,
    locality: model.locality,
    workload:
      workload === null
        ? null
        : {
            name: workload.name,
            namespace: workload.namespace,
            app: workload.app,
            version: workload.version,
          },
    activeRequests: endpoint.activeRequests,
    activeConnections: endpoint.connectionsActive,
    requests: endpoint.requestsTotal,
    requestErrors: endpoint.requestsError,
    connections: endpoint.connectionsTotal,
    connectFailures: endpoint.connectFailures,
  };
}
