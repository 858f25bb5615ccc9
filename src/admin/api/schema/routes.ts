/** GET /api/v1/routes: route tables, their virtual hosts and routes. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { amount, count, flag, named, nullable, text, textList } from './fields.ts';
import { OptionalOrigin } from './shared.ts';

export type RouteTarget = Static<typeof RouteTarget>;
export const RouteTarget = named('RouteTarget', 'A cluster that requests may go to.', {
  cluster: text('Its name.'),
  weight: amount('Relative to the sum of the weights.'),
});

export type RouteFault = Static<typeof RouteFault>;
export const RouteFault = named('RouteFault', 'What is injected on purpose.', {
  delayMs: nullable(amount('Delay in milliseconds; null: none.')),
  delayPercent: amount('Percentage of requests that are delayed.'),
  abortStatus: nullable(count('Status of HTTP of the answer; null: none.')),
  abortGrpcStatus: nullable(count('Status of gRPC of the answer; null: none.')),
  abortPercent: amount('Percentage of requests that are aborted.'),
});

export type RouteRetries = Static<typeof RouteRetries>;
export const RouteRetries = named('RouteRetries', 'When and how often a request is tried again.', {
  retries: count('Attempts after the first.'),
  retryOn: textList('Conditions in the words of Envoy.'),
  perTryTimeoutMs: amount('0 is no limit.'),
});

export type RouteState = Static<typeof RouteState>;
export const RouteState = named('RouteState', 'One route.', {
  name: text('Empty if it has none.'),
  position: count('Among the routes of its virtual host, from 0: the first that matches wins.'),
  match: textList(
    'What it asks for, all of it: `path prefix "/"`, `header end-user exact "jason"`.',
  ),
  action: Type.Enum(['forward', 'redirect', 'direct-response'], { description: 'What it does.' }),
  clusters: Type.Array(RouteTarget, { description: 'Where it forwards to.' }),
  status: nullable(count('Of a redirect or direct response.')),
  rewrite: nullable(text('What the path or authority is rewritten to, in words.')),
  timeoutMs: amount('For the request with its retries; 0 is no limit.'),
  retries: nullable(RouteRetries),
  fault: nullable(RouteFault),
  mirrors: textList('Clusters that get a copy.'),
  cors: flag('Has a CORS policy.'),
  toxics: count('Toxics that may hit a request.'),
  origin: OptionalOrigin,
});

export type VirtualHostState = Static<typeof VirtualHostState>;
export const VirtualHostState = named('VirtualHostState', 'Names that share routes.', {
  name: text('`host:port`.'),
  domains: textList('Exact names, `*.suffix`, or `*`.'),
  requireTls: flag('Plain-text requests are redirected to https.'),
  routes: Type.Array(RouteState, { description: 'The first that matches wins.' }),
  origin: OptionalOrigin,
});

export type RouteTableState = Static<typeof RouteTableState>;
export const RouteTableState = named('RouteTableState', 'Virtual hosts of a listener or port.', {
  name: text('`80`, `http.80`, `inbound|8080||`.'),
  virtualHosts: Type.Array(VirtualHostState),
});

export type RouteTableList = Static<typeof RouteTableList>;
export const RouteTableList = named('RouteTableList', 'Every route table.', {
  routeTables: Type.Array(RouteTableState),
});
