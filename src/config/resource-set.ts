/** All resources that were read and accepted, by kind. */

import type { Resource } from './resource.ts';
import type { BootstrapSpec } from './schema/bootstrap.ts';
import type { DestinationRuleSpec } from './schema/destination-rule.ts';
import type { GatewaySpec } from './schema/gateway.ts';
import type {
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
    bootstraps: [],
    toxicPolicies: [],
  };
}
