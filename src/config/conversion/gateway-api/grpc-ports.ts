/**
 * Services whose ports a GRPCRoute names as backends: what they do not declare is gRPC then, which
 * no client could detect before it has spoken.
 */

import { kubernetesProtocol } from '../../registry/protocol.ts';
import type { ResourceSet } from '../../resource-set.ts';

/** All Services, with those of GRPCRoutes as they are spoken to. */
export function withGrpcPorts({
  services,
  grpcRoutes,
}: Pick<ResourceSet, 'services' | 'grpcRoutes'>): ResourceSet['services'] {
  if (grpcRoutes.length === 0) return services;
  const named = new Set(grpcRoutes.flatMap(backendPorts));
  return services.map((service) => {
    const { metadata, spec } = service;
    const isNamed = (port: number): boolean =>
      named.has(`${metadata.namespace}/${metadata.name}:${port}`);
    if (!spec.ports?.some(({ port }) => isNamed(port))) return service;
    const ports = spec.ports.map((port) =>
      isNamed(port.port) && kubernetesProtocol(port) === 'UNSPECIFIED'
        ? { ...port, appProtocol: 'grpc' }
        : port,
    );
    return { ...service, spec: { ...spec, ports } };
  });
}

/** `namespace/name:port`. */
function backendPorts({ metadata, spec }: ResourceSet['grpcRoutes'][number]): string[] {
  const refs = (spec.rules ?? []).flatMap(({ backendRefs = [] }) => backendRefs);
  return refs.flatMap(({ kind = 'Service', name, namespace = metadata.namespace, port }) =>
    kind === 'Service' ? [`${namespace}/${name}:${port}`] : [],
  );
}
