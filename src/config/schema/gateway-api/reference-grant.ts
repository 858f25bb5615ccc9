/** ReferenceGrant: who of other namespaces may refer to objects of this one. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { text } from '../fields.ts';

const optional = Type.Optional;

export type ReferenceGrantSpec = Static<typeof ReferenceGrantSpec>;
export const ReferenceGrantSpec = Type.Object(
  {
    from: Type.Array(
      Type.Object(
        {
          group: text('API group of what refers.'),
          kind: text('Kind of what refers.'),
          namespace: text('Namespace of what refers.'),
        },
        { description: 'Objects that may refer.' },
      ),
      { description: 'Who may refer to the objects.' },
    ),
    to: Type.Array(
      Type.Object(
        {
          group: text('API group of the objects; empty for Kubernetes’ own.'),
          kind: text('Kind of the objects.'),
          name: optional(text('Name of one object.', { default: 'all of the kind' })),
        },
        { description: 'Objects of this namespace.' },
      ),
      { description: 'What they may refer to.' },
    ),
  },
  { description: 'Allows references from other namespaces to objects of this one.' },
);
