/** Istio's MeshNetworks: which addresses belong to the networks of the mesh. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { text, uint32 } from './fields.ts';

const optional = Type.Optional;

const unrouted = { ineffective: 'endpoints of other networks are reached directly' };

const NetworkEndpoints = Type.Object(
  {
    fromCidr: optional(
      text('Range of addresses, such as `10.0.0.0/8`: clients in it are internal to gateways.'),
    ),
    fromRegistry: optional(text('Registry whose endpoints are in the network.', unrouted)),
  },
  {
    description: 'Where endpoints of the network are.',
    oneof: [['fromCidr', 'fromRegistry']],
  },
);

const NetworkGateway = Type.Object(
  {
    address: optional(text('Address of the gateway.')),
    registryServiceName: optional(text('Host of the service of the gateway.')),
    port: optional(uint32('Port of the gateway.', { maximum: 65535 })),
    locality: optional(text('`region/zone/subzone` of the gateway.')),
  },
  { description: 'A gateway into the network.' },
);

const Network = Type.Object(
  {
    endpoints: optional(Type.Array(NetworkEndpoints, { description: 'What is in the network.' })),
    gateways: optional(
      Type.Array(NetworkGateway, { description: 'How it is entered from outside.', ...unrouted }),
    ),
  },
  { description: 'A network of the mesh.' },
);

export type MeshNetworks = Static<typeof MeshNetworks>;
export const MeshNetworks = Type.Object(
  {
    networks: optional(Type.Record(Type.String(), Network, { description: 'Networks by name.' })),
  },
  { description: 'The networks of the mesh, as in `meshNetworks` of the ConfigMap `istio`.' },
);
