import t from 'tap';
import type { MeshSettings } from '../../../src/config/proxy-settings.ts';
import { defaultRetryPolicy } from '../../../src/config/translate/routes/retry-policy.ts';
import { settings } from './bootstraps.ts';

function mesh(meshConfig: object): MeshSettings {
  return settings({ meshConfig }).proxy.mesh;
}

t.test("Istio's defaults", async (t) => {
  t.strictSame(mesh({}), {
    outboundTrafficPolicy: 'ALLOW_ANY',
    pathNormalization: 'BASE',
    defaultHttpRetryPolicy: null,
    retriesIgnorePreviousHosts: false,
    numTrustedProxies: 0,
    gatewayForwardClientCert: 'SANITIZE_SET',
    gatewayProxyProtocol: false,
    tlsDefaults: { minVersion: 'TLSv1.2', cipherSuites: null },
    serverHeader: { disabled: false, value: null },
    generateRequestId: true,
    attemptCountHeader: true,
    enableTracing: false,
    telemetry: {
      providers: [
        { name: 'prometheus', prometheus: {} },
        { name: 'envoy', envoyFileAccessLog: { path: '/dev/stdout' } },
      ],
      builtInAccessLog: 'envoy',
      tracing: [],
      metrics: ['prometheus'],
      accessLogging: [],
      proxyTracing: {},
      tracingServiceName: 'APP_LABEL_AND_NAMESPACE',
    },
    connectTimeoutMs: 10_000,
    h2UpgradePolicy: 'DO_NOT_UPGRADE',
    localityLbSetting: null,
    defaultTrafficPolicy: null,
    tcpKeepalive: null,
    ingress: {
      controllerMode: 'STRICT',
      className: 'istio',
      gatewaySelector: { istio: 'ingressgateway' },
    },
    rootNamespace: 'istio-system',
    trustDomain: 'cluster.local',
    defaultServiceExportTo: ['*'],
    defaultVirtualServiceExportTo: ['*'],
    defaultDestinationRuleExportTo: ['*'],
    domainSuffix: 'cluster.local',
  });
});

t.test('every field that is honoured', async (t) => {
  const table: readonly (readonly [object, Partial<MeshSettings>])[] = [
    [
      { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } },
      { outboundTrafficPolicy: 'REGISTRY_ONLY' },
    ],
    [{ pathNormalization: { normalization: 'DEFAULT' } }, { pathNormalization: 'BASE' }],
    [{ pathNormalization: { normalization: 'NONE' } }, { pathNormalization: 'NONE' }],
    [
      { ingressControllerMode: 'DEFAULT', ingressClass: 'edge', ingressService: 'front' },
      {
        ingress: {
          controllerMode: 'DEFAULT',
          className: 'edge',
          gatewaySelector: { istio: 'front' },
        },
      },
    ],
    [
      { ingressService: 'istio-ingressgateway' },
      {
        ingress: {
          controllerMode: 'STRICT',
          className: 'istio',
          gatewaySelector: { istio: 'ingressgateway' },
        },
      },
    ],
    [
      { ingressSelector: 'edge', ingressService: 'front' },
      {
        ingress: {
          controllerMode: 'STRICT',
          className: 'istio',
          gatewaySelector: { istio: 'edge' },
        },
      },
    ],
    [{ connectTimeout: '1.5s' }, { connectTimeoutMs: 1500 }],
    [{ h2UpgradePolicy: 'UPGRADE' }, { h2UpgradePolicy: 'UPGRADE' }],
    [{ enableTracing: true }, { enableTracing: true }],
    [{ rootNamespace: 'root' }, { rootNamespace: 'root' }],
    [{ trustDomain: 'td' }, { trustDomain: 'td' }],
    [{ defaultServiceExportTo: ['.'] }, { defaultServiceExportTo: ['.'] }],
    [{ defaultVirtualServiceExportTo: ['.'] }, { defaultVirtualServiceExportTo: ['.'] }],
    [{ defaultDestinationRuleExportTo: ['.'] }, { defaultDestinationRuleExportTo: ['.'] }],
    [{ defaultConfig: { gatewayTopology: { numTrustedProxies: 2 } } }, { numTrustedProxies: 2 }],
    [
      { defaultConfig: { gatewayTopology: { forwardClientCertDetails: 'UNDEFINED' } } },
      { gatewayForwardClientCert: 'SANITIZE_SET' },
    ],
    [
      { defaultConfig: { gatewayTopology: { forwardClientCertDetails: 'FORWARD_ONLY' } } },
      { gatewayForwardClientCert: 'FORWARD_ONLY' },
    ],
    [{ defaultConfig: { gatewayTopology: { proxyProtocol: {} } } }, { gatewayProxyProtocol: true }],
    [
      { tlsDefaults: { minProtocolVersion: 'TLSV1_3', cipherSuites: ['AES128-SHA', 'unknown'] } },
      { tlsDefaults: { minVersion: 'TLSv1.3', cipherSuites: ['AES128-SHA'] } },
    ],
    [
      { tlsDefaults: { minProtocolVersion: 'TLS_AUTO', cipherSuites: ['unknown'] } },
      { tlsDefaults: { minVersion: 'TLSv1.2', cipherSuites: null } },
    ],
    [
      { defaultConfig: { proxyHeaders: { server: { disabled: true, value: 'x' } } } },
      { serverHeader: { disabled: true, value: 'x' } },
    ],
    [
      { defaultConfig: { proxyHeaders: { requestId: { disabled: true } } } },
      { generateRequestId: false },
    ],
    [
      { defaultConfig: { proxyHeaders: { attemptCount: { disabled: true } } } },
      { attemptCountHeader: false },
    ],
  ];
  for (const [config, expected] of table) {
    t.strictSame(mesh(config), { ...mesh({}), ...expected }, JSON.stringify(config));
  }
});

t.test('the locality settings go through as they are', async (t) => {
  const localityLbSetting = { failover: [{ from: 'eu', to: 'us' }] };
  t.strictSame(mesh({ localityLbSetting }).localityLbSetting, localityLbSetting);
  t.equal(mesh({}).localityLbSetting, null);
});

t.test('the retry policy of the mesh', async (t) => {
  const policy = (defaultHttpRetryPolicy: object) =>
    mesh({ defaultHttpRetryPolicy }).defaultHttpRetryPolicy;
  t.strictSame(policy({ attempts: 0 }), { ...defaultRetryPolicy, numRetries: 0 });
  t.strictSame(policy({ attempts: 3, retryOn: '5xx,418', backoff: '10ms' }), {
    ...defaultRetryPolicy,
    numRetries: 3,
    retryOn: ['5xx', 'retriable-status-codes'],
    retriableStatusCodes: [418],
    backoffBaseMs: 10,
    backoffMaxMs: 100,
  });
});
