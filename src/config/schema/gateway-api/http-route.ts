/** HTTPRoute: matches, filters and backends for HTTP. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { duration, integer, text, textList } from '../fields.ts';
import { HttpRouteFilter } from './filters.ts';
import { backendRefFields, routeParentFields } from './references.ts';
import { SessionPersistence } from './session-persistence.ts';

const optional = Type.Optional;

export type HttpPathMatch = Static<typeof HttpPathMatch>;
const HttpPathMatch = Type.Object(
  {
    type: optional(
      Type.Enum(['Exact', 'PathPrefix', 'RegularExpression'], {
        description: 'How the path is compared; a prefix ends at a `/`.',
        default: 'PathPrefix',
      }),
    ),
    value: optional(text('What it is compared with.', { default: '/' })),
  },
  { description: 'A condition on the path.' },
);

/** Of headers and query parameters, of HTTPRoute and GRPCRoute. */
export type NamedMatch = Static<typeof HttpHeaderMatch>;
function namedMatch(what: string) {
  return Type.Object(
    {
      type: optional(
        Type.Enum(['Exact', 'RegularExpression'], {
          description: 'How the value is compared.',
          default: 'Exact',
        }),
      ),
      name: text(`Name of the ${what}.`),
      value: text('What its value is compared with.'),
    },
    { description: `A condition on a ${what}.` },
  );
}
export const HttpHeaderMatch = namedMatch('header');

export type HttpRouteMatch = Static<typeof HttpRouteMatch>;
const HttpRouteMatch = Type.Object(
  {
    path: optional(HttpPathMatch),
    headers: optional(Type.Array(HttpHeaderMatch, { description: 'Conditions on headers.' })),
    queryParams: optional(
      Type.Array(namedMatch('query parameter'), { description: 'Conditions on the query.' }),
    ),
    method: optional(text('Method of the request.')),
  },
  { description: 'Conditions that must hold together.' },
);

export type HttpBackendRef = Static<typeof HttpBackendRef>;
const HttpBackendRef = Type.Object(
  {
    ...backendRefFields,
    filters: optional(
      Type.Array(HttpRouteFilter, { description: 'What is done to requests for this backend.' }),
    ),
  },
  { description: 'A backend.' },
);

export type HttpRouteTimeouts = Static<typeof HttpRouteTimeouts>;
const HttpRouteTimeouts = Type.Object(
  {
    request: optional(duration('For the whole request with its retries; `0s`: none.')),
    backendRequest: optional(duration('For each try; `0s`: none.')),
  },
  { description: 'How long a request may take.' },
);

export type HttpRouteRetry = Static<typeof HttpRouteRetry>;
const HttpRouteRetry = Type.Object(
  {
    codes: optional(
      Type.Array(Type.Integer({ minimum: 400, maximum: 599 }), {
        description: 'Statuses after which is tried again.',
      }),
    ),
    attempts: optional(integer('How often is tried again.', { minimum: 0 })),
    backoff: optional(duration('Least time between two tries.')),
  },
  { description: 'When a request is tried again.' },
);

export type HttpRouteRule = Static<typeof HttpRouteRule>;
const HttpRouteRule = Type.Object(
  {
    name: optional(text('Name of the rule.')),
    matches: optional(
      Type.Array(HttpRouteMatch, {
        description: 'Alternatives, of which one must hold.',
        default: 'every path',
      }),
    ),
    filters: optional(
      Type.Array(HttpRouteFilter, { description: 'What is done to the requests of the rule.' }),
    ),
    backendRefs: optional(
      Type.Array(HttpBackendRef, {
        description: 'Where requests go, by weight; none answers with 500.',
      }),
    ),
    timeouts: optional(HttpRouteTimeouts),
    retry: optional(HttpRouteRetry),
    sessionPersistence: optional(SessionPersistence),
  },
  { description: 'What happens to requests that match.' },
);

export type HttpRouteSpec = Static<typeof HttpRouteSpec>;
export const HttpRouteSpec = Type.Object(
  {
    ...routeParentFields,
    hostnames: optional(textList('Hosts of the requests, as `host` or `*.host`; none: all.')),
    rules: optional(
      Type.Array(HttpRouteRule, { description: 'Rules.', default: 'one for every path' }),
    ),
  },
  { description: 'Rules for HTTP requests, attached to a Gateway or a Service.' },
);
