/** Every kind that is read: its API versions, where its fields are, and its schema. */

import type { TObject } from 'typebox';
import { BootstrapSpec } from './bootstrap.ts';
import { DestinationRuleSpec } from './destination-rule.ts';
import { GatewaySpec } from './gateway.ts';
import { BackendTlsPolicySpec } from './gateway-api/backend-tls-policy.ts';
import { KubernetesGatewaySpec } from './gateway-api/gateway.ts';
import { GatewayClassSpec } from './gateway-api/gateway-class.ts';
import { GrpcRouteSpec } from './gateway-api/grpc-route.ts';
import { HttpRouteSpec } from './gateway-api/http-route.ts';
import { ReferenceGrantSpec } from './gateway-api/reference-grant.ts';
import { gatewayApiGroup } from './gateway-api/references.ts';
import { TcpRouteSpec } from './gateway-api/tcp-route.ts';
import { TlsRouteSpec } from './gateway-api/tls-route.ts';
import { IngressClassSpec, IngressSpec } from './ingress.ts';
import {
  ConfigMapSpec,
  EndpointSliceSpec,
  EndpointsSpec,
  NamespaceSpec,
  PodControllerSpec,
  PodSpec,
  SecretSpec,
  ServiceSpec,
} from './kubernetes.ts';
import { ServiceEntrySpec } from './service-entry.ts';
import { WorkloadEntrySpec } from './shared.ts';
import { SidecarSpec } from './sidecar.ts';
import { TelemetrySpec } from './telemetry.ts';
import { ToxicPolicySpec } from './toxic-policy.ts';
import { VirtualServiceSpec } from './virtual-service.ts';

export interface KindSchema {
  /** As files write it; two groups may have the same. */
  readonly kind: string;
  readonly group: string;
  /** The first is the one to prefer. */
  readonly versions: readonly string[];
  /** In other groups, where the kind was before: `extensions/v1beta1`. */
  readonly oldApiVersions?: readonly string[];
  /** `document`: the kind has no `spec`, its fields stand beside `metadata`. */
  readonly fieldsIn: 'spec' | 'document';
  readonly schema: TObject;
}

const istio = { group: 'networking.istio.io', versions: ['v1', 'v1beta1', 'v1alpha3'] } as const;
const gatewayApi = { group: gatewayApiGroup, versions: ['v1', 'v1beta1', 'v1alpha2'] } as const;
const kubernetesNetworking = { group: 'networking.k8s.io', versions: ['v1', 'v1beta1'] } as const;
const core = { group: '', versions: ['v1'] } as const;
const apps = { group: 'apps', versions: ['v1'] } as const;
const spec = { fieldsIn: 'spec' } as const;
const document = { fieldsIn: 'document' } as const;

export const kindSchemas = {
  VirtualService: { kind: 'VirtualService', ...istio, ...spec, schema: VirtualServiceSpec },
  DestinationRule: { kind: 'DestinationRule', ...istio, ...spec, schema: DestinationRuleSpec },
  Gateway: { kind: 'Gateway', ...istio, ...spec, schema: GatewaySpec },
  ServiceEntry: { kind: 'ServiceEntry', ...istio, ...spec, schema: ServiceEntrySpec },
  WorkloadEntry: { kind: 'WorkloadEntry', ...istio, ...spec, schema: WorkloadEntrySpec },
  Sidecar: { kind: 'Sidecar', ...istio, ...spec, schema: SidecarSpec },
  Telemetry: {
    kind: 'Telemetry',
    group: 'telemetry.istio.io',
    versions: ['v1', 'v1alpha1'],
    ...spec,
    schema: TelemetrySpec,
  },
  Service: { kind: 'Service', ...core, ...spec, schema: ServiceSpec },
  Endpoints: { kind: 'Endpoints', ...core, ...document, schema: EndpointsSpec },
  EndpointSlice: {
    kind: 'EndpointSlice',
    group: 'discovery.k8s.io',
    versions: ['v1', 'v1beta1'],
    ...document,
    schema: EndpointSliceSpec,
  },
  Pod: { kind: 'Pod', ...core, ...spec, schema: PodSpec },
  Deployment: { kind: 'Deployment', ...apps, ...spec, schema: PodControllerSpec },
  StatefulSet: { kind: 'StatefulSet', ...apps, ...spec, schema: PodControllerSpec },
  Namespace: { kind: 'Namespace', ...core, ...spec, schema: NamespaceSpec },
  Secret: { kind: 'Secret', ...core, ...document, schema: SecretSpec },
  ConfigMap: { kind: 'ConfigMap', ...core, ...document, schema: ConfigMapSpec },
  Ingress: {
    kind: 'Ingress',
    ...kubernetesNetworking,
    oldApiVersions: ['extensions/v1beta1'],
    ...spec,
    schema: IngressSpec,
  },
  IngressClass: {
    kind: 'IngressClass',
    ...kubernetesNetworking,
    ...spec,
    schema: IngressClassSpec,
  },
  /** Of the Gateway API. Istio has a kind of the same name: inside it is told by this one. */
  KubernetesGateway: { kind: 'Gateway', ...gatewayApi, ...spec, schema: KubernetesGatewaySpec },
  GatewayClass: { kind: 'GatewayClass', ...gatewayApi, ...spec, schema: GatewayClassSpec },
  HTTPRoute: { kind: 'HTTPRoute', ...gatewayApi, ...spec, schema: HttpRouteSpec },
  GRPCRoute: { kind: 'GRPCRoute', ...gatewayApi, ...spec, schema: GrpcRouteSpec },
  TLSRoute: {
    kind: 'TLSRoute',
    group: gatewayApiGroup,
    versions: ['v1', 'v1alpha3', 'v1alpha2'],
    ...spec,
    schema: TlsRouteSpec,
  },
  TCPRoute: {
    kind: 'TCPRoute',
    group: gatewayApiGroup,
    versions: ['v1', 'v1alpha2'],
    ...spec,
    schema: TcpRouteSpec,
  },
  ReferenceGrant: { kind: 'ReferenceGrant', ...gatewayApi, ...spec, schema: ReferenceGrantSpec },
  BackendTLSPolicy: {
    kind: 'BackendTLSPolicy',
    group: gatewayApiGroup,
    versions: ['v1', 'v1alpha3'],
    ...spec,
    schema: BackendTlsPolicySpec,
  },
  Bootstrap: {
    kind: 'Bootstrap',
    group: 'sluice.dev',
    versions: ['v1'],
    ...spec,
    schema: BootstrapSpec,
  },
  ToxicPolicy: {
    kind: 'ToxicPolicy',
    group: 'sluice.dev',
    versions: ['v1'],
    ...spec,
    schema: ToxicPolicySpec,
  },
} as const satisfies Record<string, KindSchema>;

export type KindName = keyof typeof kindSchemas;

/** Kinds of groups that are known, and that are not read: no misspelt name of one that is. */
export const unreadKinds: ReadonlySet<string> = new Set([
  ...['UDPRoute', 'ListenerSet'],
  ...['EnvoyFilter', 'ProxyConfig', 'WorkloadGroup'],
]);

/** Groups all of whose kinds are above: an API server knows no others, and neither does sluice. */
export const completeGroups: ReadonlySet<string> = new Set([
  istio.group,
  'telemetry.istio.io',
  'sluice.dev',
]);

const strictGroups: ReadonlySet<string> = new Set([
  'sluice.dev',
  gatewayApiGroup,
  kubernetesNetworking.group,
]);

/** Objects of Kubernetes itself mostly hold far more than is read here. */
export function refusesUnknownFields({ group }: KindSchema): boolean {
  return group.endsWith('.istio.io') || strictGroups.has(group);
}
