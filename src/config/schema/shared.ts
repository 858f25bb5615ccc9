/** Messages that several kinds use. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { number, pattern, text, textMap, uint32 } from './fields.ts';

const optional = Type.Optional;

export type StringMatch = Static<typeof StringMatch>;
export const StringMatch = Type.Object(
  {
    exact: optional(text('The value is exactly this text.')),
    prefix: optional(text('The value begins with this text.')),
    regex: optional(pattern('RE2 pattern that the whole value matches.')),
  },
  {
    description: 'How a text is compared; case counts. Empty: any value.',
    oneof: [['exact', 'prefix', 'regex']],
  },
);

export type Percent = Static<typeof Percent>;
export const Percent = Type.Object(
  {
    value: optional(
      number('Percentage, 0 to 100; fractions such as 0.1 count.', { default: 0, unit: 'percent' }),
    ),
  },
  { description: 'A percentage.' },
);

export type PortSelector = Static<typeof PortSelector>;
export const PortSelector = Type.Object(
  { number: optional(uint32('Port number, 1 to 65535.')) },
  { description: 'A port of the service. Needed only where the service has several.' },
);

export type LabelSelector = Static<typeof LabelSelector>;
/** networking.istio.io `WorkloadSelector`. */
export const WorkloadSelector = Type.Object(
  { labels: optional(textMap('Labels that a workload must have, all of them.')) },
  { description: 'Which workloads, by labels.' },
);

/** type.istio.io `WorkloadSelector`. */
export const LabelSelector = Type.Object(
  { matchLabels: optional(textMap('Labels that a workload must have, all of them.')) },
  { description: 'Which workloads, by labels.' },
);

export type Port = Static<typeof Port>;
/** A port of a Gateway server or a Sidecar listener. */
export const Port = Type.Object(
  {
    number: optional(uint32('Port number, 1 to 65535.')),
    name: optional(text('Name of the port.')),
    protocol: optional(
      text('HTTP, HTTPS, GRPC, GRPC-WEB, HTTP2, MONGO, TCP, TLS, REDIS, MYSQL or UDP.'),
    ),
    targetPort: optional(uint32('Has no effect.', { deprecated: 'number' })),
  },
  { description: 'A port and what is spoken on it.' },
);

/** Fields of ServiceEntry endpoints and of a WorkloadEntry. */
export type WorkloadEntrySpec = Static<typeof WorkloadEntrySpec>;
export const WorkloadEntrySpec = Type.Object(
  {
    address: optional(text('IP address, DNS name, or `unix:///path` of the workload.')),
    ports: optional(
      Type.Record(Type.String(), Type.Integer({ minimum: 0, maximum: 4294967295 }), {
        description: 'Port name of the service to the port of this endpoint.',
      }),
    ),
    labels: optional(textMap('Labels; subsets select by them.')),
    network: optional(text('Network the endpoint is in.')),
    locality: optional(text('`region/zone/subzone` of the endpoint.')),
    weight: optional(uint32('Share relative to the other endpoints.', { default: 1 })),
    serviceAccount: optional(text('Service account of the workload.')),
  },
  { description: 'One workload outside Kubernetes: where it listens and its labels.' },
);

export type PolicyTargetReference = Static<typeof PolicyTargetReference>;
/** type.istio.io `PolicyTargetReference`. */
export const PolicyTargetReference = Type.Object(
  {
    group: optional(text('API group; empty for Kubernetes’ own.')),
    kind: text('`Gateway` of gateway.networking.k8s.io; other kinds are for waypoints alone.'),
    name: text('Name of the target.'),
    namespace: optional(text('Its namespace, which must be that of this resource.')),
  },
  { description: 'What a policy is for, in place of a selector.' },
);
