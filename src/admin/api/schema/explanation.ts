/** GET /api/v1/explain: where a request would go, and why not elsewhere. */

import { type Static, Type } from 'typebox';
import { EndpointState } from './clusters.ts';
import { amount, flag, named, nullable, text, textList } from './fields.ts';
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

export type ExplainedRequest = Static<typeof ExplainedRequest>;
export const ExplainedRequest = named('ExplainedRequest', 'The request as routes see it.', {
  method: text('As it was given.'),
  scheme: text('`http` or `https`.'),
  authority: text('Host, with the port if the URL has one.'),
  path: text('Normalised as the listener does it, with the query.'),
});

export type ExplainedTarget = Static<typeof ExplainedTarget>;
export const ExplainedTarget = named('ExplainedTarget', 'A cluster that it may go to.', {
  cluster: text('Its name.'),
  percent: amount('Share of the requests that it gets.'),
  exists: flag('false: such requests are answered with the flag NC.'),
  endpoints: Type.Array(EndpointState),
});

export type ExplainedVirtualHost = Static<typeof ExplainedVirtualHost>;
export const ExplainedVirtualHost = named('ExplainedVirtualHost', 'Where its routes are.', {
  name: text('`host:port`.'),
  domains: textList('All of its domains.'),
  origin: OptionalOrigin,
});

export type Explanation = Static<typeof Explanation>;
export const Explanation = named('Explanation', 'Where a request would go, and why.', {
  listener: text('Name of the listener.'),
  filterChain: text('Name of its filter chain.'),
  request: ExplainedRequest,
  routeTable: nullable(text('Name of the route table; null: there is none.')),
  virtualHost: nullable(ExplainedVirtualHost),
  rejected: Type.Array(RejectedRouteInfo, { description: 'In declared order.' }),
  matched: nullable(RouteState),
  outcome: Type.Enum(
    ['forwarded', 'redirected', 'answered', 'redirected-to-https', 'not-found', 'refused'],
    { description: '`not-found` is 404 with the flag NR; `refused` is 400, before any route.' },
  ),
  targets: Type.Array(ExplainedTarget, { description: 'Of a request that is forwarded.' }),
  upstreamPath: nullable(text('The path that an endpoint is sent; null where none is.')),
  upstreamAuthority: nullable(text('The same for the authority, where one cluster is the target.')),
});
