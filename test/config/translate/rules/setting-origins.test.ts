import t from 'tap';
import type { SettingOrigins } from '../../../../src/model/origin.ts';
import { sidecar, translate } from '../translate-yaml.ts';

/** `timeout: web:12`, each: the resource and the line that say it. */
function places(origins: SettingOrigins | undefined): string[] {
  return Object.entries(origins ?? {})
    .map(([field, { name, line }]) => `${field}: ${name}:${line}`)
    .sort();
}

const service = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: web}
spec:
  hosts: [web.test]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}, {number: 81, name: more, protocol: HTTP}]
  endpoints: [{address: 10.0.0.1, labels: {version: v1}}]
---
`;

t.test('fields of a rule and of its delegate have their own places', async (t) => {
  const { mesh } = translate(`${service}apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: root}
spec:
  hosts: [web.test]
  http:
  - match: [{uri: {prefix: /a}}]
    timeout: 3s
    delegate: {name: part}
  - retries: {attempts: 1}
    headers: {request: {set: {x-a: b}}}
    route: [{destination: {host: web.test}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: part}
spec:
  http:
  - retries: {attempts: 2}
    route:
    - destination: {host: web.test}
`);
  const host = mesh.routeTables[0]?.virtualHosts.find(({ name }) => name === 'web.test:80');
  t.same(
    host?.routes.map(({ settingOrigins }) => places(settingOrigins)),
    [
      ['retries: part:28', 'route: part:29', 'timeout: root:17'],
      ['headers: root:20', 'retries: root:19', 'route: root:21'],
    ],
  );
});

t.test('what an Ingress asks by annotations', async (t) => {
  const local = { ...sidecar, selectorsApply: false };
  const { mesh } = translate(
    `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{name: http, port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations:
    nginx.ingress.kubernetes.io/limit-rps: "5"
    nginx.ingress.kubernetes.io/limit-connections: "3"
    nginx.ingress.kubernetes.io/proxy-body-size: 8m
    nginx.ingress.kubernetes.io/whitelist-source-range: 10.0.0.0/8
    nginx.ingress.kubernetes.io/proxy-read-timeout: "60"
    nginx.ingress.kubernetes.io/custom-http-errors: "404"
    nginx.ingress.kubernetes.io/default-backend: web
spec:
  rules:
  - host: shop.test
    http:
      paths:
      - path: /
        pathType: Prefix
        backend: {service: {name: web, port: {number: 80}}}
`,
    local,
  );
  const table = mesh.routeTables.find(({ name }) => name === 'http.80');
  const route = table?.virtualHosts.find(({ name }) => name === 'shop.test:80')?.routes[0];
  const said = places(route?.settingOrigins).filter((place) => !place.startsWith('route'));
  t.same(said, [
    'concurrencyLimits: shop:12',
    'errorResponses: shop:16',
    'idleTimeoutMs: shop:15',
    'maxRequestBytes: shop:13',
    'rateLimits: shop:11',
    'sourceIps: shop:14',
  ]);
});

t.test('blocks of a traffic policy: of the rule, its port, its subset, another rule', async (t) => {
  const { mesh } = translate(`${service}apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: subsets, creationTimestamp: '2020-01-01T00:00:00Z'}
spec:
  host: web.test
  subsets:
  - name: v1
    labels: {version: v1}
    trafficPolicy:
      outlierDetection: {consecutive5xxErrors: 2}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: policy, creationTimestamp: '2021-01-01T00:00:00Z'}
spec:
  host: web.test
  trafficPolicy:
    loadBalancer: {simple: RANDOM}
    portLevelSettings:
    - port: {number: 81}
      connectionPool: {http: {http1MaxPendingRequests: 7}}
`);
  const of = (name: string) =>
    places(mesh.clusters.find((cluster) => cluster.name === name)?.settingOrigins);
  t.same(of('outbound|80||web.test'), ['loadBalancer: policy:27']);
  t.same(of('outbound|81||web.test'), ['connectionPool: policy:30']);
  t.same(of('outbound|80|v1|web.test'), [
    'loadBalancer: policy:27',
    'outlierDetection: subsets:19',
  ]);
  t.same(of('PassthroughCluster'), []);
});
