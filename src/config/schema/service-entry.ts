/** ServiceEntry: a service that is not in Kubernetes. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { text, textList, uint32 } from './fields.ts';
import { WorkloadEntrySpec, WorkloadSelector } from './shared.ts';

const optional = Type.Optional;

export type ServicePort = Static<typeof ServicePort>;
export const ServicePort = Type.Object(
  {
    number: optional(uint32('Port that clients use, 1 to 65535.')),
    name: optional(text('Name of the port.')),
    protocol: optional(
      text('HTTP, HTTPS, GRPC, HTTP2, MONGO, TCP or TLS.', { default: 'detected' }),
    ),
    targetPort: optional(uint32('Port of the endpoints.', { default: 'number' })),
  },
  { description: 'A port of the service.' },
);

export type ServiceEntrySpec = Static<typeof ServiceEntrySpec>;
export const ServiceEntrySpec = Type.Object(
  {
    hosts: textList('Host names of the service, 1 to 256; wildcards only with resolution NONE.'),
    addresses: optional(textList('Virtual IP addresses or CIDR ranges, at most 256.')),
    ports: optional(Type.Array(ServicePort, { description: 'Ports of the service.' })),
    location: optional(
      Type.Enum(['MESH_EXTERNAL', 'MESH_INTERNAL'], {
        description: 'Whether the service is part of the mesh.',
        default: 'MESH_EXTERNAL',
      }),
    ),
    resolution: optional(
      Type.Enum(['NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS'], {
        description:
          'How endpoints are found: NONE the address the client connected to, STATIC ' +
          '`endpoints`, DNS the addresses of the names.',
        default: 'NONE',
      }),
    ),
    endpoints: optional(
      Type.Array(WorkloadEntrySpec, { description: 'Endpoints of the service.' }),
    ),
    workloadSelector: optional(WorkloadSelector),
    exportTo: optional(
      textList('Namespaces that see this resource: `.` its own, `*` all.', { default: '*' }),
    ),
    subjectAltNames: optional(
      textList('Names of which the certificate of an endpoint must have one.'),
    ),
  },
  { description: 'A service that is not in Kubernetes.' },
);
