/** Rules of TLSRoute and TCPRoute, which have nothing to match by. */

import { Type } from '../../../base/schema.ts';
import { text } from '../fields.ts';
import { BackendRef } from './references.ts';

const optional = Type.Optional;

const ConnectionRule = Type.Object(
  {
    name: optional(text('Name of the rule.')),
    backendRefs: optional(
      Type.Array(BackendRef, { description: 'Where connections go, by weight.' }),
    ),
  },
  { description: 'Where connections go.' },
);

export const ConnectionRules = Type.Array(ConnectionRule, {
  description: 'Rules, of which there may be one.',
});
