/** Tags of spans, as Telemetry and MeshConfig write them. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { text } from './fields.ts';

const optional = Type.Optional;

export type CustomTag = Static<typeof CustomTag>;
export const CustomTag = Type.Object(
  {
    literal: optional(
      Type.Object({ value: text('The value.') }, { description: 'Always the same value.' }),
    ),
    environment: optional(
      Type.Object(
        {
          name: text('Name of the variable.'),
          defaultValue: optional(
            text('Value where the variable is not set.', { default: 'the tag is left out' }),
          ),
        },
        { description: 'An environment variable of the proxy.' },
      ),
    ),
    header: optional(
      Type.Object(
        {
          name: text('Name of the header.'),
          defaultValue: optional(
            text('Value where the request has none.', { default: 'the tag is left out' }),
          ),
        },
        { description: 'A header of the request.' },
      ),
    ),
    formatter: optional(
      Type.Object(
        { value: text('Format with the operators of the access log, as `%RESPONSE_FLAGS%`.') },
        { description: 'What is known of the request.' },
      ),
    ),
  },
  {
    description: 'Where the value of a tag comes from.',
    oneof: [['literal', 'environment', 'header', 'formatter']],
  },
);
