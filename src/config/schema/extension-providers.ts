/** MeshConfig.extensionProviders: where traces and logs go, by names that Telemetry refers to. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { duration, flag, text, textList, textMap, uint32 } from './fields.ts';

const optional = Type.Optional;

/** Providers have fields beyond those honoured here: they are named, not refused. */
const partial = { unknown: 'warning' } as const;

const service = () =>
  text(
    'Host of the collector, `host` or `namespace/host`: a service of the registry, or a DNS name.',
  );
const port = () => uint32('Port of that service, 1 to 65535.');
const maxTagLength = () =>
  uint32('Characters of the path in tags.', {
    default: '`maxPathTagLength` of the mesh, else 256',
  });

const HttpHeader = Type.Object(
  {
    name: text('Name of the header.'),
    value: optional(text('Its value.', { confidential: true })),
    envName: optional(text('Environment variable of the proxy that has the value.')),
  },
  { description: 'A header that is sent to the collector.', oneof: [['value', 'envName']] },
);

const headers = () => optional(Type.Array(HttpHeader, { description: 'Sent with every request.' }));
const timeout = (what: string) => optional(duration(what, { default: '10s' }));
const failureTime = 'Time after which a request to the collector has failed.';

const Labels = Type.Record(Type.String(), Type.Unknown(), {
  description: 'JSON members by name, formats with Envoy operators.',
});

export type EnvoyFileAccessLog = Static<typeof EnvoyFileAccessLog>;
const EnvoyFileAccessLog = Type.Object(
  {
    path: optional(text('File, `/dev/stdout` or `/dev/stderr`.', { default: '/dev/stdout' })),
    logFormat: optional(
      Type.Object(
        {
          text: optional(text('A line with Envoy operators.', { default: 'Istio’s default line' })),
          labels: optional(Labels),
        },
        { description: 'Text, or a JSON object.', oneof: [['text', 'labels']] },
      ),
    ),
  },
  { description: 'An access log in a file.', ...partial },
);

export type EnvoyOtelAls = Static<typeof EnvoyOtelAls>;
const EnvoyOtelAls = Type.Object(
  {
    service: service(),
    port: port(),
    logName: optional(text('Name of the log.', { default: 'otel_envoy_accesslog' })),
    logFormat: optional(
      Type.Object(
        {
          text: optional(text('Body with Envoy operators.', { default: 'Istio’s default line' })),
          labels: optional(textMap('Attributes by name, formats with Envoy operators.')),
        },
        { description: 'Body and attributes of a record.' },
      ),
    ),
  },
  { description: 'An access log that goes to an OpenTelemetry collector, over gRPC.', ...partial },
);

export type OpenTelemetryProvider = Static<typeof OpenTelemetryProvider>;
const OpenTelemetryProvider = Type.Object(
  {
    service: service(),
    port: port(),
    maxTagLength: optional(maxTagLength()),
    http: optional(
      Type.Object(
        {
          path: optional(text('Path that spans are sent to.', { default: '/v1/traces' })),
          timeout: timeout(failureTime),
          headers: headers(),
        },
        { description: 'OTLP over HTTP in place of gRPC.', ...partial },
      ),
    ),
    grpc: optional(
      Type.Object(
        { timeout: timeout(failureTime), initialMetadata: headers() },
        { description: 'Settings of OTLP over gRPC.', ...partial },
      ),
    ),
    resourceDetectors: optional(
      Type.Object(
        {
          environment: optional(
            Type.Object(
              {},
              {
                description:
                  'Resource attributes out of `OTEL_RESOURCE_ATTRIBUTES`, which are read here always.',
              },
            ),
          ),
        },
        { description: 'Where resource attributes come from.', ...partial },
      ),
    ),
  },
  {
    description: 'Traces for an OpenTelemetry collector.',
    oneof: [['http', 'grpc']],
    ...partial,
  },
);

export type ZipkinProvider = Static<typeof ZipkinProvider>;
const ZipkinProvider = Type.Object(
  {
    service: service(),
    port: port(),
    maxTagLength: optional(maxTagLength()),
    path: optional(text('Path that spans are sent to.', { default: '/api/v2/spans' })),
    enable64bitTraceId: optional(
      flag('Trace ids of 64 bits.', { default: false, ineffective: 'trace ids have 128 bits' }),
    ),
    timeout: optional(duration(failureTime, { default: '5s' })),
    headers: headers(),
  },
  { description: 'Traces for a Zipkin collector.', ...partial },
);

/** A kind of provider that Istio has and this proxy has not. */
const absent = (what: string) =>
  optional(
    Type.Object(
      {},
      {
        description: `${what}.`,
        unknown: 'ignore',
        ineffective: 'this proxy has no such provider',
      },
    ),
  );

export type ExtensionProvider = Static<typeof ExtensionProvider>;
export const ExtensionProvider = Type.Object(
  {
    name: text('Name that Telemetry resources and `defaultProviders` refer to.'),
    envoyFileAccessLog: optional(EnvoyFileAccessLog),
    envoyOtelAls: optional(EnvoyOtelAls),
    opentelemetry: optional(OpenTelemetryProvider),
    zipkin: optional(ZipkinProvider),
    prometheus: optional(
      Type.Object({}, { description: 'The metrics under /stats/prometheus.', ...partial }),
    ),
    envoyHttpAls: absent('Access logs over Envoy’s own gRPC service for HTTP'),
    envoyTcpAls: absent('Access logs over Envoy’s own gRPC service for TCP'),
    datadog: absent('Traces for Datadog'),
    skywalking: absent('Traces for SkyWalking'),
    lightstep: absent('Traces for Lightstep'),
    opencensus: absent('Traces over OpenCensus'),
    stackdriver: absent('Traces, metrics and logs for Google Cloud'),
    envoyExtAuthzHttp: absent('External authorization over HTTP'),
    envoyExtAuthzGrpc: absent('External authorization over gRPC'),
    sds: absent('Certificates over SDS'),
  },
  {
    description: 'Someone who is told of requests; exactly one kind.',
    oneof: [
      [
        'envoyFileAccessLog',
        'envoyOtelAls',
        'opentelemetry',
        'zipkin',
        'prometheus',
        'envoyHttpAls',
        'envoyTcpAls',
        'datadog',
        'skywalking',
        'lightstep',
        'opencensus',
        'stackdriver',
        'envoyExtAuthzHttp',
        'envoyExtAuthzGrpc',
        'sds',
      ],
    ],
    ...partial,
  },
);

export type DefaultProviders = Static<typeof DefaultProviders>;
export const DefaultProviders = Type.Object(
  {
    tracing: optional(textList('Of traces; only the first is used.')),
    metrics: optional(textList('Of metrics.', { default: 'prometheus' })),
    accessLogging: optional(textList('Of access logs, in place of `accessLogFile`.')),
  },
  { description: 'Providers where no Telemetry resource names any.' },
);
