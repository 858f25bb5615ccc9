/** Connections to endpoints: limits and times. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { duration, flag, integer, uint32 } from './fields.ts';

const optional = Type.Optional;

const keepaliveOfSystem = 'it is that of the operating system';

export type TcpKeepalive = Static<typeof TcpKeepalive>;
export const TcpKeepalive = Type.Object(
  {
    probes: optional(
      uint32('Unanswered probes before the connection is dead.', {
        ineffective: keepaliveOfSystem,
      }),
    ),
    time: optional(duration('Idle time before probes are sent.')),
    interval: optional(duration('Time between probes.', { ineffective: keepaliveOfSystem })),
  },
  { description: 'TCP keep-alive; defaults of the operating system.' },
);

export type TcpSettings = Static<typeof TcpSettings>;
export const TcpSettings = Type.Object(
  {
    maxConnections: optional(integer('Connections to all endpoints.', { default: 4294967295 })),
    connectTimeout: optional(duration('Time to connect, at least 1ms.', { default: '10s' })),
    tcpKeepalive: optional(TcpKeepalive),
    maxConnectionDuration: optional(
      duration('A connection is closed after this time.', { default: 'no limit' }),
    ),
    idleTimeout: optional(duration('An idle connection is closed after this time.')),
  },
  { description: 'Limits of TCP connections; they hold for HTTP as well.' },
);

export type HttpSettings = Static<typeof HttpSettings>;
export const HttpSettings = Type.Object(
  {
    http1MaxPendingRequests: optional(
      integer('Requests that wait for a connection.', { default: 4294967295 }),
    ),
    http2MaxRequests: optional(
      integer('Requests in flight to all endpoints.', { default: 4294967295 }),
    ),
    maxRequestsPerConnection: optional(
      integer('Requests on one connection before it is closed; 0: no limit.', { default: 0 }),
    ),
    maxRetries: optional(integer('Retries in flight at once.', { default: 4294967295 })),
    idleTimeout: optional(
      duration('An idle connection to an endpoint is closed after this time.', { default: '1h' }),
    ),
    h2UpgradePolicy: optional(
      Type.Enum(['DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE'], {
        description: 'Whether HTTP/1.1 requests are sent on as HTTP/2.',
        default: 'DEFAULT',
      }),
    ),
    useClientProtocol: optional(
      flag('Use the HTTP version of the client towards the endpoint.', { default: false }),
    ),
    maxConcurrentStreams: optional(
      integer('HTTP/2 streams on one connection.', { default: 2147483647 }),
    ),
    http2KeepAlive: optional(
      Type.Object(
        {
          interval: optional(duration('Time between HTTP/2 PING frames.', { default: 'no PING' })),
          timeout: optional(
            duration('A connection without an answer to PING for so long is closed.', {
              default: '20s',
            }),
          ),
        },
        { description: 'HTTP/2 keep-alive.' },
      ),
    ),
  },
  { description: 'Limits of HTTP requests.' },
);

export type ConnectionPoolSettings = Static<typeof ConnectionPoolSettings>;
export const ConnectionPoolSettings = Type.Object(
  { tcp: optional(TcpSettings), http: optional(HttpSettings) },
  { description: 'Limits and times of connections; over a limit the answer is 503.' },
);
