/** Names of resources that end TLS make no difference: requests meet a port and a server name. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runInProcess } from '../../support/command-in-process.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { pem } from '../../support/tls-fixtures.ts';

const folder = tempFolder();
t.teardown(() => folder.remove());
const cwd = folder.path;

const base64 = (name: string): string => Buffer.from(pem(name)).toString('base64');

const service = (name: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ports: [{name: http, port: 80}]}
---`;

const common = `${service('web')}${service('api')}
apiVersion: v1
kind: Secret
metadata: {name: shop-tls}
type: kubernetes.io/tls
data: {tls.crt: ${base64('server-a')}, tls.key: ${base64('server-a.key')}}
---`;

/** A resource, or two, of that name: it serves a.test by `to`. */
type Site = (name: string, to: string) => string;

const ingress: Site = (name, to) => `${common}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}}
spec:
  tls: [{hosts: [a.test], secretName: shop-tls}]
  rules:
  - host: a.test
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: ${to}, port: {number: 80}}}}]}
`;

const gateway: Site = (name, to) => `${common}
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ${name}}
spec:
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: [a.test]
    tls: {mode: SIMPLE, credentialName: shop-tls}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a}
spec:
  hosts: [a.test]
  gateways: [${name}]
  http: [{route: [{destination: {host: ${to}, port: {number: 80}}}]}]
`;

const listener: Site = (name, to) => `${common}
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: istio
  listeners:
  - name: ${name}
    port: 443
    protocol: HTTPS
    hostname: a.test
    tls: {certificateRefs: [{name: shop-tls}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: a}
spec:
  parentRefs: [{name: edge, sectionName: ${name}}]
  hostnames: [a.test]
  rules: [{backendRefs: [{name: ${to}, port: 80}]}]
`;

const sites: readonly (readonly [string, Site])[] = [
  ['an Ingress', ingress],
  ['a Gateway', gateway],
  ['a listener', listener],
];

for (const [what, site] of sites) {
  t.test(`${what} of another name`, async (t) => {
    write('old.yaml', site('front', 'web'));
    write('same.yaml', site('door', 'web'));
    write('other.yaml', site('door', 'api'));
    const same = await runInProcess(['diff', 'old.yaml', 'same.yaml'], { cwd });
    t.equal(same.stdout, 'No request is treated differently.\n', same.stderr);
    const other = await runInProcess(['diff', 'old.yaml', 'other.yaml'], { cwd });
    t.match(other.stdout, '- web.default:80\n');
    t.match(other.stdout, '+ api.default:80\n');
    t.match(other.stdout, 'example: GET https://a.test/\n');
    t.match(other.stdout, '1 group of requests treated differently.\n');
    t.notMatch(other.stdout, '404');
    t.notMatch(other.stdout, 'filter chain');
  });
}

t.test('an Ingress and what it is converted to', async (t) => {
  write('old.yaml', ingress('front', 'web'));
  const args = ['convert', '--to', 'httproute', '--all', '-f', 'old.yaml'];
  const made = await runInProcess(args, { cwd });
  t.equal(made.code, 0, made.stderr);
  write('made.yaml', made.stdout);
  const { stdout } = await runInProcess(['diff', 'old.yaml', 'made.yaml'], { cwd });
  t.equal(stdout, 'No request is treated differently.\n');
});

t.test('a certificate that is missing on one side closes connections', async (t) => {
  write('old.yaml', gateway('front', 'web'));
  write('new.yaml', gateway('door', 'web').replace('name: shop-tls}\n', 'name: other-tls}\n'));
  const { stdout } = await runInProcess(['diff', 'old.yaml', 'new.yaml'], { cwd });
  t.match(stdout, 'certificate for TLS to a.test\n');
  t.match(stdout, /\+ kubernetes:\/\/.+\/shop-tls is missing: connections are closed\n/);
});

t.test('a server name that goes to another Gateway is told for its host alone', async (t) => {
  const both = gateway('front', 'web').replaceAll('[a.test]', '[a.test, b.test]');
  const apart = `${gateway('front', 'web')}---\n${gateway('door', 'api')
    .replace(common, '')
    .replaceAll('a.test', 'b.test')
    .replace('name: a}', 'name: b}')}`;
  write('old.yaml', both);
  write('new.yaml', apart);
  const { stdout } = await runInProcess(['diff', 'old.yaml', 'new.yaml'], { cwd });
  t.match(stdout, /^1\. b\.test \(https\.443/);
  t.match(stdout, '1 group of requests treated differently.\n');
  t.notMatch(stdout, 'a.test');
});

function write(name: string, text: string): void {
  writeFileSync(join(cwd, name), text);
}
