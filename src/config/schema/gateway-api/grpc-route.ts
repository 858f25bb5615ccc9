/** GRPCRoute: matches, filters and backends for gRPC. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { text, textList } from '../fields.ts';
import { GrpcRouteFilter } from './filters.ts';
import { HttpHeaderMatch } from './http-route.ts';
import { backendRefFields, routeParentFields } from './references.ts';
import { SessionPersistence } from './session-persistence.ts';

const optional = Type.Optional;

export type GrpcMethodMatch = Static<typeof GrpcMethodMatch>;
const GrpcMethodMatch = Type.Object(
  {
    type: optional(
      Type.Enum(['Exact', 'RegularExpression'], {
        description: 'How both are compared.',
        default: 'Exact',
      }),
    ),
    service: optional(text('Name of the service with its package; none: every one.')),
    method: optional(text('Name of the method; none: every one.')),
  },
  { description: 'A condition on service and method.' },
);

export type GrpcRouteMatch = Static<typeof GrpcRouteMatch>;
const GrpcRouteMatch = Type.Object(
  {
    method: optional(GrpcMethodMatch),
    headers: optional(Type.Array(HttpHeaderMatch, { description: 'Conditions on headers.' })),
  },
  { description: 'Conditions that must hold together.' },
);

export type GrpcBackendRef = Static<typeof GrpcBackendRef>;
const GrpcBackendRef = Type.Object(
  {
    ...backendRefFields,
    filters: optional(
      Type.Array(GrpcRouteFilter, { description: 'What is done to calls for this backend.' }),
    ),
  },
  { description: 'A backend.' },
);

export type GrpcRouteRule = Static<typeof GrpcRouteRule>;
const GrpcRouteRule = Type.Object(
  {
    name: optional(text('Name of the rule.')),
    matches: optional(
      Type.Array(GrpcRouteMatch, {
        description: 'Alternatives, of which one must hold.',
        default: 'every call',
      }),
    ),
    filters: optional(
      Type.Array(GrpcRouteFilter, { description: 'What is done to the calls of the rule.' }),
    ),
    backendRefs: optional(
      Type.Array(GrpcBackendRef, {
        description: 'Where calls go, by weight; none answers UNAVAILABLE.',
      }),
    ),
    sessionPersistence: optional(SessionPersistence),
  },
  { description: 'What happens to calls that match.' },
);

export type GrpcRouteSpec = Static<typeof GrpcRouteSpec>;
export const GrpcRouteSpec = Type.Object(
  {
    ...routeParentFields,
    hostnames: optional(textList('Hosts of the calls, as `host` or `*.host`; none: all.')),
    rules: optional(Type.Array(GrpcRouteRule, { description: 'Rules.' })),
  },
  { description: 'Rules for gRPC calls, attached to a Gateway or a Service.' },
);
