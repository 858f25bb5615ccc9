/**
 * What translation must know beside the resources: the command line and the Bootstrap resource
 * merged (a flag wins), with every default filled in.
 */

import type { FileAccessLog } from '../model/access-log-settings.ts';
import type { ForwardClientCert, PathNormalization } from '../model/http-settings.ts';
import type { Limits } from '../model/limits.ts';
import type { OverloadSettings } from '../model/overload-settings.ts';
import type { ProxyIdentity } from '../model/proxy-identity.ts';
import type { RetryPolicy } from '../model/retry-policy.ts';
import type { TlsVersion } from '../model/tls.ts';
import type { BootstrapTracing } from './schema/bootstrap.ts';
import type { ExtensionProvider } from './schema/extension-providers.ts';
import type { HostHealthCheckSpec } from './schema/health-check.ts';
import type { LocalityLbSetting } from './schema/load-balancer.ts';
import type { DefaultTrafficPolicy, ProxyConfig, TcpKeepalive } from './schema/mesh-config.ts';
import type { ProxyTracing } from './schema/proxy-tracing.ts';

export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

export interface OutboundBinding extends SocketAddress {
  /** null: the authority of each request names the port. */
  readonly servicePort: number | null;
}

export interface InboundBinding extends SocketAddress {
  readonly appPort: number;
}

export interface TlsDefaults {
  readonly minVersion: TlsVersion;
  /** null: those of the platform. */
  readonly cipherSuites: readonly string[] | null;
}

/** Who is told of requests by name, and what holds where no Telemetry resource says it. */
export interface TelemetryDefaults {
  /** extensionProviders with the built-in ones; names are unique. */
  readonly providers: readonly ExtensionProvider[];
  /** Name of the provider that logs in the format of `accessLogFormat`; null: it was replaced. */
  readonly builtInAccessLog: string | null;
  /** defaultProviders. */
  readonly tracing: readonly string[];
  readonly metrics: readonly string[];
  readonly accessLogging: readonly string[];
  /** defaultConfig.tracing. */
  readonly proxyTracing: ProxyTracing;
  readonly tracingServiceName: NonNullable<ProxyConfig['tracingServiceName']>;
}

export interface AccessLogDefaults {
  /**
   * Who says it: `own` the command line or the Bootstrap itself, `mesh` meshConfig.accessLogFile,
   * `default` nobody, so that it gives way to any word of a Telemetry resource.
   */
  readonly source: 'own' | 'mesh' | 'default';
  /** null: nothing is logged. */
  readonly file: FileAccessLog | null;
  /** Also of the built-in provider `envoy`. */
  readonly format: Pick<FileAccessLog, 'encoding' | 'format'>;
}

/** The fields of Istio's MeshConfig that this proxy honours, with Istio's names. */
export interface MeshSettings {
  readonly outboundTrafficPolicy: 'ALLOW_ANY' | 'REGISTRY_ONLY';
  readonly pathNormalization: PathNormalization;
  /** null: Istio's own default policy. */
  readonly defaultHttpRetryPolicy: RetryPolicy | null;
  /** defaultHttpRetryPolicy says so also for destinations with a consistent hash. */
  readonly retriesIgnorePreviousHosts: boolean;
  readonly numTrustedProxies: number;
  /** defaultConfig.gatewayTopology: what gateways do with x-forwarded-client-cert. */
  readonly gatewayForwardClientCert: ForwardClientCert;
  /** defaultConfig.gatewayTopology.proxyProtocol is there: it holds for all Gateway ports. */
  readonly gatewayProxyProtocol: boolean;
  /** For TLS that says nothing of its own: towards clients, and where it is not the mesh's own. */
  readonly tlsDefaults: TlsDefaults;
  /** defaultConfig.proxyHeaders. */
  readonly serverHeader: { readonly disabled: boolean; readonly value: string | null };
  readonly generateRequestId: boolean;
  readonly attemptCountHeader: boolean;
  /** Trace headers are continued where no provider of traces is there. */
  readonly enableTracing: boolean;
  readonly telemetry: TelemetryDefaults;
  readonly connectTimeoutMs: number;
  /** Whether ports that are declared as HTTP are spoken to in HTTP/2. */
  readonly h2UpgradePolicy: 'DO_NOT_UPGRADE' | 'UPGRADE';
  /** For services whose DestinationRule has none; null: Istio's default, which is failover. */
  readonly localityLbSetting: LocalityLbSetting | null;
  /** For services whose DestinationRule has no such block. */
  readonly defaultTrafficPolicy: DefaultTrafficPolicy | null;
  /** For connections to endpoints whose DestinationRule has none. */
  readonly tcpKeepalive: TcpKeepalive | null;
  /** Which Ingresses are served, and by which proxies. */
  readonly ingress: {
    readonly controllerMode: 'OFF' | 'DEFAULT' | 'STRICT';
    readonly className: string;
    readonly gatewaySelector: Readonly<Record<string, string>>;
  };
  readonly rootNamespace: string;
  readonly trustDomain: string;
  /** Default visibility of resources without exportTo. */
  readonly defaultServiceExportTo: readonly string[];
  readonly defaultVirtualServiceExportTo: readonly string[];
  readonly defaultDestinationRuleExportTo: readonly string[];
  /** DNS suffix of services, `cluster.local`. */
  readonly domainSuffix: string;
}

export interface ProxySettings {
  readonly identity: ProxyIdentity;
  /** Without labels from the user every Gateway is served, whatever its selector. */
  readonly selectorsApply: boolean;
  readonly outbound: readonly OutboundBinding[];
  readonly inbound: readonly InboundBinding[];
  readonly gatewayBind: string;
  /** Gateway server port to the port really bound. */
  readonly gatewayPorts: Readonly<Record<number, number>>;
  /**
   * The lowest port that the process may bind: Gateway ports below it, and below 1024, get 8000
   * added where they are not in `gatewayPorts`.
   */
  readonly firstBindablePort: number;
  /** Gateway server ports whose connections begin with a PROXY protocol header. */
  readonly proxyProtocolPorts: readonly number[];
  /** Gateways show certificates of the local authority where they have none of their own. */
  readonly localTls: boolean;
  /** Folder with the certificate of the proxy for mutual TLS of the mesh; null: it has none. */
  readonly identityFolder: string | null;
  /** Deployment, StatefulSet or Pod name to where it listens. */
  readonly workloads: ReadonlyMap<string, readonly SocketAddress[]>;
  readonly mesh: MeshSettings;
  /** Ranges of MeshNetworks: who comes from there is internal to a gateway; null: nobody is. */
  readonly internalAddresses: readonly string[] | null;
  /** For services without a health check of their own; the first with their host. */
  readonly healthChecks: readonly HostHealthCheckSpec[];
  readonly limits: Limits;
  /** Name of a listener to its own `connectionsPerListener`. */
  readonly connectionLimits: Readonly<Record<string, number>>;
  readonly overload: OverloadSettings;
  /** For what no Telemetry resource speaks of. */
  readonly accessLog: AccessLogDefaults;
  /** Where traces go, unless a Telemetry resource names a provider; null: as meshConfig says. */
  readonly tracing: BootstrapTracing | null;
}
