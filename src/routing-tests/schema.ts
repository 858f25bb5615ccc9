/** Files of routing tests: which requests are tried, and what is expected of each. */

import type { Static, TSchema } from 'typebox';
import { Type } from '../base/schema.ts';
import { Destination } from '../config/schema/destination.ts';
import {
  described,
  duration,
  flag,
  integer,
  text,
  textList,
  textMap,
} from '../config/schema/fields.ts';
import { HttpFaultInjection } from '../config/schema/http-fault.ts';
import { HttpRetry } from '../config/schema/http-retry.ts';
import { Percent } from '../config/schema/shared.ts';
import {
  Delegate,
  Headers,
  HttpDirectResponse,
  HttpMirrorPolicy,
  HttpRedirect,
  HttpRewrite,
  HttpRouteDestination,
} from '../config/schema/virtual-service.ts';

const optional = Type.Optional;

/** One item may stand without its list. */
function oneOrMore<T extends TSchema>(item: T, description: string, byDefault?: string) {
  const options = byDefault === undefined ? {} : { default: byDefault };
  return Type.Union([item, Type.Array(item)], { description, ...options });
}

export type TestRequest = Static<typeof TestRequest>;
export const TestRequest = Type.Object(
  {
    authority: optional(
      oneOrMore(
        Type.String(),
        'Host of the request, with its port where it has one: the Host header. Without it, this is a ' +
          'connection that is passed on unread, as `tls` and `tcp` rules route them.',
      ),
    ),
    sni: optional(
      oneOrMore(
        Type.String(),
        'Server name of TLS.',
        'the host of an https request; a connection without it is no TLS',
      ),
    ),
    destination: optional(
      oneOrMore(
        Type.String(),
        'Address that a connection in the mesh is made to, as `destinationSubnets` sees it.',
        'one that is of no service: the only one of the port, or the first',
      ),
    ),
    method: optional(oneOrMore(Type.String(), 'Methods, in upper case.', 'GET')),
    uri: optional(oneOrMore(Type.String(), 'Paths with their query, as sent.', '/')),
    headers: optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]), {
        description: 'Header name to value; each value of a list makes requests of its own.',
      }),
    ),
    scheme: optional(
      Type.Enum(['http', 'https'], {
        description: 'Scheme of the request.',
        default: 'that of the listener that serves the host; http where there are both',
      }),
    ),
    port: optional(
      oneOrMore(
        Type.Integer({ minimum: 1, maximum: 65535 }),
        'Port of the Gateway server, or of the service in the mesh.',
        'in the mesh that of the authority, or 80; any of a gateway',
      ),
    ),
    gateway: optional(
      oneOrMore(
        Type.String(),
        'Where the request comes in: `mesh` for the sidecar of its sender, or a Gateway as `name` or ' +
          '`namespace/name`.',
        'a Gateway that serves the host, or else the mesh',
      ),
    ),
    sourceLabels: optional(textMap('Labels of the workload that sends it; for the mesh.')),
    sourceNamespace: optional(
      text('Namespace of the workload that sends it; for the mesh.', {
        default: 'that of the proxy',
      }),
    ),
    sourceAddress: optional(
      text('Address of the client, which useSourceIp hashes.', { default: '127.0.0.1' }),
    ),
  },
  {
    description:
      'Requests, or without an authority connections: every combination of the lists is tried.',
  },
);

export type UpstreamExpectation = Static<typeof UpstreamExpectation>;
export const UpstreamExpectation = Type.Object(
  {
    path: optional(text('Path with its query, after rewrites.')),
    authority: optional(text('Host header, after rewrites.')),
    headers: optional(textMap('Header name to value; several lines of a name joined with `,`.')),
    absentHeaders: optional(textList('Names of headers that it does not have.')),
  },
  { description: 'The request as the endpoint gets it.' },
);

const expectations = {
  route: optional(
    Type.Array(HttpRouteDestination, {
      description:
        'Exactly these destinations, in any order. A host may be short; ports count where they are ' +
        'written; weights are shares, and count where any is written.',
    }),
  ),
  redirect: optional(described(HttpRedirect, 'The redirect of the rule; fields left out are any.')),
  directResponse: optional(
    described(HttpDirectResponse, 'The fixed answer; a body left out is any.'),
  ),
  rewrite: optional(described(HttpRewrite, 'The rewrite of the rule; fields left out are any.')),
  fault: optional(
    described(HttpFaultInjection, 'The faults of the rule; `{}` is none, fields left out are any.'),
  ),
  headers: optional(
    described(Headers, 'Changes to headers that the rule makes; it may make others too.'),
  ),
  delegate: optional(described(Delegate, 'The VirtualService that the rule is delegated to.')),
  timeout: optional(duration('Time for the whole response; 0s is no limit.')),
  retries: optional(
    described(HttpRetry, 'The retries; `attempts: 0` is none, fields left out are any.'),
  ),
  mirror: optional(described(Destination, 'The one destination that gets copies.')),
  mirrorPercentage: optional(described(Percent, 'Share of the requests that is copied.')),
  mirrors: optional(
    Type.Array(HttpMirrorPolicy, {
      description: 'Exactly these destinations get copies; an empty list is none.',
    }),
  ),
  routeName: optional(text('Name of the route, as in access logs (%ROUTE_NAME%).')),
  virtualService: optional(
    text('VirtualService that the rule stands in, as `name` or `namespace/name`.'),
  ),
  status: optional(
    integer('Status that the proxy itself answers with: 404 where no route is found.', {
      minimum: 200,
      maximum: 599,
    }),
  ),
  location: optional(text('Where a redirect leads this request: the whole `location` header.')),
  upstream: optional(UpstreamExpectation),
  endpoint: optional(
    text(
      'Endpoint that the hash of the request chooses, as `address:port` or name of its workload.',
    ),
  ),
};

export type TestCase = Static<typeof TestCase>;
export const TestCase = Type.Object(
  {
    description: text('What is tested, in a few words.'),
    wantMatch: optional(
      flag(
        '`false`: the request must not be as expected below; with nothing below, no route may be found.',
        { default: true },
      ),
    ),
    request: TestRequest,
    ...expectations,
  },
  { description: 'Requests, and what is expected of each of them.' },
);

export type RoutingTests = Static<typeof RoutingTests>;
export const RoutingTests = Type.Object(
  { testCases: Type.Array(TestCase, { description: 'Tests, each by itself.' }) },
  { description: 'A document of routing tests.' },
);

/** Fields of a test case that say what is expected. */
export type Expectation = Omit<TestCase, 'description' | 'wantMatch' | 'request'>;
