/** GET /api/v1/explain: where a request would go, and why not elsewhere. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { clusterFields, PolicyValue } from './explained-cluster.ts';
import { entryFields } from './explained-entry.ts';
import { named, nullable, text, textList } from './fields.ts';
import { RouteState } from './routes.ts';
import { OptionalOrigin } from './shared.ts';

export type MismatchInfo = Static<typeof MismatchInfo>;
export const MismatchInfo = named('Mismatch', 'A condition that does not hold.', {
  part: Type.Enum(['path', 'header', 'query-parameter'], { description: 'Of the request.' }),
  name: text('Of the header or parameter; empty for the path.'),
  expected: text('What the route asks for: `exact "jason"`.'),
  actual: nullable(textList('What the request has; null if it has nothing.')),
});

export type RejectedRouteInfo = Static<typeof RejectedRouteInfo>;
export const RejectedRouteInfo = named('RejectedRoute', 'A route before the one that matches.', {
  route: RouteState,
  mismatches: Type.Array(MismatchInfo, { description: 'Every condition that does not hold.' }),
});

export type ExplainedHeader = Static<typeof ExplainedHeader>;
export const ExplainedHeader = named('ExplainedHeader', 'A header of the request.', {
  name: text('In lower case.'),
  value: text('Of one line.'),
});

export type ExplainedRequest = Static<typeof ExplainedRequest>;
export const ExplainedRequest = named('ExplainedRequest', 'The request as routes see it.', {
  method: text('As it was given.'),
  scheme: text('`http` or `https`.'),
  authority: text('Host, with the port if the URL has one.'),
  path: text('Normalised as the listener does it, with the query.'),
  headers: Type.Array(ExplainedHeader, { description: 'As the client sends them, but the host.' }),
});

export type ExplainedTarget = Static<typeof ExplainedTarget>;
export const ExplainedTarget = named('ExplainedTarget', 'A cluster that it may go to.', {
  ...clusterFields,
  upstreamHeaders: Type.Array(ExplainedHeader, { description: 'What its endpoints are sent.' }),
});

export type ExplainedHash = Static<typeof ExplainedHash>;
export const ExplainedHash = named('ExplainedHash', 'What keeps a client with its endpoint.', {
  policies: textList('What is hashed: `header x-user`.'),
  value: nullable(text('16 hexadecimal digits; null: there is nothing to hash.')),
  cluster: nullable(text('The one that sticky weights give; null: drawn by weight.')),
});

export type ExplainedVirtualHost = Static<typeof ExplainedVirtualHost>;
export const ExplainedVirtualHost = named('ExplainedVirtualHost', 'Where its routes are.', {
  name: text('`host:port`.'),
  domains: textList('All of its domains.'),
  domain: text('The one that decided.'),
  origin: OptionalOrigin,
});

export type LostVirtualHost = Static<typeof LostVirtualHost>;
export const LostVirtualHost = named('LostVirtualHost', 'One with a domain that is less close.', {
  name: text('`host:port`.'),
  domain: text('The closest of its domains.'),
  reason: text('Why it lost, in words.'),
  origin: OptionalOrigin,
});

const ExplainedRefusal = named('ExplainedRefusal', 'Why a route does not serve a request.', {
  status: Type.Integer({ description: 'Of the answer: 403 or 413.' }),
  reason: text('In words.'),
});

export type ExplanationAnswer = Static<typeof ExplanationAnswer>;
export const ExplanationAnswer = named('Explanation', 'Where a request would go, and why.', {
  listener: text('Name of the listener.'),
  filterChain: text('Name of its filter chain.'),
  ...entryFields,
  request: ExplainedRequest,
  routeTable: nullable(text('Name of the route table; null: there is none.')),
  virtualHost: nullable(ExplainedVirtualHost),
  lostVirtualHosts: Type.Array(LostVirtualHost, { description: 'The closest first.' }),
  rejected: Type.Array(RejectedRouteInfo, { description: 'In declared order.' }),
  matched: nullable(RouteState),
  outcome: Type.Enum(
    [
      'forwarded',
      'redirected',
      'answered',
      'redirected-to-https',
      'not-found',
      'cluster-not-found',
      'refused',
      'denied',
      'handshake-failed',
      'no-certificate',
    ],
    {
      description:
        '`not-found` is 404 with the flag NR; `cluster-not-found`: no cluster of the route exists, ' +
        'flag NC; `refused` is 400, before any route; ' +
        '`denied`: the route does not serve such a client or body; ' +
        '`handshake-failed`: TLS does not let the client in; ' +
        '`no-certificate`: the proxy has none to show, and closes the connection.',
    },
  ),
  status: nullable(
    Type.Integer({ description: 'That the proxy itself answers with; null: it is sent on.' }),
  ),
  refusal: nullable(ExplainedRefusal),
  policy: Type.Array(PolicyValue, { description: 'Of the matched route.' }),
  targets: Type.Array(ExplainedTarget, { description: 'Of a request that is forwarded.' }),
  hash: nullable(ExplainedHash),
  upstreamPath: nullable(text('The path that an endpoint is sent; null where none is.')),
  upstreamAuthority: nullable(text('The same for the authority, where one cluster is the target.')),
  location: nullable(text('Where the client is sent; null where it is not.')),
});
