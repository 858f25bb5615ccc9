/** Cross-origin resource sharing of an HTTP route. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { duration, flag, textList } from './fields.ts';
import { StringMatch } from './shared.ts';

const optional = Type.Optional;

export type CorsPolicy = Static<typeof CorsPolicy>;
export const CorsPolicy = Type.Object(
  {
    allowOrigins: optional(
      Type.Array(StringMatch, { description: 'Origins that are allowed; one must match.' }),
    ),
    allowOrigin: optional(
      textList('Origins that are allowed, exactly.', { deprecated: 'allowOrigins' }),
    ),
    allowMethods: optional(textList('Methods for access-control-allow-methods.')),
    allowHeaders: optional(textList('Headers for access-control-allow-headers.')),
    exposeHeaders: optional(textList('Headers for access-control-expose-headers.')),
    maxAge: optional(duration('How long a preflight may be cached, in whole seconds.')),
    allowCredentials: optional(flag('Send access-control-allow-credentials.')),
    unmatchedPreflights: optional(
      Type.Enum(['UNSPECIFIED', 'FORWARD', 'IGNORE'], {
        description: 'What happens to a preflight whose origin is not allowed.',
        default: 'FORWARD',
      }),
    ),
  },
  { description: 'Cross-origin resource sharing, answered by the proxy.' },
);
