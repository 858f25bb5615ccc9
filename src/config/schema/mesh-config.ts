/** The fields of Istio's MeshConfig that this proxy honours, with Istio's names and defaults. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { ConnectionPoolSettings, TcpKeepalive } from './connection-pool.ts';
import { OutlierDetection } from './destination-rule.ts';
import { DefaultProviders, ExtensionProvider } from './extension-providers.ts';
import { duration, flag, integer, text, textList, textMap, uint32 } from './fields.ts';
import { HttpRetry } from './http-retry.ts';
import { LocalityLbSetting } from './load-balancer.ts';
import { ProxyTracing } from './proxy-tracing.ts';

const optional = Type.Optional;

/** MeshConfig has many fields beyond those honoured here: they are named, not refused. */
const partial = { unknown: 'warning' } as const;

const disabled = () => optional(flag('Switches the header off.', { default: false }));

export type ProxyHeaders = Static<typeof ProxyHeaders>;
const ProxyHeaders = Type.Object(
  {
    server: optional(
      Type.Object(
        {
          disabled: optional(flag('Keep the server header of the endpoint.', { default: false })),
          value: optional(text('Value to send.', { default: 'envoy or istio-envoy' })),
        },
        { description: 'The server header of responses.', ...partial },
      ),
    ),
    requestId: optional(
      Type.Object({ disabled: disabled() }, { description: 'x-request-id.', ...partial }),
    ),
    attemptCount: optional(
      Type.Object({ disabled: disabled() }, { description: 'x-envoy-attempt-count.', ...partial }),
    ),
  },
  { description: 'Headers that the proxy adds.', ...partial },
);

export type ForwardClientCertDetails = Static<typeof ForwardClientCertDetails>;
const ForwardClientCertDetails = Type.Enum(
  [
    'UNDEFINED',
    'SANITIZE',
    'FORWARD_ONLY',
    'APPEND_FORWARD',
    'SANITIZE_SET',
    'ALWAYS_FORWARD_ONLY',
  ],
  {
    description:
      'x-forwarded-client-cert: remove it, keep it on mutual TLS, add to it, write it anew, or ' +
      'keep it always.',
    default: 'SANITIZE_SET',
  },
);

const TlsDefaults = Type.Object(
  {
    minProtocolVersion: optional(
      Type.Enum(['TLS_AUTO', 'TLSV1_0', 'TLSV1_1', 'TLSV1_2', 'TLSV1_3'], {
        description: 'Least TLS version.',
        default: 'TLSV1_2',
      }),
    ),
    cipherSuites: optional(
      textList('Cipher suites of TLS 1.2 and below, in OpenSSL names; unknown ones are left out.'),
    ),
  },
  { description: 'For Gateway servers that say nothing of their own.', ...partial },
);

export type ProxyConfig = Static<typeof ProxyConfig>;
const ProxyConfig = Type.Object(
  {
    gatewayTopology: optional(
      Type.Object(
        {
          numTrustedProxies: optional(
            uint32('Proxies in front of this one whose x-forwarded-for is trusted.', {
              default: 0,
            }),
          ),
          forwardClientCertDetails: optional(ForwardClientCertDetails),
          proxyProtocol: optional(
            Type.Object(
              {},
              {
                description:
                  'Where it is there, connections to all Gateway ports begin with a PROXY protocol ' +
                  'header. For some ports: `listeners.proxyProtocol`.',
                ...partial,
              },
            ),
          ),
        },
        { description: 'What is in front of a gateway.', ...partial },
      ),
    ),
    proxyHeaders: optional(ProxyHeaders),
    concurrency: optional(
      integer('Worker processes; 0: one per core.', {
        default: 1,
        ineffective: 'the flag --concurrency says how many processes serve',
      }),
    ),
    drainDuration: optional(
      duration('Time for open requests on a reload.', {
        default: '45s',
        ineffective: 'it is always 45s yet',
      }),
    ),
    terminationDrainDuration: optional(
      duration('Time for open requests on shutdown; `drainTime` of the Bootstrap wins over it.', {
        default: '5s',
      }),
    ),
    tracing: optional(ProxyTracing),
    tracingServiceName: optional(
      Type.Enum(
        ['APP_LABEL_AND_NAMESPACE', 'CANONICAL_NAME_ONLY', 'CANONICAL_NAME_AND_NAMESPACE'],
        {
          description: 'How spans name the service that this proxy is beside.',
          default: 'APP_LABEL_AND_NAMESPACE',
        },
      ),
    ),
    proxyMetadata: optional(
      textMap('Environment of the Istio agent.', { ineffective: 'there is no such agent here' }),
    ),
  },
  { description: 'Settings of the proxy itself.', ...partial },
);

const exportTo = (kind: string) =>
  optional(textList(`Where a ${kind} without exportTo is visible.`, { default: '*' }));

export type { TcpKeepalive } from './connection-pool.ts';

export type DefaultTrafficPolicy = Static<typeof DefaultTrafficPolicy>;
const DefaultTrafficPolicy = Type.Object(
  {
    connectionPool: optional(ConnectionPoolSettings),
    outlierDetection: optional(OutlierDetection),
  },
  { description: 'Blocks for services whose DestinationRule has none.', ...partial },
);

export type MeshConfig = Static<typeof MeshConfig>;
export const MeshConfig = Type.Object(
  {
    accessLogFile: optional(text('Where requests are logged; empty: nowhere.')),
    accessLogFormat: optional(
      text('Format with Envoy operators; with JSON encoding a JSON object of formats.'),
    ),
    accessLogEncoding: optional(
      Type.Enum(['TEXT', 'JSON'], { description: 'Form of log lines.', default: 'TEXT' }),
    ),
    outboundTrafficPolicy: optional(
      Type.Object(
        {
          mode: optional(
            Type.Enum(['REGISTRY_ONLY', 'ALLOW_ANY', 'ALLOW_ANY_DYNAMIC_DNS'], {
              description: 'What happens to requests for unknown hosts.',
              default: 'ALLOW_ANY',
            }),
          ),
        },
        { description: 'Requests for hosts that are not in the registry.' },
      ),
    ),
    defaultHttpRetryPolicy: optional(HttpRetry),
    pathNormalization: optional(
      Type.Object(
        {
          normalization: optional(
            Type.Enum(['DEFAULT', 'NONE', 'BASE', 'MERGE_SLASHES', 'DECODE_AND_MERGE_SLASHES'], {
              description: 'What is done to the path before routing.',
              default: 'BASE',
            }),
          ),
        },
        { description: 'Normalisation of request paths.' },
      ),
    ),
    enableTracing: optional(
      flag('Start and continue traces where no Telemetry resource and no provider says so.', {
        default: false,
      }),
    ),
    extensionProviders: optional(
      Type.Array(ExtensionProvider, {
        description:
          'Who is told of requests, beside the built-in `prometheus` and `envoy` (a line for each ' +
          'request on standard output, in the format of `accessLogFormat`).',
      }),
    ),
    defaultProviders: optional(DefaultProviders),
    h2UpgradePolicy: optional(
      Type.Enum(['DO_NOT_UPGRADE', 'UPGRADE'], {
        description: 'Whether HTTP/1.1 requests to ports named http are sent on as HTTP/2.',
        default: 'DO_NOT_UPGRADE',
      }),
    ),
    connectTimeout: optional(duration('Time to connect to endpoints.', { default: '10s' })),
    localityLbSetting: optional(LocalityLbSetting),
    defaultTrafficPolicy: optional(DefaultTrafficPolicy),
    tcpKeepalive: optional(TcpKeepalive),
    tlsDefaults: optional(TlsDefaults),
    ingressClass: optional(
      text('Value of the annotation kubernetes.io/ingress.class of Ingresses that are served.', {
        default: 'istio',
      }),
    ),
    ingressControllerMode: optional(
      Type.Enum(['UNSPECIFIED', 'OFF', 'DEFAULT', 'STRICT'], {
        description:
          'Ingresses that are served where the proxy has labels: none by annotation (OFF), those ' +
          'of the class (STRICT), those without a class too (DEFAULT).',
        default: 'STRICT',
      }),
    ),
    ingressSelector: optional(
      text('Value of the label `istio` of the proxies that serve Ingresses.', {
        default: 'ingressService, or ingressgateway where that is istio-ingressgateway',
      }),
    ),
    ingressService: optional(
      text('Service of the proxies that serve Ingresses.', { default: 'istio-ingressgateway' }),
    ),
    rootNamespace: optional(
      text('Namespace whose resources hold for all.', { default: 'istio-system' }),
    ),
    trustDomain: optional(text('Trust domain of identities.', { default: 'cluster.local' })),
    defaultServiceExportTo: exportTo('Service'),
    defaultVirtualServiceExportTo: exportTo('VirtualService'),
    defaultDestinationRuleExportTo: exportTo('DestinationRule'),
    defaultConfig: optional(ProxyConfig),
  },
  { description: 'Settings of the whole mesh.', ...partial },
);
