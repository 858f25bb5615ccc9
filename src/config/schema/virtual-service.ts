/** VirtualService: which requests go where. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { TcpRoute, TlsRoute } from './connection-route.ts';
import { CorsPolicy } from './cors-policy.ts';
import { Destination } from './destination.ts';
import {
  described,
  duration,
  flag,
  integer,
  pattern,
  text,
  textList,
  textMap,
  uint32,
} from './fields.ts';
import { HttpFaultInjection } from './http-fault.ts';
import { HttpRetry } from './http-retry.ts';
import type { RouteExtension } from './route-extension.ts';
import { Percent, StringMatch } from './shared.ts';

const optional = Type.Optional;

export type HeaderOperations = Static<typeof HeaderOperations>;
export const HeaderOperations = Type.Object(
  {
    set: optional(textMap('Header name to value; replaces the header where it exists.')),
    add: optional(textMap('Header name to value; added beside lines that exist.')),
    remove: optional(textList('Header names to remove.')),
  },
  { description: 'Changes to the headers of a request or a response.' },
);

export type Headers = Static<typeof Headers>;
export const Headers = Type.Object(
  {
    request: optional(described(HeaderOperations, 'Changes before the request is sent on.')),
    response: optional(described(HeaderOperations, 'Changes before the response is returned.')),
  },
  {
    description:
      'Changes to headers before the request is sent on and before the response is returned.',
  },
);

export type HttpMatchRequest = Static<typeof HttpMatchRequest>;
export const HttpMatchRequest = Type.Object(
  {
    name: optional(text('Name of this match, added to the route name in access logs.')),
    uri: optional(described(StringMatch, 'The path, without the query.')),
    scheme: optional(described(StringMatch, 'The scheme, `http` or `https`.')),
    method: optional(described(StringMatch, 'The method, in upper case.')),
    authority: optional(described(StringMatch, 'The Host header.')),
    headers: optional(
      Type.Record(Type.String(), StringMatch, {
        description:
          'Header name (lower case) to match; all must hold. An empty match asks only that ' +
          'the header is present.',
      }),
    ),
    withoutHeaders: optional(
      Type.Record(Type.String(), StringMatch, {
        description: 'Like `headers`, but none of these may hold.',
      }),
    ),
    queryParams: optional(
      Type.Record(Type.String(), StringMatch, {
        description: 'Query parameter name to match of its value; all must hold.',
      }),
    ),
    ignoreUriCase: optional(
      flag('Compare `uri` exact and prefix without regard to case.', { default: false }),
    ),
    port: optional(uint32('Only on this port of the listener (service or gateway port).')),
    sourceLabels: optional(
      textMap('Only for clients whose workload has these labels. Ignored where `gateways` is set.'),
    ),
    sourceNamespace: optional(text('Only for clients in this namespace.')),
    gateways: optional(
      textList('Only on these gateways (`mesh` for sidecars), a subset of those of the resource.'),
    ),
    statPrefix: optional(
      text('Prefix for route statistics.', { ineffective: 'route statistics are not emitted' }),
    ),
  },
  { description: 'Conditions on a request, all of which must hold.' },
);

export type HttpRouteDestination = Static<typeof HttpRouteDestination>;
export const HttpRouteDestination = Type.Object(
  {
    destination: Destination,
    weight: optional(
      integer('Share of the requests relative to the other destinations of this route.', {
        default: 0,
      }),
    ),
    headers: optional(Headers),
  },
  { description: 'A destination and its share of the requests.' },
);

export type HttpRedirect = Static<typeof HttpRedirect>;
export const HttpRedirect = Type.Object(
  {
    uri: optional(text('New path, in place of the whole path. The query is kept.')),
    authority: optional(text('New host.')),
    scheme: optional(text('New scheme, `http` or `https`.')),
    port: optional(uint32('New port.', { maximum: 65535 })),
    derivePort: optional(
      Type.Enum(['FROM_PROTOCOL_DEFAULT', 'FROM_REQUEST_PORT'], {
        description: 'Take the port from the scheme (80, 443) or from the listener.',
        default: 'FROM_PROTOCOL_DEFAULT',
      }),
    ),
    redirectCode: optional(
      uint32('Status of the redirect: 301, 302, 303, 307 or 308.', { default: 301 }),
    ),
    prefixRewrite: optional(text('New prefix, in place of the prefix that `uri.prefix` matched.')),
  },
  {
    description: 'Answer with a redirect.',
    oneof: [['port', 'derivePort']],
  },
);

export type HttpDirectResponse = Static<typeof HttpDirectResponse>;
export const HttpDirectResponse = Type.Object(
  {
    status: uint32('Status of the response.'),
    body: optional(
      Type.Object(
        {
          string: optional(text('Body as text.')),
          bytes: optional(text('Body as base64.')),
        },
        { description: 'Body, at most 1 MiB.', oneof: [['string', 'bytes']] },
      ),
    ),
  },
  { description: 'Answer with a fixed response.' },
);

export type HttpRewrite = Static<typeof HttpRewrite>;
export const HttpRewrite = Type.Object(
  {
    uri: optional(
      text('New path (after an exact or regex match) or new prefix (after a prefix match).'),
    ),
    authority: optional(text('New Host header.')),
    uriRegexRewrite: optional(
      Type.Object(
        {
          match: optional(pattern('RE2 pattern; the parts of the path that match are replaced.')),
          rewrite: optional(text('Replacement; `\\1` is the first group of the pattern.')),
        },
        { description: 'Rewrite of the path by a regular expression.' },
      ),
    ),
  },
  { description: 'Changes to the path and host of the request before it is sent on.' },
);

export type HttpMirrorPolicy = Static<typeof HttpMirrorPolicy>;
export const HttpMirrorPolicy = Type.Object(
  {
    destination: Destination,
    percentage: optional(described(Percent, 'Share of the requests to copy; all where absent.')),
  },
  { description: 'A further receiver of copies.' },
);

export type Delegate = Static<typeof Delegate>;
export const Delegate = Type.Object(
  {
    name: optional(text('Name of the VirtualService to include.')),
    namespace: optional(
      text('Its namespace.', { default: 'the namespace of this VirtualService' }),
    ),
  },
  { description: 'Take the routes of another VirtualService, which has no hosts of its own.' },
);

export type HttpRoute = Static<typeof HttpRoute> & { readonly extension?: RouteExtension };
export const HttpRoute = Type.Object(
  {
    name: optional(text('Name of the route, seen in access logs as %ROUTE_NAME%.')),
    match: optional(
      Type.Array(HttpMatchRequest, {
        description: 'One of these must hold; absent means every request.',
      }),
    ),
    route: optional(
      Type.Array(HttpRouteDestination, { description: 'Where the request goes, by weight.' }),
    ),
    redirect: optional(HttpRedirect),
    directResponse: optional(HttpDirectResponse),
    delegate: optional(Delegate),
    rewrite: optional(HttpRewrite),
    timeout: optional(
      duration('Time for the whole response, retries included.', { default: 'no timeout' }),
    ),
    retries: optional(HttpRetry),
    fault: optional(HttpFaultInjection),
    mirror: optional(
      described(Destination, 'Send a copy of each request there and ignore the answer.'),
    ),
    mirrorPercentage: optional(
      described(Percent, 'Share of the requests to copy; all where absent.'),
    ),
    mirrorPercent: optional(
      uint32('Percentage of requests to mirror, 0 to 100.', {
        deprecated: 'mirrorPercentage',
        unit: 'percent',
      }),
    ),
    mirrors: optional(
      Type.Array(HttpMirrorPolicy, { description: 'Several receivers of copies.' }),
    ),
    corsPolicy: optional(CorsPolicy),
    headers: optional(Headers),
    websocketUpgrade: optional(
      flag('A field of old files.', { ineffective: 'upgrades are always allowed' }),
    ),
  },
  {
    description:
      'One rule: which requests, and what happens to them. The first that matches decides.',
  },
);

export type VirtualServiceSpec = Omit<Static<typeof VirtualServiceSpec>, 'http'> & {
  http?: HttpRoute[];
};
export const VirtualServiceSpec = Type.Object(
  {
    hosts: optional(
      textList(
        'Host names the rules apply to: full names, short service names, or wildcards such as ' +
          '`*.example.com`. Only a delegate has none.',
      ),
    ),
    gateways: optional(
      textList(
        'Gateways the rules apply to, as `name` or `namespace/name`; `mesh` for all sidecars.',
        { default: 'mesh' },
      ),
    ),
    http: optional(Type.Array(HttpRoute, { description: 'Rules for HTTP, in order.' })),
    tls: optional(Type.Array(TlsRoute, { description: 'Rules for TLS that is passed on unread.' })),
    tcp: optional(Type.Array(TcpRoute, { description: 'Rules for other connections, in order.' })),
    exportTo: optional(
      textList('Namespaces that see this resource: `.` its own, `*` all.', { default: '*' }),
    ),
  },
  { description: 'Which requests go where.' },
);
