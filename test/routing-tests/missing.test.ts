import t from 'tap';
import { failuresOf, service } from './routing-tests-fixture.ts';

// What is not there: the proxy answers by itself, or closes the connection.

const gateway = (credentialName: string): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front}
spec:
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: [a.test]
    tls: {mode: SIMPLE, credentialName: ${credentialName}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a}
spec:
  hosts: [a.test]
  gateways: [front]
  http: [{route: [{destination: {host: web}}]}]
---
${service('web')}`;

const someSecret = `apiVersion: v1
kind: Secret
metadata: {name: other}
data: {}
---
`;

const served = `request: {authority: a.test, gateway: front, scheme: https}
wantMatch: true
route: [{destination: {host: web}}]`;

t.test('a certificate counts as missing where the files have Secrets', async (t) => {
  t.same(failuresOf(gateway('gone'), served), [], 'rules alone');
  const [failure, ...others] = failuresOf(someSecret + gateway('gone'), served);
  t.match(failure, /^route: .+, null$/);
  t.same(others, []);
});

const route = (kind: 'HTTPRoute' | 'VirtualService'): string =>
  kind === 'HTTPRoute'
    ? `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: front}
spec:
  gatewayClassName: istio
  listeners: [{name: http, port: 80, protocol: HTTP}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: a}
spec:
  parentRefs: [{name: front}]
  hostnames: [a.test]
  rules: [{backendRefs: [{name: gone, port: 80}]}]
---
`
    : gateway('gone')
        .replace('protocol: HTTPS', 'protocol: HTTP')
        .replace('host: web', 'host: gone')
        .replace('number: 443', 'number: 80')
        .replace(/ +tls: .+\n/, '');

t.test('without its cluster a request gets the status of its kind of route', async (t) => {
  for (const [kind, status] of [
    ['HTTPRoute', 500],
    ['VirtualService', 503],
  ] as const) {
    const request = 'request: {authority: a.test, scheme: http, port: 80}\nwantMatch: true';
    t.same(failuresOf(route(kind), `${request}\nstatus: ${status}`), [], kind);
    t.same(failuresOf(route(kind), `${request}\nstatus: 404`), [`status: 404, ${status}`], kind);
  }
});
