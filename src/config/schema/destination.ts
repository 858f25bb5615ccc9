/** Where requests and connections are sent. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { text } from './fields.ts';
import { PortSelector } from './shared.ts';

const optional = Type.Optional;

export type Destination = Static<typeof Destination>;
export const Destination = Type.Object(
  {
    host: text(
      'Service to send to, as in the service registry. A name without a dot is completed with ' +
        'the namespace of this resource.',
    ),
    subset: optional(text('Subset of the service, as a DestinationRule names it.')),
    port: optional(PortSelector),
  },
  { description: 'A service, and optionally one of its subsets and ports.' },
);
