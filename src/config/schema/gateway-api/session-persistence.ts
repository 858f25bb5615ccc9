/** Session persistence of HTTPRoute and GRPCRoute rules: a client stays with its endpoint. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { duration, text } from '../fields.ts';

const optional = Type.Optional;

export type SessionPersistence = Static<typeof SessionPersistence>;
export const SessionPersistence = Type.Object(
  {
    sessionName: optional(text('Name of the cookie or header.', { default: 'sluice-session' })),
    absoluteTimeout: optional(duration('Life of a `Permanent` cookie.')),
    idleTimeout: optional(
      duration('How long a session lasts without requests.', {
        ineffective: 'a session lasts as long as its cookie',
      }),
    ),
    type: optional(
      Type.Enum(['Cookie', 'Header'], {
        description: 'What is hashed: a cookie that the proxy sets, or a header of the client.',
        default: 'Cookie',
      }),
    ),
    cookieConfig: optional(
      Type.Object(
        {
          lifetimeType: optional(
            Type.Enum(['Permanent', 'Session'], {
              description: 'Whether the cookie outlives the browser: Permanent needs a timeout.',
              default: 'Session',
            }),
          ),
        },
        { description: 'The cookie.' },
      ),
    ),
  },
  { description: 'A client stays with its endpoint, by a consistent hash.' },
);
