/** Istio's MeshConfig with its defaults filled in. */

import { parseDuration } from '../../base/duration.ts';
import type { ForwardClientCert } from '../../model/http-settings.ts';
import type { RetryPolicy } from '../../model/retry-policy.ts';
import { knownCipherSuites } from '../cipher-suites.ts';
import type { MeshSettings } from '../proxy-settings.ts';
import type { HttpRetry } from '../schema/http-retry.ts';
import type { ForwardClientCertDetails, MeshConfig } from '../schema/mesh-config.ts';
import { tlsVersion } from '../tls-version.ts';
import { defaultRetryPolicy, translateRetries } from '../translate/routes/retry-policy.ts';
import { mergeTelemetryDefaults } from './merge-providers.ts';

const defaultConnectTimeoutMs = 10_000;

export function mergeMeshSettings(config: MeshConfig): MeshSettings {
  const { proxyHeaders = {}, gatewayTopology = {} } = config.defaultConfig ?? {};
  const normalization = config.pathNormalization?.normalization ?? 'DEFAULT';
  return {
    outboundTrafficPolicy:
      config.outboundTrafficPolicy?.mode === 'REGISTRY_ONLY' ? 'REGISTRY_ONLY' : 'ALLOW_ANY',
    pathNormalization: normalization === 'DEFAULT' ? 'BASE' : normalization,
    defaultHttpRetryPolicy: meshRetryPolicy(config.defaultHttpRetryPolicy),
    retriesIgnorePreviousHosts: config.defaultHttpRetryPolicy?.retryIgnorePreviousHosts ?? false,
    numTrustedProxies: gatewayTopology.numTrustedProxies ?? 0,
    gatewayForwardClientCert: forwardClientCert(gatewayTopology.forwardClientCertDetails),
    gatewayProxyProtocol: gatewayTopology.proxyProtocol !== undefined,
    tlsDefaults: {
      minVersion: tlsVersion(config.tlsDefaults?.minProtocolVersion) ?? 'TLSv1.2',
      cipherSuites: knownCipherSuites(config.tlsDefaults?.cipherSuites),
    },
    serverHeader: {
      disabled: proxyHeaders.server?.disabled ?? false,
      value: proxyHeaders.server?.value ?? null,
    },
    generateRequestId: !(proxyHeaders.requestId?.disabled ?? false),
    attemptCountHeader: !(proxyHeaders.attemptCount?.disabled ?? false),
    enableTracing: config.enableTracing ?? false,
    telemetry: mergeTelemetryDefaults(config),
    connectTimeoutMs: parseDuration(config.connectTimeout ?? '') ?? defaultConnectTimeoutMs,
    h2UpgradePolicy: config.h2UpgradePolicy ?? 'DO_NOT_UPGRADE',
    localityLbSetting: config.localityLbSetting ?? null,
    defaultTrafficPolicy: config.defaultTrafficPolicy ?? null,
    tcpKeepalive: config.tcpKeepalive ?? null,
    ingress: ingressSettings(config),
    rootNamespace: config.rootNamespace ?? 'istio-system',
    trustDomain: config.trustDomain ?? 'cluster.local',
    defaultServiceExportTo: config.defaultServiceExportTo ?? ['*'],
    defaultVirtualServiceExportTo: config.defaultVirtualServiceExportTo ?? ['*'],
    defaultDestinationRuleExportTo: config.defaultDestinationRuleExportTo ?? ['*'],
    domainSuffix: 'cluster.local',
  };
}

/** The Service that Istio installs has other labels than its name. */
const defaultIngressService = 'istio-ingressgateway';

function ingressSettings({
  ingressControllerMode: mode = 'STRICT',
  ingressClass = 'istio',
  ingressService = '',
  ingressSelector = '',
}: MeshConfig): MeshSettings['ingress'] {
  const service = ingressService === defaultIngressService ? '' : ingressService;
  return {
    controllerMode: mode === 'UNSPECIFIED' ? 'STRICT' : mode,
    className: ingressClass,
    gatewaySelector: { istio: ingressSelector || service || 'ingressgateway' },
  };
}

function forwardClientCert(details: ForwardClientCertDetails | undefined): ForwardClientCert {
  return details === undefined || details === 'UNDEFINED' ? 'SANITIZE_SET' : details;
}

/** null: Istio's own default. `attempts: 0` switches retries off for the whole mesh. */
function meshRetryPolicy(retries: HttpRetry | undefined): RetryPolicy | null {
  if (retries === undefined) return null;
  return translateRetries(retries, true) ?? { ...defaultRetryPolicy, numRetries: 0 };
}
