/** TCPRoute: connections of a listener, whatever is spoken on them. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { text } from '../fields.ts';
import { BackendRef, routeParentFields } from './references.ts';

const optional = Type.Optional;

export type TcpRouteSpec = Static<typeof TcpRouteSpec>;
export const TcpRouteSpec = Type.Object(
  {
    ...routeParentFields,
    rules: optional(
      Type.Array(
        Type.Object(
          {
            name: optional(text('Name of the rule.')),
            backendRefs: optional(
              Type.Array(BackendRef, { description: 'Where connections go, by weight.' }),
            ),
          },
          { description: 'Where connections go.' },
        ),
        { description: 'Rules, of which there may be one.' },
      ),
    ),
  },
  { description: 'Where TCP connections of a listener go.' },
);
