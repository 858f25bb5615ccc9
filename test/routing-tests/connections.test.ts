import t from 'tap';
import { failuresOf, runYaml, service, virtualService } from './routing-tests-fixture.ts';

// Test cases without an authority: connections that `tcp` and `tls` rules route.

function entry(name: string, rest: string): string {
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}}
spec: {hosts: [${name}.test], resolution: STATIC, ${rest}}
---
`;
}

const rules = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front}
spec:
  servers:
  - port: {number: 443, name: tls, protocol: TLS}
    hosts: ["*.example"]
    tls: {mode: PASSTHROUGH}
  - port: {number: 6379, name: tcp, protocol: TCP}
    hosts: ["*"]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: store}
spec:
  host: store.test
  trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true}}}
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
---
${service('web', 443)}${entry(
  'store',
  `addresses: [240.0.0.1], ports: [{number: 6379, name: tcp, protocol: TCP}],
  endpoints: [{address: 10.0.0.1, labels: {version: v1}}, {address: 10.0.0.2, labels: {version: v2}}]`,
)}${entry(
  'other',
  `addresses: [240.0.0.2], ports: [{number: 6379, name: tcp, protocol: TCP}],
  endpoints: [{address: 10.0.0.9}]`,
)}${virtualService(
  'store',
  `
hosts: [store.test]
gateways: [mesh, front]
tcp:
- match: [{gateways: [mesh], sourceLabels: {app: web}}]
  route: [{destination: {host: store.test, subset: v2}}]
- match: [{gateways: [mesh], destinationSubnets: [10.9.0.0/16]}]
  route: [{destination: {host: store.test, subset: v1}}]
- route:
  - {destination: {host: store.test, subset: v1}, weight: 3}
  - {destination: {host: store.test, subset: v2}, weight: 1}
`,
)}${virtualService(
  'site',
  `
hosts: ["*.example"]
gateways: [front]
tls:
- match: [{sniHosts: [a.example]}]
  route: [{destination: {host: web}}]
- match: [{sniHosts: [b.example, c.example]}]
  route: [{destination: {host: store.test, port: {number: 6379}}}]
`,
)}`;

const to = (destination: string) => `route: [{destination: {${destination}}}]`;

t.test('a server name chooses the rule of a Gateway that passes TLS on', async (t) => {
  t.same(failuresOf(rules, `request: {port: 443, sni: A.example}\n${to('host: web')}`), []);
  const both = 'request: {gateway: front, sni: [b.example, c.example]}';
  t.same(failuresOf(rules, `${both}\n${to('host: store.test')}\nvirtualService: site`), []);
  t.same(failuresOf(rules, `${both}\n${to('host: web')}`), [
    'route: web, store.test:6379',
    'route: web, store.test:6379',
  ]);
  const unknown = 'request: {port: 443, gateway: front, sni: d.example}';
  t.same(failuresOf(rules, `wantMatch: false\n${unknown}`), []);
  t.same(failuresOf(rules, unknown), ['no route is found']);
});

t.test('in the mesh the sender and the destination count', async (t) => {
  const place = 'port: 6379, destination: 240.0.0.1';
  const v2 = to('host: store.test, subset: v2');
  t.same(failuresOf(rules, `request: {${place}, sourceLabels: {app: web}}\n${v2}`), []);
  t.same(
    failuresOf(rules, `request: {port: 6379, destination: 240.0.0.2}\n${to('host: other.test')}`),
    [],
  );
  t.same(failuresOf(rules, `request: {${place}}\n${v2}`), [
    'route: null, store.test:6379 subset v1',
  ]);
});

t.test('weights are shares, and the hash of the address an endpoint', async (t) => {
  const split = (v1: number, v2: number) => `route:
- {destination: {host: store.test, subset: v1}, weight: ${v1}}
- {destination: {host: store.test, subset: v2}, weight: ${v2}}`;
  const outside = 'request: {gateway: front, port: 6379}';
  t.same(failuresOf(rules, `${outside}\n${split(75, 25)}`), []);
  t.same(failuresOf(rules, `${outside}\n${split(50, 50)}`), [
    'route[0].weight: 50 %, 75 %',
    'route[1].weight: 50 %, 25 %',
  ]);
  const hashed = 'request: {port: 6379, destination: 240.0.0.1, sourceLabels: {app: web}}';
  t.same(failuresOf(rules, `${hashed}\nendpoint: 10.0.0.2:6379`), []);
  t.same(failuresOf(rules, `${hashed}\nendpoint: 10.0.0.1:6379`), [
    'endpoint: 10.0.0.1:6379, 10.0.0.2:6379 (store)',
  ]);
});

t.test('a Gateway that is not among the files passes on what rules are for', async (t) => {
  const spec = `
hosts: [away.example]
gateways: [away/gateway]
tls: [{match: [{sniHosts: [away.example]}], route: [{destination: {host: web}}]}]
tcp: [{match: [{port: 5432}], route: [{destination: {host: store.test}}]}]`;
  const away = rules + virtualService('away', spec);
  const by = (rest: string) => `request: {gateway: away/gateway, ${rest}}`;
  t.same(failuresOf(away, `${by('sni: away.example')}\n${to('host: web')}`), []);
  t.same(failuresOf(away, `${by('port: 5432')}\n${to('host: store.test')}`), []);
  t.same(failuresOf(away, by('port: 443, sni: other.example')), ['no route is found']);
});

t.test('what is of requests alone is said', async (t) => {
  t.same(failuresOf(rules, 'request: {port: 443, uri: /}'), [
    'uri is of a request, which has an authority; this is a connection',
  ]);
  t.same(failuresOf(rules, 'request: {}'), [
    'a request has an authority; a connection has a port, a server name (sni), or both',
  ]);
  t.same(failuresOf(rules, 'request: {port: 1, destination: web}'), [
    'destination is an address, not "web"',
  ]);
  t.same(failuresOf(rules, 'request: {authority: web, destination: 10.0.0.1}'), [
    'destination is of a connection; a request goes by its authority',
  ]);
  t.same(failuresOf(rules, 'request: {authority: web, sni: web, scheme: http}'), [
    'sni is of TLS: its scheme is https',
  ]);
  t.same(failuresOf(rules, 'request: {sni: a.example, gateway: mesh}'), [
    'a connection in the mesh has a port',
  ]);
  t.same(failuresOf(rules, 'request: {port: 9, gateway: front}'), [
    'Gateway "front" takes no connections to port 9',
  ]);
});

t.test('rules of tls and tcp count for coverage', async (t) => {
  const { coverage, requests } = runYaml(
    rules,
    `testCases:
- {description: a, request: {gateway: front, sni: [b.example, c.example]}}
- {description: b, request: {port: 6379, destination: 240.0.0.1, sourceLabels: {app: web}}}`,
  );
  t.equal(requests, 3);
  t.same(
    coverage.routes.map(({ protocol, isReached }) => `${protocol} ${isReached}`),
    ['tcp true', 'tcp false', 'tcp false', 'tls false', 'tls true'],
  );
});

t.test('the server name of a request chooses the server of a Gateway', async (t) => {
  const tls = 'tls: {mode: SIMPLE, serverCertificate: /a.pem, privateKey: /a.key}';
  const server = (name: string) =>
    `{port: {number: 443, name: ${name}, protocol: HTTPS}, hosts: [${name}.test], ${tls}}`;
  const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: sites}
spec: {servers: [${server('a')}, ${server('b')}]}
---
`;
  const site = (name: string) =>
    virtualService(
      name,
      `hosts: [${name}.test]\ngateways: [sites]\nhttp: [{name: ${name}, route: [{destination: {host: web}}]}]`,
    );
  const sites = gateway + service('web') + site('a') + site('b');
  t.same(failuresOf(sites, 'request: {authority: a.test}\nrouteName: a'), []);
  t.same(failuresOf(sites, 'request: {authority: a.test, sni: b.test}\nrouteName: a'), [
    'routeName: a, null',
  ]);
});
