/** TCPRoute: connections of a listener, whatever is spoken on them. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { ConnectionRules } from './connection-rules.ts';
import { routeParentFields } from './references.ts';

const optional = Type.Optional;

export type TcpRouteSpec = Static<typeof TcpRouteSpec>;
export const TcpRouteSpec = Type.Object(
  {
    ...routeParentFields,
    rules: optional(ConnectionRules),
  },
  { description: 'Where TCP connections of a listener go.' },
);
