/** GET /api/v1/listeners. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { count, flag, named, nullable, text, textList } from './fields.ts';
import { OptionalOrigin } from './shared.ts';

export type FilterChainState = Static<typeof FilterChainState>;
export const FilterChainState = named('FilterChainState', 'What happens to some connections.', {
  name: text('Unique within its listener.'),
  kind: Type.Enum(['http', 'tcp'], { description: 'What is done with the bytes.' }),
  destinations: textList('Ranges that the connection must have been made to; empty: any.'),
  serverNames: textList('Server names of TLS; empty: any, or none.'),
  transport: nullable(Type.Enum(['tls', 'raw'], { description: 'null: either.' })),
  application: nullable(Type.Enum(['http'], { description: 'null: anything.' })),
  tls: flag('TLS ends here.'),
  routeTables: textList('Tables that requests are routed by; several where the port chooses.'),
  clusters: textList('Where connections go that are passed on as they are.'),
  origin: OptionalOrigin,
});

export type ListenerState = Static<typeof ListenerState>;
export const ListenerState = named('ListenerState', 'A port that is listened on.', {
  name: text('Stable over reloads.'),
  direction: Type.Enum(['outbound', 'inbound', 'gateway'], { description: 'Its role.' }),
  address: text('Address that is bound.'),
  port: count('Port that is bound.'),
  servicePort: count('Port that the configuration names; 0 where the authority names it.'),
  draining: flag('Accepts no connections any more.'),
  proxyProtocol: flag('Connections begin with a header of the PROXY protocol.'),
  filterChains: Type.Array(FilterChainState),
  origin: OptionalOrigin,
});

export type ListenerList = Static<typeof ListenerList>;
export const ListenerList = named('ListenerList', 'Listeners that are open.', {
  listeners: Type.Array(ListenerState),
});
