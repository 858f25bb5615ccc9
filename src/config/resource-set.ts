/** All resources that were read and accepted, by kind. */

import type { Resource } from './resource.ts';
import type { BootstrapSpec } from './schema/bootstrap.ts';
import type { DestinationRuleSpec } from './schema/destination-rule.ts';
import type { GatewaySpec } from './schema/gateway.ts';
import type { BackendTlsPolicySpec } from './schema/gateway-api/backend-tls-policy.ts';
import type { KubernetesGatewaySpec } from './schema/gateway-api/gateway.ts';
import type { GatewayClassSpec } from './schema/gateway-api/gateway-class.ts';
import type { GrpcRouteSpec } from './schema/gateway-api/grpc-route.ts';
import type { HttpRouteSpec } from './schema/gateway-api/http-route.ts';
import type { ReferenceGrantSpec } from './schema/gateway-api/reference-grant.ts';
import type { TcpRouteSpec } from './schema/gateway-api/tcp-route.ts';
import type { TlsRouteSpec } from './schema/gateway-api/tls-route.ts';
import type { IngressClassSpec, IngressSpec } from './schema/ingress.ts';
import type {
  ConfigMapSpec,
  EndpointSliceSpec,
  EndpointsSpec,
  NamespaceSpec,
  PodControllerSpec,
  PodSpec,
  SecretSpec,
  ServiceSpec,
} from './schema/kubernetes.ts';
import type { ServiceEntrySpec } from './schema/service-entry.ts';
import type { WorkloadEntrySpec } from './schema/shared.ts';
import type { SidecarSpec } from './schema/sidecar.ts';
import type { TelemetrySpec } from './schema/telemetry.ts';
import type { ToxicPolicySpec } from './schema/toxic-policy.ts';
import type { VirtualServiceSpec } from './schema/virtual-service.ts';

/** Lists are in the order in which the resources were read. */
export interface ResourceSet {
  readonly virtualServices: readonly Resource<'VirtualService', VirtualServiceSpec>[];
  readonly destinationRules: readonly Resource<'DestinationRule', DestinationRuleSpec>[];
  readonly gateways: readonly Resource<'Gateway', GatewaySpec>[];
  readonly serviceEntries: readonly Resource<'ServiceEntry', ServiceEntrySpec>[];
  readonly workloadEntries: readonly Resource<'WorkloadEntry', WorkloadEntrySpec>[];
  readonly sidecars: readonly Resource<'Sidecar', SidecarSpec>[];
  readonly telemetries: readonly Resource<'Telemetry', TelemetrySpec>[];
  readonly services: readonly Resource<'Service', ServiceSpec>[];
  readonly endpoints: readonly Resource<'Endpoints', EndpointsSpec>[];
  readonly endpointSlices: readonly Resource<'EndpointSlice', EndpointSliceSpec>[];
  readonly pods: readonly Resource<'Pod', PodSpec>[];
  readonly deployments: readonly Resource<'Deployment', PodControllerSpec>[];
  readonly statefulSets: readonly Resource<'StatefulSet', PodControllerSpec>[];
  readonly namespaces: readonly Resource<'Namespace', NamespaceSpec>[];
  readonly secrets: readonly Resource<'Secret', SecretSpec>[];
  readonly configMaps: readonly Resource<'ConfigMap', ConfigMapSpec>[];
  readonly ingresses: readonly Resource<'Ingress', IngressSpec>[];
  readonly ingressClasses: readonly Resource<'IngressClass', IngressClassSpec>[];
  readonly kubernetesGateways: readonly Resource<'KubernetesGateway', KubernetesGatewaySpec>[];
  readonly gatewayClasses: readonly Resource<'GatewayClass', GatewayClassSpec>[];
  readonly httpRoutes: readonly Resource<'HTTPRoute', HttpRouteSpec>[];
  readonly grpcRoutes: readonly Resource<'GRPCRoute', GrpcRouteSpec>[];
  readonly tlsRoutes: readonly Resource<'TLSRoute', TlsRouteSpec>[];
  readonly tcpRoutes: readonly Resource<'TCPRoute', TcpRouteSpec>[];
  readonly referenceGrants: readonly Resource<'ReferenceGrant', ReferenceGrantSpec>[];
  readonly backendTlsPolicies: readonly Resource<'BackendTLSPolicy', BackendTlsPolicySpec>[];
  readonly bootstraps: readonly Resource<'Bootstrap', BootstrapSpec>[];
  readonly toxicPolicies: readonly Resource<'ToxicPolicy', ToxicPolicySpec>[];
}

export function emptyResourceSet(): ResourceSet {
  return {
    virtualServices: [],
    destinationRules: [],
    gateways: [],
    serviceEntries: [],
    workloadEntries: [],
    sidecars: [],
    telemetries: [],
    services: [],
    endpoints: [],
    endpointSlices: [],
    pods: [],
    deployments: [],
    statefulSets: [],
    namespaces: [],
    secrets: [],
    configMaps: [],
    ingresses: [],
    ingressClasses: [],
    kubernetesGateways: [],
    gatewayClasses: [],
    httpRoutes: [],
    grpcRoutes: [],
    tlsRoutes: [],
    tcpRoutes: [],
    referenceGrants: [],
    backendTlsPolicies: [],
    bootstraps: [],
    toxicPolicies: [],
  };
}
