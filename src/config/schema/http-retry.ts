/** Retries of an HTTP route; MeshConfig has the same message for the default policy. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { duration, flag, integer, text } from './fields.ts';

const optional = Type.Optional;

export type HttpRetry = Static<typeof HttpRetry>;
export const HttpRetry = Type.Object(
  {
    attempts: optional(integer('Tries after the first one; 0 switches retries off.')),
    perTryTimeout: optional(
      duration('Time for each try, at least 1ms.', { default: 'the timeout of the route' }),
    ),
    retryOn: optional(
      text(
        'Conditions separated by commas, without spaces: Envoy names such as `5xx`, `reset`, ' +
          '`connect-failure`, or status codes.',
        { default: 'connect-failure,refused-stream,unavailable,cancelled' },
      ),
    ),
    retryRemoteLocalities: optional(
      flag('After two tries in a locality retries go to the next one, by priority.', {
        default: false,
      }),
    ),
    retryIgnorePreviousHosts: optional(
      flag('Retries avoid endpoints that were already tried.', { default: true }),
    ),
    backoff: optional(
      duration('Base of the pause between tries, at least 1ms.', { default: '25ms' }),
    ),
  },
  { description: 'When and how often a request is tried again.' },
);
