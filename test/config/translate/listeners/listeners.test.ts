import t from 'tap';
import type { ProxySettings } from '../../../../src/config/proxy-settings.ts';
import { gateway, resource, service, sidecar, translate } from '../translate-yaml.ts';

function gateways(ports: readonly number[], bind = ''): string {
  const servers = ports.map(
    (port) => `{port: {number: ${port}, name: http-${port}, protocol: HTTP}, hosts: ["*"] ${bind}}`,
  );
  return resource('Gateway', 'gw', `{servers: [${servers.join(', ')}]}`);
}

/** `name address:port` of each listener. */
function bindings(yaml: string, settings: ProxySettings): string[] {
  const { listeners } = translate(yaml, settings).mesh;
  return listeners.map(({ name, address, port }) => `${name} ${address}:${port}`);
}

t.test('gateway ports below 1024 are moved by 8000, unless mapped or allowed', async (t) => {
  const yaml = gateways([80, 8443]);
  t.strictSame(bindings(yaml, gateway), [
    'gateway_80 127.0.0.1:8080',
    'gateway_8443 127.0.0.1:8443',
  ]);
  t.strictSame(bindings(yaml, { ...gateway, firstBindablePort: 0, gatewayBind: '0.0.0.0' }), [
    'gateway_80 0.0.0.0:80',
    'gateway_8443 0.0.0.0:8443',
  ]);
  t.strictSame(bindings(gateways([79, 80]), { ...gateway, firstBindablePort: 80 }), [
    'gateway_79 127.0.0.1:8079',
    'gateway_80 127.0.0.1:80',
  ]);
  t.strictSame(bindings(yaml, { ...gateway, gatewayPorts: { 80: 7000 } }), [
    'gateway_80 127.0.0.1:7000',
    'gateway_8443 127.0.0.1:8443',
  ]);
  t.strictSame(bindings(gateways([80], ', bind: 127.0.0.5'), gateway), [
    'gateway_127.0.0.5_80 127.0.0.5:8080',
  ]);
});

t.test('of two ports that would be bound to one address the unmoved one is', async (t) => {
  const yaml = gateways([80, 8080]);
  t.strictSame(bindings(yaml, gateway), ['gateway_8080 127.0.0.1:8080']);
  const taken = translate(yaml, gateway).findings.filter(({ code }) => code === 'SLC0207');
  t.match(taken, [{ hint: 'map it to a free port with --port 80=PORT' }]);
  const anyFree = { ...gateway, gatewayPorts: { 80: 0, 8080: 0 } };
  t.equal(bindings(yaml, anyFree).length, 2, 'port 0 is a different one each time');
});

t.test(
  'an outbound listener without a service port chooses the table by the authority',
  async (t) => {
    const open = {
      ...sidecar,
      outbound: [{ address: '127.0.0.1', port: 15001, servicePort: null }],
    };
    const { mesh } = translate(service('a', 'default', 9080), open);
    t.match(mesh.listeners, [
      {
        name: 'outbound_127.0.0.1_15001',
        servicePort: 0,
        filterChains: [
          {
            routes: {
              kind: 'authority-port',
              tables: { 80: '80', 9080: '9080' },
              fallback: 'fallback',
            },
          },
        ],
      },
    ]);
    t.strictSame(
      mesh.routeTables.map(({ name }) => name),
      ['80', '9080', 'fallback'],
    );
  },
);

t.test(
  'an inbound listener leads to the application with retries of unseen requests',
  async (t) => {
    const inbound = [{ address: '127.0.0.1', port: 15006, appPort: 8080 }];
    const settings = { ...sidecar, outbound: [], inbound };
    const yaml = `---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: client}, ports: [{name: http, port: 80, targetPort: 8080}]}
${resource(
  'DestinationRule',
  'web',
  '{host: web, trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}, outlierDetection: {}}}',
)}`;
    const { mesh } = translate(yaml, settings);
    t.match(mesh.listeners, [
      {
        direction: 'inbound',
        filterChains: [{ routes: { kind: 'table', name: 'inbound|8080||' } }],
      },
    ]);
    t.match(mesh.routeTables[0]?.virtualHosts[0], {
      name: 'inbound|http|8080',
      domains: ['*'],
      routes: [
        {
          name: 'default',
          action: { timeoutMs: 0, retryPolicy: { retryOn: ['reset-before-request'] } },
        },
      ],
    });
    const cluster = mesh.clusters.find(({ name }) => name === 'inbound|8080||');
    t.match(cluster, {
      direction: 'inbound',
      service: { host: 'web.default.svc.cluster.local', port: 80 },
      endpoints: [{ address: '127.0.0.1', port: 8080 }],
      circuitBreaker: { maxConnections: 7 },
      outlierDetection: null,
    });
  },
);

t.test('each side treats headers in its own way', async (t) => {
  const settings = {
    ...sidecar,
    selectorsApply: false,
    inbound: [{ address: '127.0.0.1', port: 15006, appPort: 8080 }],
    mesh: { ...sidecar.mesh, numTrustedProxies: 2 },
    internalAddresses: ['10.0.0.0/8'],
  };
  const { listeners } = translate(gateways([8080]), settings).mesh;
  t.match(
    listeners.map(({ direction, filterChains: [chain] }) => [
      direction,
      chain?.kind === 'http' ? chain.http : null,
    ]),
    [
      [
        'gateway',
        {
          useRemoteAddress: true,
          xffNumTrustedHops: 2,
          internalAddresses: ['10.0.0.0/8'],
          serverName: 'istio-envoy',
          preserveExternalRequestId: false,
        },
      ],
      [
        'outbound',
        {
          useRemoteAddress: false,
          xffNumTrustedHops: 0,
          internalAddresses: null,
          serverName: 'envoy',
          preserveExternalRequestId: true,
        },
      ],
      ['inbound', { useRemoteAddress: false, serverName: 'istio-envoy' }],
    ],
  );
});

t.test('a Sidecar says how the application is reached', async (t) => {
  const settings = { ...sidecar, inbound: [{ address: '127.0.0.1', port: 15006, appPort: 8080 }] };
  const inbound = (spec: string) => {
    const { mesh } = translate(resource('Sidecar', 'default', spec), settings);
    return mesh.clusters.find(({ name }) => name === 'inbound|8080||');
  };
  const pool = (count: number) => `{tcp: {maxConnections: ${count}}}`;
  t.match(inbound(`{inboundConnectionPool: ${pool(3)}}`), {
    circuitBreaker: { maxConnections: 3 },
  });
  const ingress = `{port: {number: 8080, name: http, protocol: HTTP}, connectionPool: ${pool(4)},
    defaultEndpoint: "127.0.0.1:9090"}`;
  t.match(inbound(`{inboundConnectionPool: ${pool(3)}, ingress: [${ingress}]}`), {
    circuitBreaker: { maxConnections: 4 },
    endpoints: [{ address: '127.0.0.1', port: 9090 }],
  });
});
