/** TLSRoute: TLS connections, told apart by server name. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { textList } from '../fields.ts';
import { ConnectionRules } from './connection-rules.ts';
import { routeParentFields } from './references.ts';

const optional = Type.Optional;

export type TlsRouteSpec = Static<typeof TlsRouteSpec>;
export const TlsRouteSpec = Type.Object(
  {
    ...routeParentFields,
    hostnames: optional(textList('Server names, as `host` or `*.host`; none: all.')),
    rules: optional(ConnectionRules),
  },
  { description: 'Where TLS connections go by their server name.' },
);
