/**
 * One exchange, or one TCP connection, as people and programs look at it: what the access log
 * knows, with names. Schema and type are one; only who needs the schema loads it.
 */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';

const closed = { additionalProperties: false } as const;

const text = (description: string) => Type.String({ description });
const count = (description: string) => Type.Integer({ minimum: 0, description });
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
const milliseconds = (description: string) => Type.Number({ minimum: 0, description });

export type RequestParty = Static<typeof RequestParty>;
const RequestParty = Type.Object(
  {
    workload: text('Name of the workload; empty where it is not known.'),
    namespace: text('Namespace of the workload; empty where it is not known.'),
    app: text('Label `app`; empty without.'),
    version: text('Label `version`; empty without.'),
    service: text('Canonical name of the service that the workload belongs to; empty without.'),
  },
  { ...closed, title: 'RequestParty', description: 'One of the two workloads of an exchange.' },
);

export type FailedAttempt = Static<typeof FailedAttempt>;
const FailedAttempt = Type.Object(
  {
    endpoint: nullable(text('`address:port`; null where none was chosen.')),
    outcome: text('Why another attempt was made: a status, or what went wrong.'),
  },
  { ...closed, title: 'FailedAttempt', description: 'An attempt that another one followed.' },
);

export type RequestTimings = Static<typeof RequestTimings>;
const RequestTimings = Type.Object(
  {
    requestMs: nullable(
      milliseconds('From the first byte of the request to its last; null if that never came.'),
    ),
    upstreamMs: nullable(
      milliseconds('From sending to the endpoint to its response head; null without one.'),
    ),
    responseMs: nullable(
      milliseconds('From the response head of the endpoint to the end; null without one.'),
    ),
  },
  { ...closed, title: 'RequestTimings', description: 'Where the time went, in milliseconds.' },
);

export type RequestRecord = Static<typeof RequestRecord>;
export const RequestRecord = Type.Object(
  {
    id: Type.Integer({ minimum: 1, description: 'Counts up since the start of the process.' }),
    startedAt: Type.Integer({ description: 'First byte, milliseconds since the epoch.' }),
    durationMs: milliseconds('From the first byte of the request to the last of the response.'),
    listener: text('Name of the listener that accepted it.'),
    direction: Type.Enum(['outbound', 'inbound', 'gateway'], {
      description: 'Direction of the listener.',
    }),
    protocol: Type.Enum(['HTTP/1.0', 'HTTP/1.1', 'HTTP/2', 'TCP'], {
      description: 'What the client spoke; `TCP` for a connection that is passed on as it is.',
    }),
    tls: nullable(text('Version of TLS with the client; null where TLS does not end here.')),
    client: text('`address:port` of the client; port 0 where x-forwarded-for names it.'),
    method: text('Empty for a TCP connection.'),
    authority: text(
      'As the endpoint was sent it; for TCP the server name of TLS, if there is one.',
    ),
    path: text('As the endpoint was sent it, with the query; at most 2048 characters.'),
    originalPath: nullable(text('As the client sent it; null where it was not rewritten.')),
    status: count('0 where there was no response, and for a TCP connection.'),
    grpcStatus: nullable(
      Type.Integer({ description: 'Status of gRPC; null where it is not gRPC.' }),
    ),
    flags: Type.Array(Type.String(), { description: 'Response flags, in short: `UF`, `NR`.' }),
    details: text('Response code details: `via_upstream`, `route_not_found`.'),
    route: text('Name of the route; empty where it has none or there is none.'),
    virtualHost: text('Name of the virtual host; empty without.'),
    cluster: text('The cluster that the route chose; empty without.'),
    endpoint: nullable(text('`address:port` of the last attempt; null where none was chosen.')),
    attempts: count('Attempts that were made.'),
    failedAttempts: Type.Array(FailedAttempt, {
      description: 'The attempts before the last one, in order.',
    }),
    bytesReceived: count('Of the body of the request, or from the client of a TCP connection.'),
    bytesSent: count('Of the body of the response, or to the client of a TCP connection.'),
    timings: RequestTimings,
    source: nullable(RequestParty),
    destination: nullable(RequestParty),
    traceId: nullable(text('Of the trace that it belongs to; null without.')),
    requestId: nullable(text('x-request-id; null without.')),
  },
  { ...closed, title: 'RequestRecord', description: 'One exchange, or one TCP connection.' },
);
