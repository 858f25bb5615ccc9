/** Files of load tests: what is started, what is sent, and what must come of it. */

import type { Static } from 'typebox';
import { Type } from '../base/schema.ts';
import {
  byteSize,
  duration,
  flag,
  integer,
  number,
  text,
  textList,
  textMap,
} from '../config/schema/fields.ts';
import { LoadAssertion } from './assertion-schema.ts';

const optional = Type.Optional;

const port = (description: string, byDefault?: string | number) =>
  integer(description, {
    minimum: 1,
    maximum: 65535,
    ...(byDefault === undefined ? {} : { default: byDefault }),
  });
const percent = (description: string, byDefault: number) =>
  number(description, { minimum: 0, maximum: 100, unit: 'percent', default: byDefault });
const rate = (description: string) => number(description, { minimum: 0, maximum: 1_000_000 });

const LoadTarget = Type.Object(
  {
    config: optional(
      textList(
        'Files and folders that `sluice run` is started with; a relative path counts from the scenario.',
      ),
    ),
    gatewayPort: optional(
      port('With `config`: the port of the Gateway server that is sent the load.', 80),
    ),
    servicePort: optional(
      port('With `config`: the load goes to the mesh listener, as to this port of a service.'),
    ),
    labels: optional(textMap('With `config`: labels of the proxy.')),
    locality: optional(text('With `config`: locality of the proxy, `region/zone/subzone`.')),
    address: optional(text('A proxy that runs already: `HOST:PORT` that is sent the load.')),
    admin: optional(
      text('With `address`: `HOST:PORT` of its admin API, which assertions on ejections ask.'),
    ),
  },
  {
    description: 'The proxy under load.',
    oneof: [
      ['config', 'address'],
      ['gatewayPort', 'servicePort'],
    ],
  },
);

const LatencyNormal = Type.Object(
  { mean: duration('Mean.'), deviation: duration('Standard deviation.') },
  { description: 'Normal distribution, cut off at 0.' },
);
const LatencyLognormal = Type.Object(
  { median: duration('Median.'), p99: duration('99th percentile.') },
  { description: 'Log-normal distribution, the usual form of service times.' },
);

export type LatencySchema = Static<typeof LatencySchema>;
const LatencySchema = Type.Object(
  {
    fixed: optional(duration('Always this long.')),
    normal: optional(LatencyNormal),
    lognormal: optional(LatencyLognormal),
    exponential: optional(duration('Exponential distribution with this mean.')),
    percentiles: optional(
      textMap(
        'Percentile to duration, such as `50: 5ms` and `100: 80ms`; between them it is linear, and it begins at 0.',
      ),
    ),
  },
  {
    description: 'How long an endpoint takes to answer. Default: it answers at once.',
    oneof: [['fixed', 'normal', 'lognormal', 'exponential', 'percentiles']],
  },
);

const ErrorsSchema = Type.Object(
  {
    percent: percent('Share of the requests.', 100),
    status: optional(integer('Status of these.', { minimum: 200, maximum: 599, default: 503 })),
  },
  { description: 'Errors by chance, all the time.' },
);

const FailureSchema = Type.Object(
  {
    at: duration('When it begins, counted from the end of the warm-up.'),
    for: optional(duration('How long it lasts.', { default: 'to the end' })),
    endpoint: optional(
      integer('Which endpoint, counted from 1.', { minimum: 1, maximum: 1000, default: 'all' }),
    ),
    percent: optional(percent('Share of the requests that it hits; not for `down`.', 100)),
    status: optional(integer('It answers with this status.', { minimum: 200, maximum: 599 })),
    latency: optional(LatencySchema),
    action: optional(
      Type.Enum(['hang', 'reset', 'down'], {
        description:
          '`hang` never answers, `reset` resets the connection, `down` closes the port and all connections.',
      }),
    ),
  },
  { description: 'A failure at its time.', oneof: [['status', 'action']] },
);

const UpstreamSchema = Type.Object(
  {
    workload: text(
      'Name of the Deployment, StatefulSet or Pod that it stands in for; reports call it so.',
    ),
    endpoints: optional(integer('How many endpoints.', { minimum: 1, maximum: 1000, default: 1 })),
    port: optional(
      port('Port of the first endpoint; those of the others follow.', 'any that are free'),
    ),
    status: optional(integer('Status.', { minimum: 200, maximum: 599, default: 200 })),
    body: optional(byteSize('Size of the body.', { default: '2' })),
    latency: optional(LatencySchema),
    errors: optional(ErrorsSchema),
    failures: optional(Type.Array(FailureSchema, { description: 'What goes wrong, and when.' })),
  },
  { description: 'A synthetic workload on this machine.' },
);

const PhaseSchema = Type.Object(
  {
    duration: duration('How long; of `steps` each of them.'),
    constant: optional(rate('Requests a second, evenly spaced.')),
    poisson: optional(rate('Requests a second on average, at random times as of many clients.')),
    ramp: optional(
      Type.Object(
        { from: rate('Requests a second at first.'), to: rate('Requests a second at the end.') },
        { description: 'A rate that changes evenly.' },
      ),
    ),
    steps: optional(
      Type.Array(Type.Number({ minimum: 0, maximum: 1_000_000 }), {
        description: 'Requests a second, one rate after the other.',
      }),
    ),
    closed: optional(
      integer('Connections that each send the next request when the last is answered.', {
        minimum: 1,
        maximum: 10_000,
      }),
    ),
  },
  {
    description: 'A time with one form of load.',
    oneof: [['constant', 'poisson', 'ramp', 'steps', 'closed']],
  },
);

const LoadSchema = Type.Object(
  {
    phases: Type.Array(PhaseSchema, { description: 'One after the other.' }),
    warmUp: optional(
      duration('Load before, as at the start of the first phase; not counted.', { default: '0s' }),
    ),
    connections: optional(
      integer('Most connections; further requests wait, and the wait counts.', {
        minimum: 1,
        maximum: 20_000,
        default: 100,
      }),
    ),
    timeout: optional(
      duration('A request without its whole answer by then has failed.', { default: '10s' }),
    ),
  },
  { description: 'When requests are sent.' },
);

const KeysSchema = Type.Object(
  {
    count: integer('How many keys.', { minimum: 1, maximum: 1_000_000 }),
    prefix: optional(text('What they begin with, before their number.', { default: 'key-' })),
    zipf: optional(
      number(
        "Exponent of Zipf's law: the n-th key comes with a chance proportional to 1/n^zipf, so that a few come often. With 0 all have the same chance.",
        { minimum: 0, maximum: 10, default: 0 },
      ),
    ),
  },
  { description: 'What `{{key}}` is drawn from.' },
);

const RequestSchema = Type.Object(
  {
    name: optional(text('Name in reports and assertions.', { default: 'method and path' })),
    weight: optional(number('Share among the requests.', { minimum: 0, default: 1 })),
    method: optional(text('Method, in upper case.', { default: 'GET' })),
    host: optional(text('Host header; may have templates.', { default: 'the address' })),
    path: optional(text('Path with its query; may have templates.', { default: '/' })),
    headers: optional(textMap('Header name to value; values may have templates.')),
    body: optional(text('Body; may have templates.')),
    keys: optional(KeysSchema),
  },
  { description: 'A kind of request.' },
);

const ChangeSchema = Type.Object(
  {
    at: duration('When, counted from the end of the warm-up.'),
    every: optional(duration('Again and again after this time, to the end.')),
    file: text('Name of a file of `config`, without folders.'),
    with: textList('Files whose text it gets, in turns; a relative path counts from the scenario.'),
  },
  {
    description:
      'A change of the configuration under load. The files of `config` stay as they are.',
  },
);

const TlsSchema = Type.Object(
  {
    serverName: optional(text('Server name (SNI).', { default: 'the host of the address' })),
    ca: optional(text('File with authorities to trust; a relative path counts from the scenario.')),
    insecure: optional(flag('Trusts any certificate.', { default: false })),
  },
  { description: 'Load over TLS. Default: plain text.' },
);

const overridable = {
  load: LoadSchema,
  upstreams: optional(Type.Array(UpstreamSchema, { description: 'Workloads that it starts.' })),
  requests: optional(
    Type.Array(RequestSchema, { description: 'What is sent. Default: GET / alone.' }),
  ),
  changes: optional(Type.Array(ChangeSchema, { description: 'Changes of the configuration.' })),
  assertions: optional(Type.Array(LoadAssertion, { description: 'What must come of it.' })),
};

const ShortSchema = Type.Object(
  { ...overridable, load: optional(LoadSchema) },
  { description: 'Fields that `--short` puts in the place of those above, each as a whole.' },
);

export type LoadtestFile = Static<typeof LoadtestFile>;
export const LoadtestFile = Type.Object(
  {
    description: optional(text('What is tested, in a few words.')),
    target: LoadTarget,
    protocol: optional(
      Type.Enum(['http1', 'h2'], {
        description: 'Protocol of the load; h2 is spoken without an upgrade.',
        default: 'http1',
      }),
    ),
    tls: optional(TlsSchema),
    routeHeader: optional(
      text(
        'Header of answers that tells which route they took; the rules set it, best to `%ROUTE_NAME%`. Reports have latencies by route then, and assertions can be about one.',
      ),
    ),
    seed: optional(
      integer('For all that is drawn by chance, also in the proxy that it starts.', {
        minimum: 0,
        maximum: 4294967295,
        default: 'another each time',
      }),
    ),
    ...overridable,
    short: optional(ShortSchema),
  },
  { description: 'A scenario of `sluice loadtest`.' },
);
