/**
 * Active health checks in Envoy's words: the value of the annotation `sluice.dev/health-check`, and
 * items of a Bootstrap's `healthChecks`. Where Envoy has no default, those of a Kubernetes
 * readinessProbe hold.
 */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { duration, flag, number, text, textList, textMap, uint32 } from './fields.ts';

const optional = Type.Optional;

const StatusRange = Type.Object(
  {
    start: uint32('First status, from 100.'),
    end: uint32('The status behind the last one, up to 600.'),
  },
  { description: 'Statuses from `start` to below `end`.' },
);

export type HttpHealthCheckSpec = Static<typeof HttpHealthCheckSpec>;
const HttpHealthCheckSpec = Type.Object(
  {
    path: text('Path of the request, with its query.'),
    host: optional(text('Host of the request.', { default: 'host of the service' })),
    method: optional(
      Type.Enum(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'], {
        description: 'Method of the request.',
        default: 'GET',
      }),
    ),
    expectedStatuses: optional(
      Type.Array(StatusRange, {
        description: 'Statuses of a healthy endpoint; 200 where there are none.',
      }),
    ),
    retriableStatuses: optional(
      Type.Array(StatusRange, {
        description:
          'Statuses that count towards `unhealthyThreshold`; any other unexpected one fails the ' +
          'endpoint at once.',
      }),
    ),
    headers: optional(textMap('Further headers of the request.')),
    codecClientType: optional(
      Type.Enum(['HTTP1', 'HTTP2'], {
        description: 'What is spoken with the endpoint; HTTP/2 in clear text.',
        default: 'what requests to the cluster speak',
      }),
    ),
  },
  { description: 'A request, decided by the status of its answer.' },
);

const Payload = Type.Object(
  { text: text('Bytes in hexadecimal, `50494e47`.') },
  { description: 'Bytes.' },
);

export type TcpHealthCheckSpec = Static<typeof TcpHealthCheckSpec>;
const TcpHealthCheckSpec = Type.Object(
  {
    send: optional(Payload),
    receive: optional(
      Type.Array(Payload, {
        description: 'What the answer must hold, in this order; without any, to connect is enough.',
      }),
    ),
  },
  { description: 'A connection, and an answer if one is expected.' },
);

const fields = {
  timeout: optional(duration('Time for one check.', { default: '1s' })),
  interval: optional(duration('Time between two checks.', { default: '10s' })),
  unhealthyThreshold: optional(
    uint32('Checks in a row without an answer after which an endpoint is unhealthy.', {
      default: 3,
      minimum: 1,
    }),
  ),
  healthyThreshold: optional(
    uint32('Checks in a row that must succeed before an endpoint is healthy again.', {
      default: 1,
      minimum: 1,
    }),
  ),
  initialJitter: optional(
    duration('The first check waits for a random time up to this.', { default: '0s' }),
  ),
  intervalJitter: optional(
    duration('A random time up to this is added to each interval.', { default: '0s' }),
  ),
  intervalJitterPercent: optional(
    number('The same as a share of the interval.', {
      default: 10,
      unit: 'percent',
      minimum: 0,
      maximum: 100,
    }),
  ),
  noTrafficInterval: optional(
    duration('Interval while the cluster has never had a request.', { default: '60s' }),
  ),
  noTrafficHealthyInterval: optional(
    duration('The same for endpoints that are healthy.', { default: 'noTrafficInterval' }),
  ),
  unhealthyInterval: optional(
    duration('Interval for an unhealthy endpoint.', { default: 'interval' }),
  ),
  unhealthyEdgeInterval: optional(
    duration('Interval after a failure that does not turn the endpoint yet.', {
      default: 'unhealthyInterval',
    }),
  ),
  healthyEdgeInterval: optional(
    duration('Interval after a success that does not turn the endpoint yet.', {
      default: 'interval',
    }),
  ),
  reuseConnection: optional(
    flag('Check over a connection that is kept.', {
      ineffective: 'every check makes a connection of its own',
    }),
  ),
  httpHealthCheck: optional(HttpHealthCheckSpec),
  tcpHealthCheck: optional(TcpHealthCheckSpec),
  grpcHealthCheck: optional(
    Type.Object(
      {},
      {
        description: 'A gRPC call.',
        unknown: 'ignore',
        ineffective: 'gRPC health checks are not made yet, the endpoints count as healthy',
      },
    ),
  ),
  tlsOptions: optional(
    Type.Object(
      {},
      {
        description: 'TLS of the check.',
        unknown: 'ignore',
        ineffective: 'health checks use TLS as requests to the endpoints do',
      },
    ),
  ),
};

const oneof = [['httpHealthCheck', 'tcpHealthCheck', 'grpcHealthCheck']];

export type HealthCheckSpec = Static<typeof HealthCheckSpec>;
export const HealthCheckSpec = Type.Object(fields, {
  description: 'How endpoints are asked whether they are well.',
  oneof,
});

/** An item of a Bootstrap's `healthChecks`. */
export type HostHealthCheckSpec = Static<typeof HostHealthCheckSpec>;
export const HostHealthCheckSpec = Type.Object(
  {
    hosts: optional(
      textList('Hosts of services: full names, or `*.example.com`; without any, all.'),
    ),
    ...fields,
  },
  { description: 'Health checks of the services with these hosts.', oneof },
);
