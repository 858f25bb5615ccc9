/**
 * The parts of Kubernetes objects that name services, ports and addresses. All else is ignored;
 * what an object cannot have at all is named where its fields are few (`only`), not where they
 * are many (`open`).
 */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { flag, intOrText, text, textList, textMap, uint32 } from './fields.ts';

const optional = Type.Optional;
const open = { unknown: 'ignore' } as const;

/** All fields are known: those of the schema, and these, which are not read (Kubernetes 1.34). */
function only(...unread: readonly string[]) {
  return { ...open, unread };
}

/** Beside the fields of objects that have no `spec`. */
const documentFields = ['apiVersion', 'kind', 'metadata'] as const;

const referenceFields = ['uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const;

export type KubernetesServicePort = Static<typeof KubernetesServicePort>;
export const KubernetesServicePort = Type.Object(
  {
    name: optional(text('Name; its prefix (`http-`, `grpc`, `tcp-`) tells the protocol.')),
    protocol: optional(text('TCP, UDP or SCTP.', { default: 'TCP' })),
    appProtocol: optional(text('Protocol of the application, before the name.')),
    port: uint32('Port of the service.', { minimum: 1, maximum: 65535 }),
    targetPort: optional(intOrText('Port of the pods, by number or name.', { default: 'port' })),
    nodePort: optional(uint32('Port on every node.', { maximum: 65535 })),
  },
  { description: 'A port of the service.', ...only() },
);

export type ServiceSpec = Static<typeof ServiceSpec>;
export const ServiceSpec = Type.Object(
  {
    type: optional(
      Type.Enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'], {
        description: 'How the service is reached.',
        default: 'ClusterIP',
      }),
    ),
    selector: optional(textMap('Labels of the pods behind the service.')),
    ports: optional(Type.Array(KubernetesServicePort, { description: 'Ports of the service.' })),
    clusterIP: optional(text('Virtual address; `None` for a headless service.')),
    clusterIPs: optional(textList('Virtual addresses.')),
    externalName: optional(text('DNS name (type ExternalName).')),
    publishNotReadyAddresses: optional(flag('Use pods that are not ready.', { default: false })),
    trafficDistribution: optional(
      text('PreferClose, PreferSameZone or PreferSameNode.', {
        default:
          'the annotation networking.istio.io/traffic-distribution, here or of the Namespace',
      }),
    ),
    sessionAffinity: optional(text('Not honoured; Istio ignores it too.')),
  },
  {
    description: 'A service and its ports.',
    ...only(
      'allocateLoadBalancerNodePorts',
      'externalIPs',
      'externalTrafficPolicy',
      'healthCheckNodePort',
      'internalTrafficPolicy',
      'ipFamilies',
      'ipFamily',
      'ipFamilyPolicy',
      'loadBalancerClass',
      'loadBalancerIP',
      'loadBalancerSourceRanges',
      'sessionAffinityConfig',
      'topologyKeys',
    ),
  },
);

export type EndpointAddress = Static<typeof EndpointAddress>;
const EndpointAddress = Type.Object(
  {
    ip: text('IP address.'),
    hostname: optional(text('Name of the address.')),
    nodeName: optional(text('Node of the address.')),
    targetRef: optional(
      Type.Object(
        {
          kind: optional(text('Kind of the object behind the address, `Pod`.')),
          name: optional(text('Its name.')),
          namespace: optional(text('Its namespace.')),
        },
        { description: 'The object behind the address.', ...only(...referenceFields) },
      ),
    ),
  },
  { description: 'An address.', ...only() },
);

const EndpointPort = Type.Object(
  {
    name: optional(text('Name of the port of the service.')),
    port: optional(uint32('Port number.', { maximum: 65535 })),
    protocol: optional(text('TCP, UDP or SCTP.', { default: 'TCP' })),
    appProtocol: optional(text('Protocol of the application.')),
  },
  { description: 'A port.', ...only() },
);

/** Endpoints has no `spec`: these are fields of the document itself. */
export type EndpointsSpec = Static<typeof EndpointsSpec>;
export const EndpointsSpec = Type.Object(
  {
    subsets: optional(
      Type.Array(
        Type.Object(
          {
            addresses: optional(Type.Array(EndpointAddress, { description: 'Ready addresses.' })),
            notReadyAddresses: optional(
              Type.Array(EndpointAddress, { description: 'Addresses that are not ready.' }),
            ),
            ports: optional(Type.Array(EndpointPort, { description: 'Ports of all addresses.' })),
          },
          { description: 'Addresses with the same ports.', ...only() },
        ),
        { description: 'Groups of addresses.' },
      ),
    ),
  },
  { description: 'Addresses of the Service with the same name.', ...only(...documentFields) },
);

/** EndpointSlice has no `spec`: these are fields of the document itself. */
export type EndpointSliceSpec = Static<typeof EndpointSliceSpec>;
export const EndpointSliceSpec = Type.Object(
  {
    addressType: optional(text('IPv4, IPv6 or FQDN.')),
    endpoints: optional(
      Type.Array(
        Type.Object(
          {
            addresses: textList('Addresses of the endpoint; each is one.'),
            conditions: optional(
              Type.Object(
                {
                  ready: optional(flag('Takes traffic.', { default: true })),
                  serving: optional(flag('Would take traffic, but for termination.')),
                  terminating: optional(flag('Is going away.')),
                },
                { description: 'State of the endpoint.', ...only() },
              ),
            ),
            hostname: optional(text('Name of the endpoint.')),
            nodeName: optional(text('Node of the endpoint.')),
            zone: optional(text('Zone of the endpoint.')),
            targetRef: optional(
              Type.Object(
                {
                  kind: optional(text('Kind of the object behind the endpoint, `Pod`.')),
                  name: optional(text('Its name.')),
                  namespace: optional(text('Its namespace.')),
                },
                { description: 'The object behind the endpoint.', ...only(...referenceFields) },
              ),
            ),
          },
          { description: 'An endpoint.', ...only('hints', 'deprecatedTopology', 'topology') },
        ),
        { description: 'Endpoints of the slice.' },
      ),
    ),
    ports: optional(Type.Array(EndpointPort, { description: 'Ports of all endpoints.' })),
  },
  {
    description: 'Addresses of the Service named by label kubernetes.io/service-name.',
    ...only(...documentFields),
  },
);

export type PodSpec = Static<typeof PodSpec>;
export const PodSpec = Type.Object(
  {
    containers: optional(
      Type.Array(
        Type.Object(
          {
            name: optional(text('Name of the container.')),
            ports: optional(
              Type.Array(
                Type.Object(
                  {
                    name: optional(text('Name that a targetPort may use.')),
                    containerPort: uint32('Port number.', { minimum: 1, maximum: 65535 }),
                    protocol: optional(text('TCP, UDP or SCTP.', { default: 'TCP' })),
                  },
                  { description: 'A port of the container.', ...only('hostIP', 'hostPort') },
                ),
                { description: 'Ports of the container.' },
              ),
            ),
          },
          { description: 'A container.', ...open },
        ),
        { description: 'Containers of the pod.' },
      ),
    ),
    serviceAccountName: optional(text('Service account.')),
    nodeName: optional(text('Node of the pod.')),
  },
  { description: 'A pod: its containers and their ports.', ...open },
);

/** `spec` of a Deployment or StatefulSet. */
export type PodControllerSpec = Static<typeof PodControllerSpec>;
export const PodControllerSpec = Type.Object(
  {
    replicas: optional(uint32('Number of pods.', { default: 1 })),
    serviceName: optional(text('Headless service of a StatefulSet.')),
    template: optional(
      Type.Object(
        {
          metadata: optional(
            Type.Object(
              {
                labels: optional(textMap('Labels of the pods; services select by them.')),
                annotations: optional(textMap('Annotations of the pods.')),
              },
              { description: 'Metadata of the pods.', ...open },
            ),
          ),
          spec: optional(PodSpec),
        },
        { description: 'How the pods look.', ...only() },
      ),
    ),
  },
  {
    description: 'Pods that are made from a template.',
    ...only(
      'minReadySeconds',
      'ordinals',
      'paused',
      'persistentVolumeClaimRetentionPolicy',
      'podManagementPolicy',
      'progressDeadlineSeconds',
      'revisionHistoryLimit',
      'selector',
      'strategy',
      'updateStrategy',
      'volumeClaimTemplates',
    ),
  },
);

const secretValue = (description: string) => Type.String({ description, confidential: true });

/** Secret has no `spec`: these are fields of the document itself. */
export type SecretSpec = Static<typeof SecretSpec>;
export const SecretSpec = Type.Object(
  {
    type: optional(text('`kubernetes.io/tls`, `Opaque`, or any other; it has no effect.')),
    data: optional(
      Type.Record(Type.String(), secretValue('A value in base64.'), {
        description:
          'Values in base64: `tls.crt` with `tls.key` (or `cert` with `key`), authorities in ' +
          '`ca.crt` (or `cacert`), revoked certificates in `ca.crl` (or `crl`), all of them PEM.',
        confidential: true,
      }),
    ),
    stringData: optional(
      Type.Record(Type.String(), secretValue('A value as it is.'), {
        description: 'The same as plain text; it goes before `data`.',
        confidential: true,
      }),
    ),
  },
  {
    description: 'Keys, certificates and authorities for TLS.',
    ...only(...documentFields, 'immutable'),
  },
);

/** ConfigMap has no `spec`: these are fields of the document itself. */
export type ConfigMapSpec = Static<typeof ConfigMapSpec>;
export const ConfigMapSpec = Type.Object(
  {
    data: optional(textMap('Values by key; authorities for TLS are in `ca.crt`, PEM.')),
  },
  {
    description: 'Authorities for TLS of the Gateway API; any other is read and not used.',
    ...only(...documentFields, 'binaryData', 'immutable'),
  },
);

export type NamespaceSpec = Static<typeof NamespaceSpec>;
export const NamespaceSpec = Type.Object(
  {},
  {
    description: 'A namespace; its name and its annotation for trafficDistribution are read.',
    ...open,
  },
);
