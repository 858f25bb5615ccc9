/** How endpoints are chosen and spoken to, and what becomes of errors and copies. */

import t from 'tap';
import type { TrafficPolicy } from '../../../../../src/config/schema/destination-rule.ts';
import { annotated, ingress, kubernetesService, routesFor, said } from './annotated.ts';

const host = 'web.default.svc.cluster.local';

/** The policy of the only subset. */
function policyFor(annotations: Record<string, string>, parts = {}): TrafficPolicy | undefined {
  const { destinationRules } = annotated(ingress(annotations, parts));
  return destinationRules[0]?.subsets?.[0]?.trafficPolicy;
}

t.test('blocks of a policy', async (t) => {
  const tls = { mode: 'SIMPLE', insecureSkipVerify: true };
  const http2 = { http: { h2UpgradePolicy: 'UPGRADE' } };
  const cases: readonly [Record<string, string>, object | undefined][] = [
    [{}, undefined],
    [{ 'backend-protocol': 'http' }, undefined],
    [{ 'backend-protocol': 'HTTPS' }, { tls }],
    [{ 'secure-backends': 'true' }, { tls }],
    [{ 'backend-protocol': 'GRPC' }, { connectionPool: http2 }],
    [
      { 'grpc-backend': 'true', 'secure-backends': 'true' },
      { connectionPool: http2, tls },
    ],
    [{ 'proxy-connect-timeout': '7' }, { connectionPool: { tcp: { connectTimeout: '7s' } } }],
    [{ 'load-balance': 'round_robin' }, { loadBalancer: { simple: 'ROUND_ROBIN' } }],
    [{ 'load-balance': 'ewma' }, { loadBalancer: { simple: 'LEAST_REQUEST' } }],
    [
      { 'upstream-hash-by': '$remote_addr' },
      { loadBalancer: { consistentHash: { useSourceIp: true } } },
    ],
    [
      { 'upstream-hash-by': '${arg_user}-x', 'load-balance': 'ewma' },
      { loadBalancer: { consistentHash: { httpQueryParameterName: 'user' } } },
    ],
    [
      { 'upstream-hash-by': '$cookie_id' },
      { loadBalancer: { consistentHash: { httpCookie: { name: 'id' } } } },
    ],
  ];
  for (const [annotations, policy] of cases) {
    t.same(policyFor(annotations), policy, JSON.stringify(annotations));
  }
});

t.test('cookies of clients that stay', async (t) => {
  const cookie = (annotations: Record<string, string>, path = '/') =>
    policyFor({ affinity: 'cookie', ...annotations }, { paths: [path] })?.loadBalancer
      ?.consistentHash?.httpCookie;
  t.same(cookie({}, '/app'), { name: 'INGRESSCOOKIE', path: '/app', ttl: '0s', attributes: [] });
  t.match(cookie({ 'use-regex': 'true' }, '/app.*'), { path: '/' });
  t.same(
    cookie({
      'session-cookie-name': 'id',
      'session-cookie-path': '/x',
      'session-cookie-expires': '5',
      'session-cookie-max-age': '6',
      'session-cookie-samesite': 'none',
      'session-cookie-secure': 'true',
      'session-cookie-domain': 'a.com',
    }),
    {
      name: 'id',
      ttl: '6s',
      path: '/x',
      attributes: [
        { name: 'Domain', value: 'a.com' },
        { name: 'SameSite', value: 'None' },
        { name: 'Secure' },
      ],
    },
  );
});

t.test('a hash of several things', async (t) => {
  const [route] = routesFor({ 'upstream-hash-by': '$request_uri$http_X_User$request_uri' });
  t.same(route?.extension?.hashPolicies, [
    { kind: 'header', name: ':path' },
    { kind: 'header', name: 'x-user' },
  ]);
  t.match(said(annotated(ingress({ 'upstream-hash-by': 'text' }))), [/cannot be "text"/]);
  t.match(said(annotated(ingress({ 'upstream-hash-by': '$pid' }))), [/cannot be "\$pid"/]);
});

t.test('a subset for each policy, beside what the user has', async (t) => {
  const rules = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: own}
spec: {host: "*.default.svc.cluster.local", trafficPolicy: {loadBalancer: {simple: RANDOM}}}
`;
  const made = annotated(
    ingress({ affinity: 'cookie' }, { paths: ['/a', '/b'] }),
    ingress({ 'backend-protocol': 'HTTPS' }, { name: 'other', host: 'b.com' }),
    rules,
  );
  t.match(made.destinationRules, [
    {
      host,
      trafficPolicy: { loadBalancer: { simple: 'RANDOM' } },
      subsets: [{ name: 'ingress-main' }, { name: 'ingress-main-2' }, { name: 'ingress-other' }],
    },
  ]);
  t.same(
    made.routes.get('a.com')?.map(({ route }) => route?.[0]?.destination.subset),
    ['ingress-main', 'ingress-main-2'],
  );
  const same = annotated(
    ingress({ affinity: 'cookie' }),
    rules.replace('"*.default.svc.cluster.local"', 'web'),
  );
  t.equal(same.destinationRules[0]?.trafficPolicy, undefined, 'it becomes one with that rule');
  const selector = 'spec: {workloadSelector: {matchLabels: {app: some}}, ';
  const ofSome = annotated(
    ingress({ affinity: 'cookie' }),
    rules.replace('spec: {', selector).replace('"*.default.svc.cluster.local"', 'web'),
    rules.replace('name: own', 'name: wide'),
  );
  t.match(
    ofSome.destinationRules[0]?.trafficPolicy,
    { loadBalancer: { simple: 'RANDOM' } },
    'not with one for some workloads',
  );
});

t.test('when a request is tried again', async (t) => {
  const retries = (annotations: Record<string, string>) =>
    routesFor(annotations).map(({ match, retries }) => [match?.[0]?.method?.regex, retries]);
  const next = 'proxy-next-upstream';
  const early = 'connect-failure,refused-stream';
  t.same(retries({}), [[undefined, undefined]]);
  t.same(retries({ [next]: 'off' }), [[undefined, { attempts: 0 }]]);
  t.same(retries({ [`${next}-tries`]: '1' }), [[undefined, { attempts: 0 }]]);
  t.same(retries({ [next]: 'timeout' }), [[undefined, { attempts: 2, retryOn: early }]]);
  t.same(retries({ [`${next}-tries`]: '0' }), [
    ['POST|LOCK|PATCH', { attempts: 9, retryOn: early }],
    [undefined, { attempts: 9, retryOn: `${early},reset` }],
  ]);
  t.same(retries({ [next]: 'http_503' }), [
    ['POST|LOCK|PATCH', { attempts: 0 }],
    [undefined, { attempts: 2, retryOn: '503' }],
  ]);
  t.same(retries({ [next]: 'http_503 non_idempotent' }), [
    [undefined, { attempts: 2, retryOn: '503' }],
  ]);
  t.match(said(annotated(ingress({ [next]: 'http_5xx' }))), [/cannot be "http_5xx"/]);
});

t.test('pauses of the endpoint', async (t) => {
  t.equal(routesFor({ 'proxy-read-timeout': '90' })[0]?.extension?.idleTimeoutMs, 90_000);
  t.equal(routesFor({ 'proxy-send-timeout': '5' })[0]?.extension?.sendTimeoutMs, 5_000);
});

t.test('a Service that answers for errors', async (t) => {
  const annotations = { 'custom-http-errors': '404,503', 'default-backend': 'pages' };
  const { routes } = annotated(ingress(annotations), kubernetesService('pages', 8080));
  t.same(routes.get('a.com')?.[0]?.extension?.errorResponses, {
    statuses: [404, 503],
    withoutEndpoints: true,
    destination: { host: 'pages.default.svc.cluster.local', port: { number: 8080 } },
    requestHeaders: {
      'x-namespace': 'default',
      'x-ingress-name': 'main',
      'x-service-name': 'web',
      'x-service-port': '80',
    },
  });
  t.match(said(annotated(ingress(annotations))), [/default-backend cannot be "pages"/]);
  t.match(said(annotated(ingress({ 'custom-http-errors': '404' }))), [/there is nobody to answer/]);
  const wrong = { ...annotations, 'custom-http-errors': '200' };
  const made = annotated(ingress(wrong), kubernetesService('pages'));
  t.match(said(made), [/cannot be "200"/]);
  t.match(made.routes.get('a.com')?.[0]?.extension?.errorResponses, {
    statuses: [],
    withoutEndpoints: true,
  });
});

t.test('copies', async (t) => {
  const copies = (target: string) => {
    const made = annotated(ingress({ 'mirror-target': target }), kubernetesService('copy'));
    const [route] = made.routes.get('a.com') ?? [];
    const { destination } = route?.mirrors?.[0] ?? {};
    const entry = made.serviceEntries[0];
    return [destination, entry?.hosts, entry?.resolution, made.destinationRules.length];
  };
  const port = (number: number) => ({ number });
  const service = 'copy.default.svc.cluster.local';
  t.same(copies('http://copy.default'), [
    { host: service, port: port(80) },
    undefined,
    undefined,
    0,
  ]);
  t.same(copies(`http://${service}:8080/$request_uri`)[0], { host: service, port: port(8080) });
  t.same(copies('https://Test.example.com$request_uri'), [
    { host: 'test.example.com', port: port(443) },
    ['test.example.com'],
    'DNS',
    1,
  ]);
  t.same(copies('http://10.0.0.7:81/'), [
    { host: '10-0-0-7.mirror.internal', port: port(81) },
    ['10-0-0-7.mirror.internal'],
    'STATIC',
    0,
  ]);
});

t.test('TLS of a mirror is that of its port alone', async (t) => {
  const made = annotated(
    ingress({ 'mirror-target': 'http://copy.example' }, { name: 'a' }),
    ingress({ 'mirror-target': 'https://copy.example:8443' }, { name: 'b', host: 'b.com' }),
    ingress({ 'mirror-target': 'https://copy.example' }, { name: 'c', host: 'c.com' }),
  );
  t.same(
    made.serviceEntries.map(({ hosts, ports }) => [hosts, ports?.map(({ number }) => number)]),
    [[['copy.example'], [80, 8443, 443]]],
  );
  const tls = { mode: 'SIMPLE', sni: 'copy.example', insecureSkipVerify: true };
  t.same(made.destinationRules, [
    {
      host: 'copy.example',
      trafficPolicy: {
        portLevelSettings: [
          { port: { number: 8443 }, tls },
          { port: { number: 443 }, tls },
        ],
      },
    },
  ]);
});
