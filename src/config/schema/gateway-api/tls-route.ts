/** TLSRoute: TLS connections, told apart by server name. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { text, textList } from '../fields.ts';
import { BackendRef, routeParentFields } from './references.ts';

const optional = Type.Optional;

export type TlsRouteSpec = Static<typeof TlsRouteSpec>;
export const TlsRouteSpec = Type.Object(
  {
    ...routeParentFields,
    hostnames: optional(textList('Server names, as `host` or `*.host`; none: all.')),
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
  { description: 'Where TLS connections go by their server name.' },
);
