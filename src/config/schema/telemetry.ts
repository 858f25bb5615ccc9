/** Telemetry: what is traced, counted and logged of requests, and who is told. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { CustomTag } from './custom-tag.ts';
import { duration, flag, number, text } from './fields.ts';
import { LabelSelector, PolicyTargetReference } from './shared.ts';

const optional = Type.Optional;

const mode = (what: string) =>
  Type.Enum(['CLIENT_AND_SERVER', 'CLIENT', 'SERVER'], {
    description: `Which ${what}: CLIENT is outbound and at gateways, SERVER inbound.`,
    default: 'CLIENT_AND_SERVER',
  });

const modeMatch = (what: string) =>
  optional(Type.Object({ mode: optional(mode(what)) }, { description: `Which ${what}.` }));

const ProviderRef = Type.Object(
  { name: text('`name` in `meshConfig.extensionProviders`.') },
  { description: 'A provider.' },
);

const providers = (inherited: string) =>
  optional(
    Type.Array(ProviderRef, {
      description: 'Who is told.',
      default: `those of the namespace, of the root namespace, or ${inherited}`,
    }),
  );

export type Tracing = Static<typeof Tracing>;
export const Tracing = Type.Object(
  {
    match: modeMatch('requests'),
    providers: providers('`meshConfig.defaultProviders.tracing`; only the first is used'),
    randomSamplingPercentage: optional(
      number('Share of the traces that begin here which are recorded, 0 to 100.', {
        unit: 'percent',
        default: 'that of `meshConfig.defaultConfig.tracing`, else 1',
      }),
    ),
    disableSpanReporting: optional(
      flag('Report nothing, and leave trace headers untouched.', { default: false }),
    ),
    customTags: optional(
      Type.Record(Type.String(), CustomTag, {
        description:
          'Tags of each span by name; they replace those of the levels above and of the mesh.',
      }),
    ),
    useRequestIdForTraceSampling: optional(
      flag('Let x-request-id say whether the request is traced.', {
        default: true,
        ineffective: 'only trace headers say it',
      }),
    ),
    enableIstioTags: optional(flag('Add the tags `istio.*`.', { default: true })),
    disableContextPropagation: optional(
      flag('Send no trace headers to endpoints.', {
        default: false,
        ineffective: 'they are always sent',
      }),
    ),
  },
  { description: 'Tracing of requests.' },
);

const metricNames = [
  'ALL_METRICS',
  'REQUEST_COUNT',
  'REQUEST_DURATION',
  'REQUEST_SIZE',
  'RESPONSE_SIZE',
  'TCP_OPENED_CONNECTIONS',
  'TCP_CLOSED_CONNECTIONS',
  'TCP_SENT_BYTES',
  'TCP_RECEIVED_BYTES',
  'GRPC_REQUEST_MESSAGES',
  'GRPC_RESPONSE_MESSAGES',
] as const;

export type MetricSelector = Static<typeof MetricSelector>;
const MetricSelector = Type.Object(
  {
    metric: optional(
      Type.Enum([...metricNames], { description: 'One of the metrics.', default: 'ALL_METRICS' }),
    ),
    customMetric: optional(
      text('A metric by its name in Prometheus, with or without `istio_` in front.'),
    ),
    mode: optional(mode('requests')),
  },
  { description: 'Which metrics.', oneof: [['metric', 'customMetric']] },
);

export type TagOverride = Static<typeof TagOverride>;
const TagOverride = Type.Object(
  {
    operation: optional(
      Type.Enum(['UPSERT', 'REMOVE'], {
        description:
          'Set the label, adding it where it is none of the standard ones, or leave it out.',
        default: 'UPSERT',
      }),
    ),
    value: optional(
      text('CEL expression for the value, for example `request.host`; of UPSERT alone.'),
    ),
  },
  { description: 'What becomes of a label.' },
);

export type MetricsOverride = Static<typeof MetricsOverride>;
const MetricsOverride = Type.Object(
  {
    match: optional(MetricSelector),
    disabled: optional(flag('Do not count it.', { default: false })),
    tagOverrides: optional(
      Type.Record(Type.String(), TagOverride, { description: 'What becomes of labels, by name.' }),
    ),
  },
  { description: 'How metrics differ from their default. Later items win.' },
);

export type Metrics = Static<typeof Metrics>;
export const Metrics = Type.Object(
  {
    providers: providers('`meshConfig.defaultProviders.metrics`'),
    overrides: optional(Type.Array(MetricsOverride, { description: 'Changes to metrics.' })),
    reportingInterval: optional(
      duration('Time between two reports.', {
        default: '5s',
        ineffective: 'every scrape sees the counts of its moment',
      }),
    ),
  },
  { description: 'Metrics of requests and TCP connections.' },
);

export type AccessLogging = Static<typeof AccessLogging>;
export const AccessLogging = Type.Object(
  {
    match: modeMatch('requests and TCP connections'),
    providers: providers('`meshConfig.defaultProviders.accessLogging`'),
    disabled: optional(flag('Do not log with these providers.', { default: false })),
    filter: optional(
      Type.Object(
        {
          expression: optional(
            text('CEL expression that is true for what is logged, as `response.code >= 400`.'),
          ),
        },
        { description: 'What is logged; all where absent.' },
      ),
    ),
  },
  { description: 'Logging of requests and TCP connections.' },
);

export type TelemetrySpec = Static<typeof TelemetrySpec>;
export const TelemetrySpec = Type.Object(
  {
    selector: optional(LabelSelector),
    targetRef: optional(PolicyTargetReference),
    targetRefs: optional(
      Type.Array(PolicyTargetReference, {
        description: 'Gateways of the Gateway API whose proxies are meant.',
      }),
    ),
    tracing: optional(Type.Array(Tracing, { description: 'Tracing; later items win.' })),
    metrics: optional(Type.Array(Metrics, { description: 'Metrics; later items win.' })),
    accessLogging: optional(
      Type.Array(AccessLogging, { description: 'Access logs; later items win.' }),
    ),
  },
  {
    description: 'What is traced, counted and logged of requests, and who is told.',
    oneof: [['selector', 'targetRef', 'targetRefs']],
  },
);
