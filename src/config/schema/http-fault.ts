/** Fault injection of an HTTP route. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { described, duration, integer, text } from './fields.ts';
import { Percent } from './shared.ts';

const optional = Type.Optional;

export type HttpFaultDelay = Static<typeof HttpFaultDelay>;
export const HttpFaultDelay = Type.Object(
  {
    fixedDelay: optional(duration('How long the request waits, at least 1ms.')),
    exponentialDelay: optional(
      duration('Mean of an exponential delay.', { ineffective: 'neither Istio nor Envoy has it' }),
    ),
    percentage: optional(described(Percent, 'Share of the requests; none where absent.')),
    percent: optional(
      integer('Percentage of requests, 0 to 100.', { deprecated: 'percentage', unit: 'percent' }),
    ),
  },
  {
    description: 'Hold requests back before they are sent on.',
    oneof: [['fixedDelay', 'exponentialDelay']],
  },
);

export type HttpFaultAbort = Static<typeof HttpFaultAbort>;
export const HttpFaultAbort = Type.Object(
  {
    httpStatus: optional(integer('Status to answer with, 200 to 599.')),
    grpcStatus: optional(text('gRPC status name to answer with, for example UNAVAILABLE.')),
    http2Error: optional(
      text('HTTP/2 error to reset the stream with.', {
        ineffective: 'neither Istio nor Envoy has it',
      }),
    ),
    percentage: optional(described(Percent, 'Share of the requests; none where absent.')),
  },
  {
    description: 'Answer requests with an error instead of sending them on.',
    oneof: [['httpStatus', 'grpcStatus', 'http2Error']],
  },
);

export type HttpFaultInjection = Static<typeof HttpFaultInjection>;
export const HttpFaultInjection = Type.Object(
  { delay: optional(HttpFaultDelay), abort: optional(HttpFaultAbort) },
  { description: 'Faults made on purpose, to see how callers bear them.' },
);
