/** DestinationRule: subsets of a service, and how its endpoints are used. */

import type { Static } from 'typebox';
import { Type } from '../../base/schema.ts';
import { ConnectionPoolSettings } from './connection-pool.ts';
import {
  certificateFile,
  duration,
  flag,
  integer,
  text,
  textList,
  textMap,
  uint32,
} from './fields.ts';
import { LoadBalancerSettings } from './load-balancer.ts';
import { LabelSelector, PortSelector } from './shared.ts';

const optional = Type.Optional;

export type OutlierDetection = Static<typeof OutlierDetection>;
export const OutlierDetection = Type.Object(
  {
    consecutiveErrors: optional(
      integer('Has no effect.', { deprecated: 'consecutive5xxErrors or consecutiveGatewayErrors' }),
    ),
    consecutive5xxErrors: optional(
      uint32('5xx answers in a row after which an endpoint is ejected; 0: never.', { default: 5 }),
    ),
    consecutiveGatewayErrors: optional(
      uint32('502, 503 or 504 in a row after which an endpoint is ejected; 0: never.', {
        default: 0,
      }),
    ),
    splitExternalLocalOriginErrors: optional(
      flag('Count failures of the connection apart from answers of the endpoint.', {
        default: false,
      }),
    ),
    consecutiveLocalOriginFailures: optional(
      uint32('Connection failures in a row, where they are counted apart; 0 is the default.', {
        default: 5,
      }),
    ),
    interval: optional(
      duration('Time between two looks at the ejected endpoints, at least 1ms.', {
        default: '10s',
      }),
    ),
    baseEjectionTime: optional(
      duration('Ejection time, multiplied by the number of ejections, at least 1ms.', {
        default: '30s',
      }),
    ),
    maxEjectionPercent: optional(
      integer('At most this percentage of the endpoints is ejected, 0 to 100.', {
        default: 10,
        unit: 'percent',
      }),
    ),
    minHealthPercent: optional(
      integer('Below this percentage of healthy endpoints all are used, 0 to 100.', {
        unit: 'percent',
        default: 0,
      }),
    ),
    outlierDetectionHttpErrorCodes: optional(
      Type.Array(Type.Integer({ minimum: 0, maximum: 4294967295 }), {
        description: 'Status codes that count as errors in place of 5xx.',
      }),
    ),
  },
  { description: 'Endpoints that fail are left out for a while.' },
);

export type ClientTlsSettings = Static<typeof ClientTlsSettings> & {
  /**
   * The Secret whose certificate is shown, where `credentialName` has the authorities alone. It may
   * be of another namespace than the proxy's: that was looked into when it was made. No file can
   * write it: the decoder knows nothing of it.
   */
  readonly shownCredential?: string;
};
export const ClientTlsSettings = Type.Object(
  {
    mode: optional(
      Type.Enum(['DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL'], {
        description: 'Whether connections use TLS, and whose certificate is shown.',
        default: 'DISABLE',
      }),
    ),
    clientCertificate: optional(certificateFile('the client certificate chain (MUTUAL)')),
    privateKey: optional(certificateFile('the private key (MUTUAL)')),
    caCertificates: optional(
      certificateFile('the authorities that are trusted', { default: 'those of the system' }),
    ),
    credentialName: optional(text('Secret with keys and certificates, in place of files.')),
    subjectAltNames: optional(textList('Names of which the certificate must have one.')),
    sni: optional(
      text('Server name sent in the handshake.', { default: 'the Host of the request' }),
    ),
    insecureSkipVerify: optional(flag('Do not check the certificate.', { default: false })),
    caCrl: optional(certificateFile('revoked certificates')),
  },
  { description: 'TLS towards the endpoints.' },
);

const portPolicyFields = {
  loadBalancer: optional(LoadBalancerSettings),
  connectionPool: optional(ConnectionPoolSettings),
  outlierDetection: optional(OutlierDetection),
  tls: optional(ClientTlsSettings),
};

export type PortTrafficPolicy = Static<typeof PortTrafficPolicy>;
export const PortTrafficPolicy = Type.Object(
  { port: optional(PortSelector), ...portPolicyFields },
  { description: 'Policy of one port; replaces the policy of the rule for it.' },
);

export type TrafficPolicy = Static<typeof TrafficPolicy>;
export const TrafficPolicy = Type.Object(
  {
    ...portPolicyFields,
    portLevelSettings: optional(
      Type.Array(PortTrafficPolicy, { description: 'Policies of single ports, at most 4096.' }),
    ),
    tunnel: optional(
      Type.Object(
        {
          protocol: optional(text('CONNECT or POST.', { default: 'CONNECT' })),
          targetHost: text('Host to tunnel to.'),
          targetPort: uint32('Port to tunnel to.'),
        },
        {
          description: 'Tunnel TCP connections through the endpoints.',
          ineffective: 'connections are not tunnelled',
        },
      ),
    ),
    proxyProtocol: optional(
      Type.Object(
        {
          version: optional(
            Type.Enum(['V1', 'V2'], { description: 'Version of the header.', default: 'V1' }),
          ),
        },
        { description: 'Send a PROXY protocol header on each connection.' },
      ),
    ),
    retryBudget: optional(
      Type.Object(
        {
          percent: optional(
            Type.Number({
              description: 'Retries as a percentage of the requests in flight.',
              unit: 'percent',
              default: 20,
            }),
          ),
          minRetryConcurrency: optional(
            uint32('Retries that are always allowed at once.', { default: 3 }),
          ),
          budgetInterval: optional(
            duration('Also count requests that ended within this time.', {
              default: 'none',
              ineffective: 'only requests in flight count',
            }),
          ),
        },
        { description: 'Bound of concurrent retries that grows with the traffic.' },
      ),
    ),
  },
  { description: 'How endpoints are chosen, connected to and watched.' },
);

export type Subset = Static<typeof Subset>;
export const Subset = Type.Object(
  {
    name: text('Name that destinations refer to.'),
    labels: optional(textMap('Labels that endpoints of the subset have; none: all endpoints.')),
    trafficPolicy: optional(TrafficPolicy),
  },
  { description: 'A named part of the endpoints.' },
);

export type DestinationRuleSpec = Static<typeof DestinationRuleSpec>;
export const DestinationRuleSpec = Type.Object(
  {
    host: text('Service the rule is for; short names are completed with the namespace.'),
    trafficPolicy: optional(TrafficPolicy),
    subsets: optional(Type.Array(Subset, { description: 'Named parts of the endpoints.' })),
    exportTo: optional(
      textList('Namespaces that see this resource: `.` its own, `*` all.', { default: '*' }),
    ),
    workloadSelector: optional(LabelSelector),
  },
  { description: 'Subsets of a service, and how its endpoints are used.' },
);
