import t from 'tap';
import type { ProxySettings } from '../../../../src/config/proxy-settings.ts';
import { loadResources } from '../../../support/load-resources.ts';
import { cluster, resource, service, sidecar, translate } from '../translate-yaml.ts';

const host = 'a.default.svc.cluster.local';
const name = `outbound|80||${host}`;

/** A resource with the annotation. */
function annotated(yaml: string, text: string): string {
  const annotations = `annotations: {sluice.dev/health-check: ${JSON.stringify(text)}}`;
  return yaml.replace(/metadata: \{/, `metadata: {${annotations}, `);
}

const rule = resource('DestinationRule', 'a', '{host: a}');
const tcp = 'tcpHealthCheck: {}';

function checkOf(yaml: string, settings: ProxySettings = sidecar) {
  return cluster(translate(yaml, settings), name).healthCheck;
}

t.test('without a word there are no checks', async (t) => {
  t.equal(checkOf(service('a')), null);
});

t.test('defaults are those of a readinessProbe, and of Envoy', async (t) => {
  t.same(checkOf(annotated(service('a'), 'httpHealthCheck: {path: /healthz}')), {
    timeoutMs: 1_000,
    intervalMs: 10_000,
    intervalJitterMs: 0,
    intervalJitterPercent: 10,
    initialJitterMs: 0,
    unhealthyThreshold: 3,
    healthyThreshold: 1,
    noTrafficIntervalMs: 60_000,
    noTrafficHealthyIntervalMs: 60_000,
    unhealthyIntervalMs: 10_000,
    unhealthyEdgeIntervalMs: 10_000,
    healthyEdgeIntervalMs: 10_000,
    tls: null,
    check: {
      kind: 'http',
      codec: 'http1',
      path: '/healthz',
      host,
      method: 'GET',
      expectedStatuses: [{ start: 200, end: 201 }],
      retriableStatuses: [],
      headers: {},
    },
  });
});

t.test('every field', async (t) => {
  const text = JSON.stringify({
    timeout: '2s',
    interval: '3s',
    unhealthyThreshold: 4,
    healthyThreshold: 5,
    initialJitter: '6s',
    intervalJitter: '7s',
    intervalJitterPercent: 8,
    no_traffic_interval: '9s',
    noTrafficHealthyInterval: '10s',
    unhealthyInterval: '11s',
    unhealthyEdgeInterval: '12s',
    healthyEdgeInterval: '13s',
    http_health_check: {
      path: '/',
      host: 'b',
      method: 'HEAD',
      expected_statuses: [{ start: 200, end: 400 }],
      retriable_statuses: [{ start: 500, end: 600 }],
      headers: { 'X-Probe': '1' },
    },
  });
  t.same(checkOf(annotated(service('a'), text)), {
    tls: null,
    timeoutMs: 2_000,
    intervalMs: 3_000,
    unhealthyThreshold: 4,
    healthyThreshold: 5,
    initialJitterMs: 6_000,
    intervalJitterMs: 7_000,
    intervalJitterPercent: 8,
    noTrafficIntervalMs: 9_000,
    noTrafficHealthyIntervalMs: 10_000,
    unhealthyIntervalMs: 11_000,
    unhealthyEdgeIntervalMs: 12_000,
    healthyEdgeIntervalMs: 13_000,
    check: {
      kind: 'http',
      codec: 'http1',
      path: '/',
      host: 'b',
      method: 'HEAD',
      expectedStatuses: [{ start: 200, end: 400 }],
      retriableStatuses: [{ start: 500, end: 600 }],
      headers: { 'x-probe': '1' },
    },
  });
});

t.test('over TCP', async (t) => {
  t.same(checkOf(annotated(service('a'), tcp))?.check, { kind: 'tcp', send: null, receive: [] });
  const text = 'tcpHealthCheck: {send: {text: "50"}, receive: [{text: "4f"}, {text: "4b"}]}';
  t.same(checkOf(annotated(service('a'), text))?.check, {
    kind: 'tcp',
    send: '50',
    receive: ['4f', '4b'],
  });
});

t.test('a DestinationRule wins over the service, which wins over the Bootstrap', async (t) => {
  const http = 'httpHealthCheck: {path: /}';
  const settings = { ...sidecar, healthChecks: [{ httpHealthCheck: { path: '/' } }] };
  t.equal(checkOf(annotated(service('a'), http) + annotated(rule, tcp))?.check.kind, 'tcp');
  t.equal(checkOf(annotated(service('a'), tcp) + rule, settings)?.check.kind, 'tcp');
  t.equal(checkOf(service('a'), settings)?.check.kind, 'http');
  t.equal(checkOf(annotated(service('a'), 'off'), settings), null);
});

t.test('of the Bootstrap the first item with the host', async (t) => {
  const paths: readonly (readonly [string[] | undefined, string])[] = [
    [['b.example.com', '*.prod.svc.cluster.local'], '/1'],
    [['*.default.svc.cluster.local'], '/2'],
    [[host], '/3'],
    [undefined, '/4'],
  ];
  const healthChecks = paths.map(([hosts, path]) => ({
    ...(hosts === undefined ? {} : { hosts }),
    httpHealthCheck: { path },
  }));
  const pathOf = (from: number) => {
    const settings = { ...sidecar, healthChecks: healthChecks.slice(from) };
    return checkOf(service('a'), settings)?.check;
  };
  for (const [from, path] of [
    [0, '/2'],
    [2, '/3'],
    [3, '/4'],
  ] as const) {
    t.match(pathOf(from), { path });
  }
});

t.test('what lets the request choose its endpoint has nothing to check', async (t) => {
  const passthrough = resource(
    'DestinationRule',
    'a',
    '{host: a, trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}}',
  );
  t.equal(checkOf(annotated(service('a'), tcp) + passthrough), null);
});

t.test('a Service of Kubernetes may have it', async (t) => {
  const yaml = `
apiVersion: v1
kind: Service
metadata: {name: a, namespace: default}
spec: {ports: [{port: 80, name: http}]}
`;
  t.equal(checkOf(annotated(yaml, tcp))?.check.kind, 'tcp');
});

/** Text of the annotation, and what is said of it. */
const mistakes: readonly (readonly [string, string])[] = [
  ['{', 'SLC0032 the annotation is no valid YAML'],
  ['5s', 'SLC0032 the annotation must be an object or "off"'],
  ['*a', 'SLC0032 the annotation is no valid YAML'],
  ['interval: 5s', 'IST0106 the health check does not say what to check'],
  [`{${tcp}, interval: 5}`, 'SLC0032 interval: "5" is not a duration'],
  [`{${tcp}, timeout: 0s}`, 'IST0106 the duration 0s must be 1ms or more'],
  [`{${tcp}, initialJitter: -1s}`, 'IST0106 the duration -1s must not be negative'],
  [`{${tcp}, unhealthyThreshold: 0}`, 'SLC0032'],
  [`{${tcp}, intervl: 5s}`, 'SLC0030 unknown field "intervl"'],
  [`{${tcp}, httpHealthCheck: {path: /}}`, 'SLC0034'],
  ['httpHealthCheck: {}', 'SLC0033'],
  ['httpHealthCheck: {path: healthz}', 'IST0106 the path "healthz" must begin with "/"'],
  ['httpHealthCheck: {path: "/a b"}', 'IST0106 the character U+0020 cannot stand here'],
  ['httpHealthCheck: {path: /ä}', 'IST0106 the character U+00E4 cannot stand here'],
  ['httpHealthCheck: {path: /, host: "a b"}', 'IST0106 the character U+0020'],
  ['httpHealthCheck: {path: /, method: CONNECT}', 'SLC0032'],
  [
    'httpHealthCheck: {path: /, expectedStatuses: [{start: 300, end: 200}]}',
    'IST0106 statuses from 300 to below 200 cannot be',
  ],
  ['httpHealthCheck: {path: /, headers: {"a b": c}}', 'IST0106 "a b" is not a header name'],
  ['httpHealthCheck: {path: /, headers: {Host: c}}', 'IST0106 the header "Host" cannot be set'],
  ['httpHealthCheck: {path: /, headers: {a: "b\\nc: d"}}', 'IST0106 the character U+000A'],
  ['tcpHealthCheck: {send: {text: PING}}', 'IST0106 "PING" is not hexadecimal'],
  ['grpcHealthCheck: {serviceName: a}', 'SLC0035 "grpcHealthCheck" has no effect'],
  [`{${tcp}, tlsOptions: {}}`, 'SLC0035'],
];

for (const [text, expected] of mistakes) {
  t.test(`the mistake in ${text}`, async (t) => {
    const yaml = annotated(service('a'), text);
    const { findings } = loadResources([{ path: 'a.yaml', text: yaml }]);
    t.equal(findings.length, 1);
    const [{ code, message, line, path } = { code: '', message: '', line: 0, path: '' }] = findings;
    t.ok(`${code} ${message}`.startsWith(expected), `${code} ${message}`);
    t.equal(line, 4);
    t.match(path, /^metadata\.annotations\["sluice\.dev\/health-check"\]/);
  });
}

t.test('mistakes in a Bootstrap have their own places', async (t) => {
  const text = `
apiVersion: sluice.dev/v1
kind: Bootstrap
spec:
  healthChecks:
  - hosts: [a b]
    tcpHealthCheck: {}
  - httpHealthCheck: {path: a}
`;
  const { findings } = loadResources([{ path: 'a.yaml', text }]);
  t.same(
    findings.map(({ line, path }) => `${line} ${path}`),
    ['6 spec.healthChecks[0].hosts[0]', '8 spec.healthChecks[1].httpHealthCheck.path'],
  );
});

t.test('gRPC is not checked yet: its endpoints count as healthy', async (t) => {
  t.equal(checkOf(annotated(service('a'), 'grpcHealthCheck: {}')), null);
});

t.test('a check speaks what requests speak, unless it says otherwise', async (t) => {
  const codec = (port: string, text: string) => {
    const yaml = annotated(service('a').replace('protocol: HTTP', `protocol: ${port}`), text);
    return cluster(translate(yaml, sidecar), name).healthCheck?.check;
  };
  const check = (codecClientType: string) => `httpHealthCheck: {path: /${codecClientType}}`;
  t.match(codec('HTTP', check('')), { codec: 'http1' });
  t.match(codec('HTTP2', check('')), { codec: 'http2' });
  t.match(codec('GRPC', check('')), { codec: 'http2' });
  t.match(codec('HTTP2', check(', codecClientType: HTTP1')), { codec: 'http1' });
  t.match(codec('HTTP', check(', codecClientType: HTTP2')), { codec: 'http2' });
});

t.test('checks use TLS where requests do', async (t) => {
  const tls = (text: string, check: string) => {
    const policy = resource('DestinationRule', 'a', `{host: a, trafficPolicy: {${text}}}`);
    return checkOf(annotated(service('a'), check) + policy)?.tls;
  };
  const simple = 'tls: {mode: SIMPLE}';
  const upgrade = `connectionPool: {http: {h2UpgradePolicy: UPGRADE}}, ${simple}`;
  const path = 'httpHealthCheck: {path: /';
  t.match(tls(simple, `${path}}`), { sni: host, autoSanValidation: true, alpn: ['http/1.1'] });
  t.match(tls(simple, `${path}, host: "x.example:8443"}`), { sni: 'x.example' });
  t.match(tls(upgrade, `${path}}`), { alpn: ['h2'] });
  t.match(tls(upgrade, `${path}, codecClientType: HTTP1}`), { alpn: ['http/1.1'] });
  t.match(tls(simple, tcp), {
    sni: host,
    autoSanValidation: true,
    alpn: [],
    validation: { trustedCa: null },
  });
});
