import t from 'tap';
import {
  failuresOf,
  routingConfig,
  runYaml,
  service,
  virtualService,
} from './routing-tests-fixture.ts';

// Where a request comes in: the Gateway or the mesh, by port, scheme and who sends it.

function gateway(name: string, servers: string): string {
  return `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ${name}}
spec: {servers: [${servers}]}
---
`;
}

const tls = 'tls: {mode: SIMPLE, serverCertificate: /a.pem, privateKey: /a.key}';
const rules =
  gateway(
    'front',
    `{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example]},
  {port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example], ${tls}}`,
  ) +
  gateway(
    'side',
    '{port: {number: 8080, name: http, protocol: HTTP}, hosts: [side.example], tls: {httpsRedirect: true}}',
  ) +
  service('web', 80) +
  service('admin', 9000) +
  virtualService(
    'shop',
    `
hosts: [shop.example]
gateways: [front, mesh]
http:
- name: secure
  match: [{port: 443}]
  route: [{destination: {host: web}}]
- name: outside
  match: [{gateways: [front]}]
  route: [{destination: {host: web}}]
- name: inside
  route: [{destination: {host: web}}]
`,
  ) +
  virtualService(
    'side',
    'hosts: [side.example]\ngateways: [side]\nhttp: [{name: side, route: [{destination: {host: web}}]}]',
  ) +
  virtualService(
    'admin',
    `
hosts: [admin]
http:
- name: batch
  match: [{sourceLabels: {app: batch}}]
  route: [{destination: {host: admin}}]
- name: tools
  match: [{sourceNamespace: tools}]
  route: [{destination: {host: admin}}]
- name: others
  route: [{destination: {host: admin}}]
`,
  );

const found: readonly (readonly [request: string, routeName: string])[] = [
  ['authority: shop.example', 'outside'],
  ['{authority: shop.example, scheme: https}', 'secure'],
  ['{authority: shop.example, port: 443}', 'secure'],
  ['{authority: shop.example, gateway: front, port: 80}', 'outside'],
  ['{authority: shop.example, gateway: default/front}', 'outside'],
  ['{authority: shop.example, gateway: mesh}', 'inside'],
  ['{authority: shop.example, sourceLabels: {app: a}}', 'inside'],
  ['{authority: "admin:9000"}', 'others'],
  ['{authority: admin, port: 9000}', 'others'],
  ['{authority: admin, port: 9000, sourceLabels: {app: batch, version: v1}}', 'batch'],
  ['{authority: admin.default, port: 9000, sourceNamespace: tools}', 'tools'],
];

t.test('a request comes in where its host is known, or where it is said', async (t) => {
  for (const [request, routeName] of found) {
    const text = request.startsWith('{') ? request : `{${request}}`;
    t.same(failuresOf(rules, `request: ${text}\nrouteName: ${routeName}`), [], request);
  }
});

const refused: readonly (readonly [request: string, message: RegExp])[] = [
  ['{authority: shop.example, gateway: fornt}', /no Gateway "fornt"; there are: default\/front/],
  ['{authority: shop.example, gateway: side, scheme: https}', /takes no https requests/],
  ['{authority: shop.example, gateway: front, port: 81}', /at port 81/],
  ['{authority: shop.example, gateway: front, sourceNamespace: a}', /are for the mesh/],
  ['{authority: shop.example, method: "A B"}', /no method/],
  ['{authority: shop.example, headers: {"a b": c}}', /no name of a header/],
  ['{authority: ""}', /authority is a host, with a port if need be, not ""/],
  ['{authority: shop.example/cart}', /not "shop.example\/cart"/],
];

t.test('the port of an authority tells servers of a Gateway apart', async (t) => {
  const server = (port: number) =>
    `{port: {number: ${port}, name: http-${port}, protocol: HTTP}, hosts: [shop.example]}`;
  const twoPorts =
    service('web') +
    gateway('front', `${server(80)}, ${server(8080)}`) +
    virtualService(
      'shop',
      `hosts: [shop.example]
gateways: [front]
http:
- {name: second, match: [{port: 8080}], route: [{destination: {host: web}}]}
- {name: first, route: [{destination: {host: web}}]}`,
    );
  const places: readonly (readonly [request: string, routeName: string])[] = [
    ['{authority: "shop.example:8080"}', 'second'],
    ['{authority: "shop.example:8080", gateway: front}', 'second'],
    ['{authority: "shop.example:80"}', 'first'],
    ['{authority: "shop.example:8080", port: 80}', 'first'],
    ['{authority: shop.example}', 'first'],
  ];
  for (const [request, routeName] of places) {
    t.same(failuresOf(twoPorts, `request: ${request}\nrouteName: ${routeName}`), [], request);
  }
});

t.test('a request that nothing takes fails its test, whatever is wanted', async (t) => {
  for (const [request, message] of refused) {
    for (const wantMatch of [true, false]) {
      const told = failuresOf(rules, `request: ${request}\nwantMatch: ${wantMatch}`);
      t.match(told, [message], request);
    }
  }
});

t.test('a Gateway that only redirects to https', async (t) => {
  const request = 'request: {authority: "side.example:8080", uri: /a}\n';
  t.same(failuresOf(rules, `${request}status: 301\nlocation: "https://side.example:8080/a"`), []);
});

t.test('hosts that nothing knows have no route, though the mesh lets them pass', async (t) => {
  const request = 'request: {authority: other.example, gateway: [mesh, front]}\n';
  t.same(failuresOf(rules, `${request}wantMatch: false`), []);
  t.same(failuresOf(rules, request), ['no route is found', 'no route is found']);
});

t.test('a Gateway that is not in the configuration serves every host', async (t) => {
  const lonely = virtualService(
    'a',
    'hosts: [a.example]\ngateways: [infra/public]\nhttp: [{name: a, route: [{destination: {host: b}}]}]',
  );
  const request = '{authority: a.example, gateway: infra/public}';
  t.same(failuresOf(lonely, `request: ${request}\nrouteName: a`), []);
  t.same(failuresOf(lonely, 'request: {authority: b.example}\nstatus: 404'), []);
});

t.test('a rule of a delegate', async (t) => {
  const delegating =
    service('web') +
    virtualService(
      'root',
      'hosts: [web]\nhttp: [{match: [{uri: {prefix: /a}}], delegate: {name: leaf}}]',
    ) +
    virtualService('leaf', 'http: [{name: leaf, route: [{destination: {host: web}}]}]');
  const request = 'request: {authority: web, uri: /a}\n';
  t.same(failuresOf(delegating, `${request}delegate: {name: leaf, namespace: default}`), []);
  t.same(failuresOf(delegating, `${request}delegate: {name: other}`), [
    'delegate.name: other, leaf',
  ]);
  t.same(failuresOf(delegating, `${request}virtualService: leaf`), []);
  const { coverage } = runYaml(delegating, `testCases: [{description: a, ${request.trim()}}]`);
  t.match(coverage, { reached: 1, routes: [{ resource: 'VirtualService default/leaf' }] });
});

t.test('the endpoint that a hash chooses', async (t) => {
  const hashed = `${service('web')}apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web, labels: {kubernetes.io/service-name: web}}
ports: [{name: http, port: 80}]
endpoints: [{addresses: [10.0.0.1]}, {addresses: [10.0.0.2]}, {addresses: [10.0.0.3]}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec: {host: web, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user}}}}
`;
  const request = (user: string) => `request: {authority: web, headers: {x-user: ${user}}}\n`;
  const [told = ''] = failuresOf(hashed, `${request('ann')}endpoint: nobody`);
  const address = /^endpoint: nobody, (10\.0\.0\.[123]:80)$/.exec(told)?.[1];
  t.same(failuresOf(hashed, `${request('ann')}endpoint: ${address}`), []);
  const without = 'request: {authority: web}\nendpoint: 10.0.0.1:80';
  t.same(failuresOf(hashed, without), ['endpoint: 10.0.0.1:80, any of several']);
});

t.test('a sender is translated for once', async (t) => {
  const config = routingConfig(rules);
  const sender = { labels: { a: '1', b: '2' }, namespace: null, port: null, address: null };
  const again = { ...sender, labels: { b: '2', a: '1' } };
  t.equal(config.sidecarOf(sender), config.sidecarOf(again));
  t.not(config.sidecarOf(sender), config.sidecarOf({ ...sender, port: 80 }));
  t.not(config.sidecarOf(sender), config.sidecarOf({ ...sender, address: '10.0.0.1' }));
});

t.test('a configuration that sluice run refuses is refused', async (t) => {
  for (const rule of ['{rout: []}', '{route: [{destination: {host: a}}], timeout: 0ms}']) {
    t.throws(() => routingConfig(virtualService('a', `hosts: [a]\nhttp: [${rule}]`)), rule);
  }
});
