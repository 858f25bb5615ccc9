/** What a load test asserts, as it is written. */

import type { Static } from 'typebox';
import { Type } from '../base/schema.ts';
import { duration, integer, number, text, textMap } from '../config/schema/fields.ts';

const optional = Type.Optional;

const percent = (description: string, byDefault?: number) =>
  number(description, {
    minimum: 0,
    maximum: 100,
    unit: 'percent',
    ...(byDefault === undefined ? {} : { default: byDefault }),
  });

const by = Type.Enum(['endpoint', 'workload'], {
  description: 'What counts as the same place.',
  default: 'endpoint',
});

const During = Type.Object(
  {
    from: optional(duration('Begin, counted from the end of the warm-up.', { default: '0s' })),
    until: optional(duration('End.', { default: 'the end of the load' })),
  },
  { description: 'Requests of this time alone, by when they were due. Default: all.' },
);

const Shares = Type.Object(
  {
    of: Type.Record(Type.String(), Type.Number({ minimum: 0, maximum: 100 }), {
      description: 'Workload to its percentage of the answers.',
    }),
    per: optional(
      Type.Enum(['request', 'key'], {
        description: 'What is counted: requests, or keys by where their last request went.',
        default: 'request',
      }),
    ),
  },
  { description: 'Who answers how much.' },
);

const Status = Type.Object(
  {
    code: integer('Status, for example of an injected fault.', { minimum: 200, maximum: 599 }),
    percent: percent('Share of the requests.'),
  },
  { description: 'Share of the answers with one status.' },
);

const Delayed = Type.Object(
  {
    longerThan: duration('Latency that counts as delayed.'),
    percent: percent('Share of the requests.'),
  },
  { description: 'Share of the requests that take long, for example by an injected delay.' },
);

const Mirror = Type.Object(
  {
    workload: text('Workload that gets the copies.'),
    percent: percent('Share of the requests that is copied.'),
  },
  { description: 'Share of the requests that is mirrored.' },
);

const Stickiness = Type.Object(
  { by: optional(by), atLeast: optional(percent('Share of the keys.', 100)) },
  { description: 'Keys all of whose requests go to one place.' },
);

const KeysMoved = Type.Object(
  {
    at: duration('When something changes.'),
    settle: optional(
      duration('Requests within this time after it do not count.', { default: '500ms' }),
    ),
    by: optional(by),
    atLeast: optional(percent('Fewest of the keys.', 0)),
    atMost: percent('Most of the keys.'),
  },
  { description: 'Keys that go somewhere else after a change than before.' },
);

const Retries = Type.Object(
  {
    atLeast: optional(number('Fewest retries for each request.', { minimum: 0, default: 0 })),
    atMost: number('Most retries for each request.', { minimum: 0 }),
    window: optional(
      duration('Must hold in each part of this length, as a retry budget does.', {
        default: 'all of it at once',
      }),
    ),
  },
  {
    description:
      'Retries that reach an endpoint, for each request that was sent: those whose x-envoy-attempt-count is above 1.',
  },
);

const Ejection = Type.Object(
  {
    workload: text('Workload of the endpoint.'),
    endpoint: integer('Which endpoint, counted from 1.', { minimum: 1, maximum: 1000 }),
    after: duration('When the reason begins, counted from the end of the warm-up.'),
    within: duration('It is ejected at most this long after.'),
    returnsWithin: optional(duration('It is back at most this long after it was ejected.')),
  },
  { description: 'Outlier detection ejects an endpoint, and it returns. Needs the admin API.' },
);

const Concurrency = Type.Object(
  {
    workload: text('Workload.'),
    atLeast: optional(integer('Fewest at the fullest moment.', { minimum: 0, default: 0 })),
    atMost: integer('Most at the fullest moment.', { minimum: 0 }),
  },
  { description: 'Requests that all endpoints of a workload have at the same time.' },
);

const Recovery = Type.Object(
  {
    after: duration('When the failure begins, counted from the end of the warm-up.'),
    within: duration('From so long after it, errors stay below the limit.'),
    errors: optional(percent('Most errors in each 100 ms from then on.', 0)),
  },
  { description: 'Time until the failure no longer shows.' },
);

const Counter = Type.Object(
  {
    name: text(
      'Name or its end, such as `upstream_rq_retry_overflow`, the retries that a budget or a circuit breaker refused; of all clusters together.',
    ),
    atLeast: optional(integer('Least growth.', { minimum: 0, default: 0 })),
    atMost: optional(integer('Most growth.', { minimum: 0, default: 'no limit' })),
  },
  {
    description:
      'By how much a counter of the proxy grows, as `/stats` of its admin API tells. Needs the admin API.',
  },
);

/** Kinds of assertion; each assertion is one of them. */
const kinds = {
  shares: optional(Shares),
  status: optional(Status),
  delayed: optional(Delayed),
  mirror: optional(Mirror),
  stickiness: optional(Stickiness),
  keysMoved: optional(KeysMoved),
  retries: optional(Retries),
  ejection: optional(Ejection),
  concurrency: optional(Concurrency),
  counter: optional(Counter),
  recovery: optional(Recovery),
  errors: optional(
    Type.Object(
      { atLeast: optional(percent('Fewest.', 0)), atMost: percent('Most.') },
      { description: 'Share of the requests without an answer or with a status of 500 and above.' },
    ),
  ),
  latency: optional(
    textMap(
      'Percentile to the most it may be, such as `p50: 20ms`, `p99.9: 300ms` and `max: 1s`; of the answers, from when they were due.',
    ),
  ),
};

export const assertionKinds = Object.keys(kinds) as readonly (keyof typeof kinds)[];

export type LoadAssertion = Static<typeof LoadAssertion>;
export const LoadAssertion = Type.Object(
  {
    name: optional(text('Name in reports.', { default: 'what it asserts' })),
    request: optional(text('Requests of this name alone.', { default: 'all' })),
    route: optional(
      text('Answers of this route alone, as `routeHeader` names it.', { default: 'all' }),
    ),
    during: optional(During),
    confidence: optional(
      number('Confidence of the interval around a share that chance decides.', {
        minimum: 50,
        maximum: 99.9999,
        unit: 'percent',
        default: 99.9,
      }),
    ),
    ...kinds,
  },
  { description: 'One thing that must hold.', oneof: [Object.keys(kinds)] },
);
