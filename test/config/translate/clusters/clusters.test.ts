import t from 'tap';
import { addresses, cluster, resource, service, sidecar, translate } from '../translate-yaml.ts';

const host = 'a.default.svc.cluster.local';

function ofSpec(spec: string, name = `outbound|80||${host}`) {
  const yaml = service('a') + resource('DestinationRule', 'a', `{host: a, ${spec}}`);
  return cluster(translate(yaml), name);
}

function ofPolicy(policy: string) {
  return ofSpec(`trafficPolicy: {${policy}}`);
}

t.test('without a rule a cluster has Istio’s defaults', async (t) => {
  t.match(cluster(translate(service('a')), `outbound|80||${host}`), {
    discovery: 'static',
    service: { host, name: host, namespace: 'default', port: 80 },
    loadBalancer: { policy: 'LEAST_REQUEST', slowStart: null },
    outlierDetection: null,
    circuitBreaker: {
      maxConnections: 4_294_967_295,
      maxPendingRequests: 4_294_967_295,
      maxRequests: 4_294_967_295,
      maxRetries: 4_294_967_295,
      retryBudget: null,
    },
    connection: {
      connectTimeoutMs: 10_000,
      idleTimeoutMs: 3_600_000,
      maxRequestsPerConnection: 0,
      maxConnectionDurationMs: 0,
      tcpKeepalive: null,
      maxConcurrentStreams: 2_147_483_647,
      http2Keepalive: null,
    },
    protocol: 'http1',
    panicThresholdPercent: 0,
  });
});

t.test('load balancers', async (t) => {
  const slowStart = { windowMs: 10_000, aggression: 1, minWeightPercent: 10 };
  const cases = [
    ['simple: UNSPECIFIED', { policy: 'LEAST_REQUEST', slowStart: null }],
    ['simple: LEAST_CONN', { policy: 'LEAST_REQUEST', slowStart: null }],
    ['simple: ROUND_ROBIN, warmup: {duration: 10s}', { policy: 'ROUND_ROBIN', slowStart }],
    ['warmupDurationSecs: 10s', { policy: 'LEAST_REQUEST', slowStart }],
    ['simple: RANDOM', { policy: 'RANDOM' }],
    ['consistentHash: {useSourceIp: true}', { policy: 'RING_HASH', minimumRingSize: 1024 }],
    [
      'consistentHash: {useSourceIp: true, minimumRingSize: 7}',
      { policy: 'RING_HASH', minimumRingSize: 7 },
    ],
    [
      'consistentHash: {useSourceIp: true, ringHash: {minimumRingSize: 9}}',
      { policy: 'RING_HASH', minimumRingSize: 9 },
    ],
    [
      'consistentHash: {useSourceIp: true, maglev: {tableSize: 1021}}',
      { policy: 'MAGLEV', tableSize: 1021 },
    ],
  ] as const;
  for (const [settings, expected] of cases) {
    t.strictSame(ofPolicy(`loadBalancer: {${settings}}`).loadBalancer, expected, settings);
  }
  const passthrough = ofPolicy('loadBalancer: {simple: PASSTHROUGH}');
  t.match(passthrough, { discovery: 'original-dst', endpoints: [] });
  t.strictSame(passthrough.loadBalancer, { policy: 'CLUSTER_PROVIDED' });
});

t.test('outlier detection', async (t) => {
  const defaults = {
    consecutive5xx: 5,
    consecutiveGatewayErrors: 0,
    splitExternalLocalOriginErrors: false,
    consecutiveLocalOriginFailures: 5,
    errorCodes: null,
    intervalMs: 10_000,
    baseEjectionMs: 30_000,
    maxEjectionMs: 300_000,
    maxEjectionPercent: 10,
  };
  const cases = [
    ['', defaults],
    [
      'consecutive5xxErrors: 0, consecutiveGatewayErrors: 3',
      { ...defaults, consecutive5xx: 0, consecutiveGatewayErrors: 3 },
    ],
    ['consecutiveErrors: 1', defaults],
    ['baseEjectionTime: 10m', { ...defaults, baseEjectionMs: 600_000, maxEjectionMs: 600_000 }],
    [
      'interval: 1s, maxEjectionPercent: 100',
      { ...defaults, intervalMs: 1000, maxEjectionPercent: 100 },
    ],
  ] as const;
  for (const [settings, expected] of cases) {
    t.strictSame(ofPolicy(`outlierDetection: {${settings}}`).outlierDetection, expected, settings);
  }
  const healthy = ofPolicy('outlierDetection: {minHealthPercent: 40}');
  t.equal(healthy.panicThresholdPercent, 40);
});

t.test('connection pools; values of zero mean the default', async (t) => {
  const { circuitBreaker, connection } = ofPolicy(`connectionPool: {
    tcp: {maxConnections: 1, connectTimeout: 250ms, idleTimeout: 1m, maxConnectionDuration: 2m,
      tcpKeepalive: {probes: 3, time: 10s, interval: 1s}},
    http: {http1MaxPendingRequests: 2, http2MaxRequests: 3, maxRetries: 4,
      maxRequestsPerConnection: 5, idleTimeout: 30s, maxConcurrentStreams: 6,
      http2KeepAlive: {interval: 40s, timeout: 5s}}},
    retryBudget: {percent: 25}`);
  t.strictSame(circuitBreaker, {
    maxConnections: 1,
    maxPendingRequests: 2,
    maxRequests: 3,
    maxRetries: 4,
    retryBudget: { percent: 25, minRetryConcurrency: 3 },
  });
  t.strictSame(connection, {
    connectTimeoutMs: 250,
    idleTimeoutMs: 30_000,
    maxRequestsPerConnection: 5,
    maxConnectionDurationMs: 120_000,
    tcpKeepalive: { timeSeconds: 10 },
    maxConcurrentStreams: 6,
    http2Keepalive: { intervalMs: 40_000, timeoutMs: 5000 },
  });
  const zero = ofPolicy('connectionPool: {tcp: {maxConnections: 0, idleTimeout: 5s}}');
  t.equal(zero.circuitBreaker.maxConnections, 4_294_967_295);
  t.equal(zero.connection.idleTimeoutMs, 5000);
  const pings = (block: string) =>
    ofPolicy(`connectionPool: {http: {http2KeepAlive: ${block}}}`).connection.http2Keepalive;
  t.strictSame(pings('{interval: 1s}'), { intervalMs: 1000, timeoutMs: 20_000 });
  t.equal(pings('{timeout: 1s}'), null, 'without an interval there is no PING');
});

t.test('policies of subsets and ports replace blocks whole', async (t) => {
  const spec = (subset: string) => `trafficPolicy: {loadBalancer: {simple: RANDOM},
      connectionPool: {tcp: {maxConnections: 1}, http: {maxRetries: 1}},
      portLevelSettings: [{port: {number: 81}, connectionPool: {tcp: {maxConnections: 2}}}]},
    subsets: [{name: s, ${subset}}]`;
  const found = (subset: string, name = 's', port = 80) => {
    const yaml =
      service('a').replace('ports: [', 'ports: [{number: 81, name: alt, protocol: HTTP}, ') +
      resource('DestinationRule', 'a', `{host: a, ${spec(subset)}}`);
    const { loadBalancer, circuitBreaker } = cluster(
      translate(yaml),
      `outbound|${port}|${name}|${host}`,
    );
    const { maxConnections, maxRetries } = circuitBreaker;
    return [loadBalancer.policy, maxConnections, maxRetries];
  };
  const none = 4_294_967_295;
  const pool = 'trafficPolicy: {connectionPool: {tcp: {maxConnections: 3}}}';
  const ports = `trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN},
      portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 4}}}]}`;
  t.strictSame(found('labels: {}', ''), ['RANDOM', 1, 1]);
  t.strictSame(found('labels: {}', '', 81), ['LEAST_REQUEST', 2, none]);
  t.strictSame(found('labels: {}'), ['RANDOM', 1, 1]);
  t.strictSame(found(pool), ['RANDOM', 3, none]);
  t.strictSame(found(pool, 's', 81), ['LEAST_REQUEST', 3, none]);
  t.strictSame(found(ports), ['LEAST_REQUEST', 4, none]);
});

t.test('a subset has the endpoints with its labels', async (t) => {
  const entry = service('a').replace(
    'endpoints: [',
    'endpoints: [{address: 10.1.0.2, labels: {version: v2, env: p}}, ',
  );
  const subsets = `subsets: [{name: v2, labels: {version: v2}}, {name: all},
    {name: none, labels: {version: v2, env: q}}]`;
  const translation = translate(entry + resource('DestinationRule', 'a', `{host: a, ${subsets}}`));
  const of = (subset: string) => addresses(translation, `outbound|80|${subset}|${host}`);
  t.strictSame(of('v2'), ['10.1.0.2:9000']);
  t.strictSame(of('all'), ['10.1.0.2:9000', '10.1.0.1:9000']);
  t.strictSame(of('none'), []);
  t.match(translation.findings, [{ code: 'SLC0214', path: 'spec.subsets[2]' }]);
});

t.test('what is known to no service', async (t) => {
  const { mesh } = translate('', sidecar);
  t.match(mesh.clusters, [
    { name: 'PassthroughCluster', discovery: 'original-dst', service: null },
    { name: 'BlackHoleCluster', discovery: 'static', endpoints: [] },
  ]);
});

t.test('blocks that no rule has are those of the mesh', async (t) => {
  const settings = {
    ...sidecar,
    mesh: {
      ...sidecar.mesh,
      defaultTrafficPolicy: {
        connectionPool: { tcp: { maxConnections: 7 } },
        outlierDetection: { consecutive5xxErrors: 3 },
      },
      tcpKeepalive: { time: '30s' },
    },
  };
  const rule = resource(
    'DestinationRule',
    'a',
    '{host: a, trafficPolicy: {connectionPool: {http: {maxRetries: 2}}}}',
  );
  const found = (yaml: string) => cluster(translate(yaml, settings), `outbound|80||${host}`);
  t.match(found(service('a')), {
    circuitBreaker: { maxConnections: 7 },
    outlierDetection: { consecutive5xx: 3 },
    connection: { tcpKeepalive: { timeSeconds: 30 } },
  });
  t.match(found(service('a') + rule), {
    circuitBreaker: { maxConnections: 4_294_967_295, maxRetries: 2 },
    outlierDetection: { consecutive5xx: 3 },
  });
});

t.test('a retry budget is that of the rule where a subset has settings for the port', async (t) => {
  const budget = (percent: number) => `retryBudget: {percent: ${percent}}`;
  const subset = (rest: string) =>
    ofSpec(
      `trafficPolicy: {${budget(10)}}, subsets: [{name: s, trafficPolicy: {${budget(30)}${rest}}}]`,
      `outbound|80|s|${host}`,
    ).circuitBreaker.retryBudget?.percent;
  t.equal(subset(''), 30);
  t.equal(
    subset(', portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: RANDOM}}]'),
    10,
  );
});

t.test('PASSTHROUGH of a rule holds for its subsets', async (t) => {
  const subset = ofSpec(
    `trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}},
      subsets: [{name: s, trafficPolicy: {loadBalancer: {simple: RANDOM}}}]`,
    `outbound|80|s|${host}`,
  );
  t.match(subset, { discovery: 'original-dst', loadBalancer: { policy: 'CLUSTER_PROVIDED' } });
});

t.test('an empty ringHash hides the old field; no local failures are not "never"', async (t) => {
  const ring = ofPolicy('loadBalancer: {consistentHash: {useSourceIp: true, ringHash: {}}}');
  t.match(ring.loadBalancer, { minimumRingSize: 1024 });
  const split = 'splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 0';
  const { outlierDetection } = ofPolicy(`outlierDetection: {${split}}`);
  t.equal(outlierDetection?.consecutiveLocalOriginFailures, 5);
});

t.test('where no name is left to resolve there is no cluster', async (t) => {
  const entry = resource(
    'ServiceEntry',
    'x',
    `{hosts: [x.com], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}],
      endpoints: [{address: a.com, labels: {version: v1}}]}`,
  );
  const subsets =
    '{host: x.com, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}';
  const { mesh } = translate(entry + resource('DestinationRule', 'x', subsets));
  const names = mesh.clusters.map(({ name }) => name).filter((name) => name.endsWith('x.com'));
  t.strictSame(names, ['outbound|80||x.com', 'outbound|80|v1|x.com']);
});

t.test('subsets of a Service without known endpoints are clusters without endpoints', async (t) => {
  const yaml = `---
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {selector: {app: a}, ports: [{name: http, port: 80}]}
`;
  const subsets = '{host: a, subsets: [{name: v1, labels: {version: v1}}, {name: all}]}';
  const translation = translate(yaml + resource('DestinationRule', 'a', subsets));
  const of = (subset: string) => cluster(translation, `outbound|80|${subset}|${host}`);
  t.match(of('v1'), { discovery: 'static', endpoints: [] });
  t.match(of('all'), { discovery: 'strict-dns', endpoints: [{ address: host }] });
});

t.test('a subset may name the place of its endpoints', async (t) => {
  const entry = service('a').replace(
    'endpoints: [',
    'endpoints: [{address: 10.1.0.2, locality: r2/z}, ',
  );
  const subset = 'subsets: [{name: far, labels: {topology.kubernetes.io/region: r2}}]';
  const translation = translate(entry + resource('DestinationRule', 'a', `{host: a, ${subset}}`));
  t.strictSame(addresses(translation, `outbound|80|far|${host}`), ['10.1.0.2:9000']);
});

t.test(
  'a DestinationRule asks for PROXY protocol, whatever the settings of a subset say',
  async (t) => {
    const random = '{loadBalancer: {simple: RANDOM}}';
    const header = (policy: string, subsetPolicy = random) => {
      const rule = `{host: a, trafficPolicy: ${policy}, subsets: [{name: s, trafficPolicy: ${subsetPolicy}}]}`;
      const translation = translate(service('a') + resource('DestinationRule', 'a', rule));
      const named = (subset: string) => `outbound|80|${subset}|a.default.svc.cluster.local`;
      return ['', 's'].map((subset) => cluster(translation, named(subset)).proxyProtocol);
    };
    const ofPort = '{portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: RANDOM}}]}';
    t.strictSame(header(random), [null, null]);
    t.strictSame(header('{proxyProtocol: {}}'), ['V1', 'V1']);
    t.strictSame(header('{proxyProtocol: {version: V2}}', ofPort), ['V2', 'V2']);
    t.strictSame(header(random, '{proxyProtocol: {version: V2}}'), [null, 'V2']);
    t.strictSame(
      header(`{proxyProtocol: {version: V2}, ${ofPort.slice(1)}`),
      [null, null],
      'settings of a port of the rule replace the rest, as in Istio',
    );
  },
);
