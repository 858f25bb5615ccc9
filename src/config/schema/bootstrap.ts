/** Bootstrap (sluice.dev/v1): how this proxy is run. A flag of `sluice run` wins over it. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { BootstrapLimits } from './bootstrap-limits.ts';
import { BootstrapOverload } from './bootstrap-overload.ts';
import { duration, flag, number, text, textMap, uint32 } from './fields.ts';
import { HostHealthCheckSpec } from './health-check.ts';
import { MeshConfig } from './mesh-config.ts';
import { MeshNetworks } from './mesh-networks.ts';

const optional = Type.Optional;

const oneOrMore = (description: string, options: { default?: string } = {}) =>
  Type.Union([Type.String(), Type.Array(Type.String())], { description, ...options });

export type BootstrapListeners = Static<typeof BootstrapListeners>;
export const BootstrapListeners = Type.Object(
  {
    outbound: optional(
      oneOrMore(
        'Mesh listeners, each `ADDR:PORT` (HTTP for any port) or `ADDR:PORT=SERVICE_PORT` (what the ' +
          'services of that port speak); flag --outbound.',
        { default: '127.0.0.1:15001' },
      ),
    ),
    inbound: optional(
      oneOrMore('Listeners before the local application, `ADDR:PORT=APP_PORT`; flag --inbound.'),
    ),
    admin: optional(
      text('Address of the admin API, read at the start; flag --admin.', {
        default: '127.0.0.1:15000',
      }),
    ),
    adminAllowRemote: optional(
      flag(
        'The admin API may have an address that others reach. It shows everything and can end the ' +
          'proxy, and whoever reaches it may ask.',
        { default: false },
      ),
    ),
    adminHosts: optional(
      Type.Array(Type.String(), {
        description:
          'Names that requests to the admin API may have as Host, beside `localhost` and ' +
          'addresses. Others are refused, so that no web page reaches it by a name of its own.',
      }),
    ),
    ports: optional(
      Type.Record(Type.String(), Type.Integer({ minimum: 0, maximum: 65535 }), {
        description: 'Gateway server port to the port that is really bound; flag --port.',
      }),
    ),
    gatewayBind: optional(
      text('IP address of gateway listeners without `bind`; flag --gateway-bind.', {
        default: '127.0.0.1',
      }),
    ),
    connectionLimits: optional(
      Type.Record(Type.String(), Type.Integer({ minimum: 1, maximum: 2147483647 }), {
        description:
          'Name of a listener, as in `/listeners`, to how many connections it may have open, in ' +
          "place of `limits.connectionsPerListener` (Envoy's " +
          '`envoy.resource_limits.listener.<name>.connection_limit`).',
      }),
    ),
    proxyProtocol: optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 65535 }), {
        description:
          'Gateway server ports whose connections begin with a PROXY protocol header (version 1 or ' +
          '2), which tells who the client is. What comes without one is closed.',
      }),
    ),
    localTls: optional(
      flag(
        'Gateways without a certificate of their own show one of the local authority, and serve ' +
          'https on port 443 where only HTTP is set up; read at the start; flag --local-tls.',
        { default: false },
      ),
    ),
  },
  { description: 'Where the proxy listens.' },
);

export type BootstrapProxy = Static<typeof BootstrapProxy>;
export const BootstrapProxy = Type.Object(
  {
    namespace: optional(text('Namespace; flag --namespace.', { default: 'default' })),
    labels: optional(textMap('Labels; flag --labels. Without any, every Gateway is served.')),
    locality: optional(text('`region/zone/subzone`; flag --locality.')),
    identity: optional(
      text('Folder with cert-chain.pem, key.pem and root-cert.pem for TLS mode ISTIO_MUTUAL.'),
    ),
  },
  { description: 'Who this proxy is.' },
);

export type BootstrapAccessLog = Static<typeof BootstrapAccessLog>;
export const BootstrapAccessLog = Type.Object(
  {
    path: optional(
      text('File, `-` for standard output, `off`; flag --access-log.', { default: '-' }),
    ),
    format: optional(
      text('`text`, `json`, or a format with Envoy operators; flag --access-log-format.', {
        default: 'text',
      }),
    ),
  },
  { description: 'Where and how requests are logged. Wins over meshConfig.' },
);

export type BootstrapTracing = Static<typeof BootstrapTracing>;
export const BootstrapTracing = Type.Object(
  {
    endpoint: text(
      'URL of the collector, as `http://127.0.0.1:4318`. Without a path that of the protocol is ' +
        'used: `/v1/traces` of otlp-http, `/api/v2/spans` of zipkin.',
    ),
    protocol: optional(
      Type.Enum(['otlp-http', 'otlp-grpc', 'zipkin'], {
        description: 'What is spoken to it.',
        default: 'otlp-http',
      }),
    ),
    sampling: optional(
      number('Share of the traces that begin here which are recorded, 0 to 100.', {
        unit: 'percent',
        default: 'that of `meshConfig.defaultConfig.tracing`, else 1',
      }),
    ),
  },
  {
    description:
      'Where traces go, unless a Telemetry resource names a provider. Wins over meshConfig.',
  },
);

export type BootstrapSpec = Static<typeof BootstrapSpec>;
export const BootstrapSpec = Type.Object(
  {
    workloads: optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]), {
        description:
          'Deployment, StatefulSet or Pod name to where it listens, `IP:PORT` or `localhost:PORT`; ' +
          'flag --workload.',
      }),
    ),
    proxy: optional(BootstrapProxy),
    listeners: optional(BootstrapListeners),
    accessLog: optional(BootstrapAccessLog),
    tracing: optional(BootstrapTracing),
    limits: optional(BootstrapLimits),
    overload: optional(BootstrapOverload),
    healthChecks: optional(
      Type.Array(HostHealthCheckSpec, {
        description:
          'Active health checks; of several for a host the first. The annotation ' +
          '`sluice.dev/health-check` of a Service, ServiceEntry or DestinationRule wins.',
      }),
    ),
    watch: optional(
      flag('Reload when files change, read at the start; flag --no-watch switches it off.', {
        default: true,
      }),
    ),
    seed: optional(
      uint32('Makes random choices repeatable, read at the start; flag --seed.', {
        default: 'random',
      }),
    ),
    concurrency: optional(
      uint32('Worker processes; 0: one per core.', {
        default: 1,
        ineffective: 'the flag --concurrency says how many processes serve',
      }),
    ),
    drainTime: optional(
      duration('Time for open requests on shutdown; flag --drain-time.', { default: '5s' }),
    ),
    meshConfig: optional(MeshConfig),
    meshNetworks: optional(MeshNetworks),
  },
  { description: 'How this proxy is run.' },
);
