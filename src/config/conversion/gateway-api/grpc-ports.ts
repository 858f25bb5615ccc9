/**
 * Services whose ports a GRPCRoute names as backends: what they do not declare is gRPC then, which
 * no client could detect before it has spoken.
 */

import { kubernetesProtocol } from '../../registry/protocol.ts';
import type { ResourceSet } from '../../resource-set.ts';
import { gatewayApiGroup } from '../../schema/gateway-api/references.ts';
import type { ResourceStatus } from '../resource-status.ts';
import type { GatewayApiContext } from './context.ts';

type GrpcRoute = ResourceSet['grpcRoutes'][number];

/**
 * All Services, with those of GRPCRoutes as they are spoken to: of routes that are attached, and
 * that may use them. How others speak to a Service is not for everybody to say.
 */
export function withGrpcPorts(
  { resources: { services, grpcRoutes }, grants }: GatewayApiContext,
  statuses: readonly ResourceStatus[],
): ResourceSet['services'] {
  if (grpcRoutes.length === 0) return services;
  const attached = new Set(statuses.filter(isAttached).map((one) => keyOf(one)));
  const routes = grpcRoutes.filter(({ metadata }) => attached.has(keyOf(metadata)));
  const named = new Set(routes.flatMap((route) => backendPorts(route, grants)));
  return services.map((service) => {
    const { metadata, spec } = service;
    const isNamed = (port: number): boolean => named.has(`${keyOf(metadata)}:${port}`);
    if (!spec.ports?.some(({ port }) => isNamed(port))) return service;
    const ports = spec.ports.map((port) =>
      isNamed(port.port) && kubernetesProtocol(port) === 'UNSPECIFIED'
        ? { ...port, appProtocol: 'grpc' }
        : port,
    );
    return { ...service, spec: { ...spec, ports } };
  });
}

function isAttached({ kind, parts }: ResourceStatus): boolean {
  const conditions = parts.flatMap((part) => part.conditions);
  return (
    kind === 'GRPCRoute' &&
    conditions.some(({ type, status }) => type === 'Accepted' && status === 'True')
  );
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

/** `namespace/name:port`. */
function backendPorts(
  { kind: routeKind, metadata, spec }: GrpcRoute,
  grants: GatewayApiContext['grants'],
): string[] {
  const from = { group: gatewayApiGroup, kind: routeKind, namespace: metadata.namespace };
  const refs = (spec.rules ?? []).flatMap(({ backendRefs = [] }) => backendRefs);
  return refs.flatMap((ref) => {
    const { group = '', kind = 'Service', name, namespace = metadata.namespace, port } = ref;
    if (group !== '' || kind !== 'Service') return [];
    if (!grants.permits({ from, to: { group, kind, namespace, name } })) return [];
    return [`${namespace}/${name}:${port}`];
  });
}
