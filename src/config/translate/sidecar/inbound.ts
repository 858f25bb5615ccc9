/** The way from an inbound listener to the application on this machine. */

import type { Cluster } from '../../../model/cluster.ts';
import { unknownLocality } from '../../../model/locality.ts';
import { builtInOrigin } from '../../../model/origin.ts';
import type { RouteTable } from '../../../model/virtual-host.ts';
import type { SocketAddress } from '../../proxy-settings.ts';
import { type Protocol, parseProtocol } from '../../registry/protocol.ts';
import { hasLabels, type RegistryPort, type RegistryService } from '../../registry/service.ts';
import { identityOf, policyFields } from '../clusters/clusters.ts';
import { protocolOfPort } from '../clusters/upstream-protocol.ts';
import type { Sidecar } from '../istio-resources.ts';
import { serviceRoute } from '../routes/plain-routes.ts';
import { inboundRetryPolicy } from '../routes/retry-policy.ts';
import { effectivePolicy } from '../rules/traffic-policy.ts';
import type { Scope } from '../scope.ts';

/** Istio's name for the table and the cluster of an application port. */
export function inboundClusterName(appPort: number): string {
  return `inbound|${appPort}||`;
}

export function inboundTable(appPort: number): RouteTable {
  const name = inboundClusterName(appPort);
  const route = serviceRoute({
    cluster: name,
    retryPolicy: inboundRetryPolicy,
    hashPolicy: null,
    origin: builtInOrigin,
  });
  return {
    name,
    virtualHosts: [
      {
        name: `inbound|http|${appPort}`,
        domains: ['*'],
        routes: [route],
        requireTls: false,
        origin: builtInOrigin,
      },
    ],
    ignorePortInHost: true,
    grpcWeb: false,
  };
}

/**
 * What is spoken on an application port: the ingress listener of a Sidecar says it, or else the
 * service that leads there. Where neither knows the port it is HTTP, as whoever opened it meant.
 */
export function inboundProtocol(scope: Scope, appPort: number, sidecar: Sidecar | null): Protocol {
  const ingress = ingressListener(sidecar, appPort);
  if (ingress !== undefined) return parseProtocol(ingress.port?.protocol);
  return findLocalService(scope, appPort)?.port.protocol ?? 'HTTP';
}

function ingressListener(sidecar: Sidecar | null, appPort: number) {
  return sidecar?.spec.ingress?.find(({ port }) => port?.number === appPort);
}

/**
 * Of a DestinationRule only the connectionPool holds on this side, and that of a Sidecar goes
 * before it.
 */
export function inboundCluster(scope: Scope, appPort: number, sidecar: Sidecar | null): Cluster {
  const { settings } = scope;
  const local = findLocalService(scope, appPort);
  const rule = local === null ? null : scope.destinationRules.forInbound(local.service);
  const policy = effectivePolicy(rule?.trafficPolicy ?? null, null, local?.port.number ?? 0);
  const ingress = ingressListener(sidecar, appPort);
  const connectionPool =
    ingress?.connectionPool ?? sidecar?.spec.inboundConnectionPool ?? policy.connectionPool;
  return {
    name: inboundClusterName(appPort),
    direction: 'inbound',
    discovery: 'static',
    service: local === null ? null : identityOf(local.service, local.port),
    endpoints: [
      {
        ...applicationAddress(ingress?.defaultEndpoint, appPort),
        weight: 1,
        locality: unknownLocality,
        priority: 0,
        workload: null,
        localityWeight: null,
      },
    ],
    ...policyFields(connectionPool === undefined ? {} : { connectionPool }, settings),
    protocol: protocolOfPort(local?.port.protocol ?? 'UNSPECIFIED'),
    origin: local?.service.origin ?? builtInOrigin,
  };
}

/** `127.0.0.1:PORT` of a Sidecar's ingress listener; the application is always on this machine. */
function applicationAddress(defaultEndpoint: string | undefined, appPort: number): SocketAddress {
  const [, address = '127.0.0.1', port] = /^(.*):(\d+)$/.exec(defaultEndpoint ?? '') ?? [];
  return {
    address: address.startsWith('[') ? '::1' : '127.0.0.1',
    port: port === undefined ? appPort : Number(port),
  };
}

/** The service that selects this proxy's workload and leads to the port. */
function findLocalService(
  scope: Scope,
  appPort: number,
): { readonly service: RegistryService; readonly port: RegistryPort } | null {
  const { identity } = scope.settings;
  for (const service of scope.services) {
    if (service.namespace !== identity.namespace || service.selector === null) continue;
    if (!hasLabels(identity.labels, service.selector)) continue;
    const port = service.ports.find(({ number }) => service.targetPorts.get(number) === appPort);
    if (port !== undefined) return { service, port };
  }
  return null;
}
