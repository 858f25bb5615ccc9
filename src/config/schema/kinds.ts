/** Every kind that is read: its API versions, where its fields are, and its schema. */

import type { TObject } from 'typebox';
import { BootstrapSpec } from './bootstrap.ts';
import { DestinationRuleSpec } from './destination-rule.ts';
import { GatewaySpec } from './gateway.ts';
import {
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
  readonly kind: string;
  readonly group: string;
  /** The first is the one to prefer. */
  readonly versions: readonly string[];
  /** `document`: the kind has no `spec`, its fields stand beside `metadata`. */
  readonly fieldsIn: 'spec' | 'document';
  readonly schema: TObject;
}

const istio = { group: 'networking.istio.io', versions: ['v1', 'v1beta1', 'v1alpha3'] } as const;
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

/** Objects of Kubernetes itself hold far more than is read here. */
export function refusesUnknownFields({ group }: KindSchema): boolean {
  return group.endsWith('.istio.io') || group === 'sluice.dev';
}
