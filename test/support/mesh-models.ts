/** A whole model made by hand: listeners, one route table and clusters, with sensible defaults. */

import type { Cluster } from '../../src/model/cluster.ts';
import { type HttpFilterChain, matchAny } from '../../src/model/filter-chain.ts';
import type { HttpSettings } from '../../src/model/http-settings.ts';
import { defaultLimits, type Limits } from '../../src/model/limits.ts';
import type { Listener } from '../../src/model/listener.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import { builtInOrigin } from '../../src/model/origin.ts';
import { defaultOverload, type OverloadSettings } from '../../src/model/overload-settings.ts';
import type { RetryPolicy } from '../../src/model/retry-policy.ts';
import type { Route } from '../../src/model/route.ts';
import type { MeshTelemetry, TelemetrySettings } from '../../src/model/telemetry-settings.ts';
import type { TracingSettings } from '../../src/model/tracing-settings.ts';
import { clusterModel, endpointModel } from './cluster-models.ts';
import { forwardTo, route, virtualHost } from './route-models.ts';

const tableName = 'http.80';

/** Settings of a gateway. */
export function httpSettings(changes: Partial<HttpSettings> = {}): HttpSettings {
  return {
    useRemoteAddress: true,
    xffNumTrustedHops: 0,
    internalAddresses: null,
    serverName: 'istio-envoy',
    overwriteServer: true,
    generateRequestId: true,
    preserveExternalRequestId: false,
    attemptCountHeader: true,
    pathNormalization: 'BASE',
    tracing: false,
    websocketUpgrades: true,
    forwardClientCert: 'SANITIZE_SET',
    ...changes,
  };
}

/** Settings of the outbound side of a sidecar. */
export function sidecarSettings(changes: Partial<HttpSettings> = {}): HttpSettings {
  return httpSettings({ useRemoteAddress: false, serverName: 'envoy', ...changes });
}

/** A gateway on a free port. */
export function listenerModel(changes: Partial<Listener> = {}): Listener {
  return {
    name: 'gateway_80',
    direction: 'gateway',
    address: '127.0.0.1',
    port: 0,
    servicePort: 80,
    proxyProtocol: false,
    filterChains: [httpChain()],
    limits: defaultLimits,
    origin: builtInOrigin,
    ...changes,
  };
}

/** HTTP in plain text, for every connection. */
export function httpChain(changes: Partial<HttpFilterChain> = {}): HttpFilterChain {
  return {
    kind: 'http',
    name: 'http',
    match: matchAny,
    tls: null,
    routes: { kind: 'table', name: tableName },
    http: httpSettings(),
    origin: builtInOrigin,
    ...changes,
  };
}

/** A cluster of endpoints on these ports of 127.0.0.1, used in turn. */
export function clusterOf(
  name: string,
  ports: readonly number[],
  changes: Partial<Cluster> = {},
): Cluster {
  return clusterModel({
    name,
    endpoints: ports.map((port) => endpointModel(port)),
    loadBalancer: { policy: 'ROUND_ROBIN', slowStart: null },
    ...changes,
  });
}

/** Retries at once. */
export function retryPolicy(changes: Partial<RetryPolicy> = {}): RetryPolicy {
  return {
    numRetries: 2,
    retryOn: ['5xx'],
    retriableStatusCodes: [],
    perTryTimeoutMs: 0,
    avoidPreviousHosts: true,
    hostSelectionMaxAttempts: 5,
    previousPrioritiesUpdateFrequency: 0,
    backoffBaseMs: 0,
    backoffMaxMs: 0,
    ...changes,
  };
}

export interface MeshParts {
  readonly clusters?: readonly Cluster[];
  /** Default: everything goes to the cluster `origin`. */
  readonly routes?: readonly Route[];
  readonly listeners?: readonly Listener[];
  readonly grpcWeb?: boolean;
  /** For the only listener, where none is given. */
  readonly http?: HttpSettings;
  /** The same, where only limits differ from the defaults. */
  readonly limits?: Partial<Limits>;
  readonly telemetry?: MeshTelemetry;
  readonly overload?: OverloadSettings;
}

/** Of both sides; silent unless something is given. */
export function telemetryOf(changes: Partial<TelemetrySettings> = {}): MeshTelemetry {
  const side: TelemetrySettings = { accessLogs: [], tracing: null, metrics: {}, ...changes };
  return { client: side, server: side };
}

/** Every trace that starts here is sampled, and sent to nobody in particular. */
export function tracingSettings(changes: Partial<TracingSettings> = {}): TracingSettings {
  return {
    randomSamplingPercent: 100,
    collector: {
      protocol: 'otlp-http',
      url: 'http://127.0.0.1:4318/v1/traces',
      headers: {},
      timeoutMs: 1_000,
    },
    customTags: [],
    istioTags: true,
    maxPathTagLength: 256,
    resource: {},
    ...changes,
  };
}

export function meshOf(parts: MeshParts): Mesh {
  const { clusters = [], routes = [route('all', {}, forwardTo('origin'))] } = parts;
  return {
    proxy: {
      namespace: 'default',
      labels: {},
      locality: { region: '', zone: '', subzone: '' },
      workload: 'test',
    },
    listeners: parts.listeners ?? [onlyListener(parts)],
    routeTables: [
      {
        name: tableName,
        virtualHosts: [virtualHost(['*'], routes)],
        ignorePortInHost: false,
        grpcWeb: parts.grpcWeb ?? false,
      },
    ],
    clusters,
    telemetry: parts.telemetry ?? telemetryOf(),
    overload: parts.overload ?? defaultOverload,
  };
}

function onlyListener({ http = httpSettings(), limits = {} }: MeshParts): Listener {
  return listenerModel({
    filterChains: [httpChain({ http })],
    limits: { ...defaultLimits, ...limits },
  });
}
