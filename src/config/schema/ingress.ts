/**
 * Ingress and IngressClass of Kubernetes. `v1beta1` and the older group `extensions` name the
 * backends in fields of their own; which fields a version has is checked in
 * `validation/ingress.ts`.
 */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { described, intOrText, text, textList, uint32 } from './fields.ts';

const optional = Type.Optional;

export type IngressServicePort = Static<typeof IngressServicePort>;
const IngressServicePort = Type.Object(
  {
    number: optional(uint32('Port of the Service by number.', { minimum: 1, maximum: 65535 })),
    name: optional(text('Port of the Service by name.')),
  },
  { description: 'A port of the Service: its number or its name.' },
);

export type IngressBackend = Static<typeof IngressBackend>;
export const IngressBackend = Type.Object(
  {
    service: optional(
      Type.Object(
        {
          name: text('Name of a Service in the namespace of the Ingress.'),
          port: optional(IngressServicePort),
        },
        { description: 'The Service that gets the requests (v1).' },
      ),
    ),
    resource: optional(
      Type.Object(
        {
          apiGroup: optional(text('API group of the object.')),
          kind: text('Kind of the object.'),
          name: text('Name of the object.'),
        },
        {
          description:
            'An object other than a Service, such as a bucket. Requests go to Services alone: the ' +
            'path is left out, as in Istio.',
        },
      ),
    ),
    serviceName: optional(text('Name of a Service in the namespace of the Ingress (v1beta1).')),
    servicePort: optional(intOrText('Port of the Service by number or name (v1beta1).')),
  },
  { description: 'Where requests go.', oneof: [['service', 'resource']] },
);

export type HttpIngressPath = Static<typeof HttpIngressPath>;
export const HttpIngressPath = Type.Object(
  {
    path: optional(text('Path to match; absent: every path.')),
    pathType: optional(
      Type.Enum(['Exact', 'Prefix', 'ImplementationSpecific'], {
        description:
          '`Exact`: the whole path. `Prefix`: whole segments of it. `ImplementationSpecific`: of ' +
          "Istio's class `Exact` unless it ends with `.*` or `/*`, of all other classes `Prefix`.",
        default: 'ImplementationSpecific',
      }),
    ),
    backend: IngressBackend,
  },
  { description: 'A path and where requests for it go.' },
);

export type IngressRuleSpec = Static<typeof IngressRuleSpec>;
export const IngressRuleSpec = Type.Object(
  {
    host: optional(
      text('Host that the paths are for; `*.example.com` is any below it.', {
        default: 'every host',
      }),
    ),
    http: optional(
      Type.Object(
        {
          paths: Type.Array(HttpIngressPath, {
            description: 'The longest path that matches decides, of equals an exact one.',
          }),
        },
        { description: 'Paths of the host; without them the rule has no effect.' },
      ),
    ),
  },
  { description: 'The paths of a host.' },
);

export type IngressTls = Static<typeof IngressTls>;
export const IngressTls = Type.Object(
  {
    hosts: optional(
      textList('Hosts that are served with the certificate, by server name.', { default: '*' }),
    ),
    secretName: optional(text('Secret with `tls.crt` and `tls.key`.')),
  },
  { description: 'A certificate and the hosts that it is for.' },
);

export type IngressSpec = Static<typeof IngressSpec>;
export const IngressSpec = Type.Object(
  {
    ingressClassName: optional(
      text('IngressClass whose controller serves the Ingress.', {
        default: 'the IngressClass that is the default',
      }),
    ),
    defaultBackend: optional(
      described(
        IngressBackend,
        'Gets what no rule of the Ingress matches, and every host that no Ingress names.',
      ),
    ),
    backend: optional(described(IngressBackend, 'The `defaultBackend` of v1beta1.')),
    tls: optional(
      Type.Array(IngressTls, { description: 'Certificates for port 443; port 80 stays open.' }),
    ),
    rules: optional(Type.Array(IngressRuleSpec, { description: 'Hosts with their paths.' })),
  },
  { description: 'Hosts and paths of requests from outside, and the Services they go to.' },
);

export type IngressClassSpec = Static<typeof IngressClassSpec>;
export const IngressClassSpec = Type.Object(
  {
    controller: optional(
      text('`istio.io/ingress-controller` and `sluice.dev/ingress-controller` are served.'),
    ),
    parameters: optional(
      Type.Object(
        {
          apiGroup: optional(text('API group of the object.')),
          kind: text('Kind of the object.'),
          name: text('Name of the object.'),
          namespace: optional(text('Namespace of the object.')),
          scope: optional(text('Cluster or Namespace.')),
        },
        {
          description: 'Parameters of the class.',
          ineffective: 'there are no parameters for Ingresses',
        },
      ),
    ),
  },
  { description: 'Which controller serves the Ingresses that name the class.' },
);
