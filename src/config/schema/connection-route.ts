/** Rules of a VirtualService for connections that are passed on unread: `tls` and `tcp`. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { Destination } from './destination.ts';
import { integer, text, textList, textMap, uint32 } from './fields.ts';

const optional = Type.Optional;

export type L4MatchAttributes = Static<typeof L4MatchAttributes>;
export const L4MatchAttributes = Type.Object(
  {
    destinationSubnets: optional(textList('Addresses or CIDR ranges the client connects to.')),
    port: optional(uint32('Only on this port.')),
    sourceLabels: optional(textMap('Only for clients whose workload has these labels.')),
    gateways: optional(textList('Only on these gateways.')),
    sourceNamespace: optional(text('Only for clients in this namespace.')),
    sourceSubnet: optional(
      text('Only for clients from this CIDR range.', {
        ineffective: 'Istio does not look at it either',
      }),
    ),
  },
  {
    description:
      'Conditions on a connection. Gateways do not look at destinationSubnets, sourceLabels and ' +
      'sourceNamespace.',
  },
);

export type TlsMatchAttributes = Static<typeof TlsMatchAttributes>;
export const TlsMatchAttributes = Type.Object(
  {
    sniHosts: textList('Server names (SNI) of the connection; wildcards as `*.example.com`.'),
    destinationSubnets: optional(textList('Addresses or CIDR ranges the client connects to.')),
    port: optional(uint32('Only on this port.')),
    sourceLabels: optional(textMap('Only for clients whose workload has these labels.')),
    gateways: optional(textList('Only on these gateways.')),
    sourceNamespace: optional(text('Only for clients in this namespace.')),
  },
  {
    description:
      'Conditions on a TLS connection that is passed on unread. Gateways do not look at ' +
      'destinationSubnets, sourceLabels and sourceNamespace.',
  },
);

export type RouteDestination = Static<typeof RouteDestination>;
export const RouteDestination = Type.Object(
  {
    destination: Destination,
    weight: optional(integer('Share of the connections.', { default: 0 })),
  },
  { description: 'A destination of connections and its share.' },
);

export type TlsRoute = Static<typeof TlsRoute>;
export const TlsRoute = Type.Object(
  {
    match: Type.Array(TlsMatchAttributes, { description: 'One of these must hold.' }),
    route: optional(Type.Array(RouteDestination, { description: 'Where connections go.' })),
  },
  { description: 'A rule for TLS connections that are not terminated.' },
);

export type TcpRoute = Static<typeof TcpRoute>;
export const TcpRoute = Type.Object(
  {
    match: optional(Type.Array(L4MatchAttributes, { description: 'One of these must hold.' })),
    route: optional(Type.Array(RouteDestination, { description: 'Where connections go.' })),
  },
  { description: 'A rule for TCP connections.' },
);
