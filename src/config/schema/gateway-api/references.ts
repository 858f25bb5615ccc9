/**
 * What the kinds of the Gateway API have in common: references to other objects, and selectors. As
 * everywhere, defaults are told here and applied by who reads the field.
 */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { text, textList, textMap, uint32 } from '../fields.ts';

const optional = Type.Optional;

const port = (description: string) => uint32(description, { minimum: 1, maximum: 65535 });

export const gatewayApiGroup = 'gateway.networking.k8s.io';

export type ParentReference = Static<typeof ParentReference>;
export const ParentReference = Type.Object(
  {
    group: optional(text('API group; empty for a Service.', { default: gatewayApiGroup })),
    kind: optional(text('`Gateway`, or `Service` for the mesh.', { default: 'Gateway' })),
    namespace: optional(text('Namespace of the parent.', { default: 'that of the route' })),
    name: text('Name of the parent.'),
    sectionName: optional(text('Name of the listener, or of the port of the Service.')),
    port: optional(port('Port of the listeners, or of the Service.')),
  },
  { description: 'What the route is attached to.' },
);

/** Of every kind of route. */
export const routeParentFields = {
  parentRefs: optional(
    Type.Array(ParentReference, { description: 'Gateways or Services the route is attached to.' }),
  ),
  useDefaultGateways: optional(
    Type.Enum(['All', 'None'], {
      description: 'Whether the route attaches to default Gateways.',
      ineffective: 'a route attaches to the parents that it names',
    }),
  ),
} as const;

const backendFields = {
  group: optional(text('API group of the backend.', { default: 'the empty group' })),
  kind: optional(text('`Service`, or `Hostname` of networking.istio.io.', { default: 'Service' })),
  name: text('Name of the backend.'),
  namespace: optional(text('Namespace of the backend.', { default: 'that of the route' })),
  port: optional(port('Port of the Service.')),
} as const;

/** Of a BackendRef, to which HTTPRoute and GRPCRoute add filters. */
export const backendRefFields = {
  ...backendFields,
  weight: optional(
    uint32('Share relative to the other backends; 0 gets nothing.', {
      maximum: 1000000,
      default: 1,
    }),
  ),
} as const;

export type BackendObjectReference = Static<typeof BackendObjectReference>;
export const BackendObjectReference = Type.Object(backendFields, { description: 'A backend.' });

/** Backend of a TLSRoute or TCPRoute. */
export type BackendRef = Static<typeof BackendRef>;
export const BackendRef = Type.Object(backendRefFields, { description: 'A backend.' });

export type LocalObjectReference = Static<typeof LocalObjectReference>;
export const LocalObjectReference = Type.Object(
  {
    group: text('API group; empty for Kubernetes’ own.'),
    kind: text('Kind of the object.'),
    name: text('Name of the object.'),
  },
  { description: 'An object of the same namespace.' },
);

/** To a Secret with a certificate, or to a ConfigMap with authorities. */
export type ObjectReference = Static<typeof ObjectReference>;
export const ObjectReference = Type.Object(
  {
    group: optional(text('API group; empty for Kubernetes’ own.', { default: 'the empty group' })),
    kind: optional(text('Kind of the object, `Secret` or `ConfigMap`.')),
    name: text('Name of the object.'),
    namespace: optional(text('Its namespace; another one needs a ReferenceGrant.')),
  },
  { description: 'An object, of any namespace.' },
);

/** `metav1.LabelSelector`. */
export type KubernetesLabelSelector = Static<typeof KubernetesLabelSelector>;
export const KubernetesLabelSelector = Type.Object(
  {
    matchLabels: optional(textMap('Labels that must be there, all of them.')),
    matchExpressions: optional(
      Type.Array(
        Type.Object(
          {
            key: text('Name of the label.'),
            operator: Type.Enum(['In', 'NotIn', 'Exists', 'DoesNotExist'], {
              description: 'How the label is compared.',
            }),
            values: optional(textList('Values for In and NotIn.')),
          },
          { description: 'A condition on a label.' },
        ),
        { description: 'Conditions that must hold, all of them.' },
      ),
    ),
  },
  { description: 'Objects, by their labels; empty selects all.' },
);
