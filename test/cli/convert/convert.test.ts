import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { runInProcess } from '../../support/command-in-process.ts';
import { runCommand } from '../../support/sluice-process.ts';
import { tempFolder } from '../../support/temp-folder.ts';

t.setTimeout(60_000);

const folder = tempFolder();
t.teardown(() => folder.remove());
const cwd = folder.path;

const prefix = 'nginx.ingress.kubernetes.io/';

function ingressText(name: string, annotations: string, path: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  annotations: {${annotations}}
spec:
  ingressClassName: nginx
  tls: [{hosts: [${name}.test], secretName: ${name}-cert}]
  rules:
    - host: ${name}.test
      http:
        paths:
          - path: ${path}
            pathType: Prefix
            backend: {service: {name: web, port: {name: http}}}
`;
}

const service = `# where the pages are
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{name: http, port: 8000}]}
`;

writeFileSync(join(cwd, 'plain.yaml'), `${ingressText('shop', '', '/cart')}---\n${service}`);
writeFileSync(
  join(cwd, 'limited.yaml'),
  `${ingressText('limited', `${prefix}limit-rps: "5"`, '/')}---\n${service}`,
);

interface Written {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

function read(text: string): Written[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Written);
}

t.test('an Ingress as VirtualService and Gateway', async (t) => {
  const args = ['convert', '--to', 'virtualservice', '-f', 'plain.yaml'];
  const { code, stdout, stderr } = await runCommand(args, { cwd });
  t.equal(code, 0, stderr);
  t.equal(stderr, '');
  t.match(stdout, '# From Ingress default/shop (plain.yaml:1).\n');
  const [gateway, virtualService, ...others] = read(stdout);
  t.same(others, []);
  t.match(gateway, { kind: 'Gateway', metadata: { name: 'ingress' } });
  t.match(virtualService, { kind: 'VirtualService', metadata: { name: 'shop' } });
  t.strictSame(virtualService?.spec['http'], [
    {
      match: [
        { uri: { exact: '/cart' }, port: 80 },
        { uri: { prefix: '/cart/' }, port: 80 },
      ],
      redirect: { scheme: 'https', redirectCode: 308 },
    },
    {
      match: [{ uri: { exact: '/cart' } }, { uri: { prefix: '/cart/' } }],
      route: [
        {
          destination: { host: 'web.default.svc.cluster.local', port: { number: 8000 } },
          weight: 100,
        },
      ],
    },
  ]);
});

t.test('a default backend that gets no requests is left out', async (t) => {
  const backend = 'defaultBackend: {service: {name: web, port: {number: 8000}}}';
  const text = ingressText('whole', '', '/').replace('spec:\n', `spec:\n  ${backend}\n`);
  writeFileSync(join(cwd, 'whole.yaml'), `${text}---\n${service}`);
  const args = ['convert', '--to', 'virtualservice', '-f', 'whole.yaml'];
  const { code, stdout, stderr } = await runInProcess(args, { cwd });
  t.equal(code, 0, stderr);
  const made = read(stdout).filter(({ kind }) => kind === 'VirtualService');
  const rules = made.map(({ spec }) => [spec.hosts, (spec.http as unknown[]).length]);
  t.strictSame(rules, [
    [['whole.test'], 2],
    [['*'], 1],
  ]);
});

t.test('a rewrite that is left out is told as it is written', async (t) => {
  const rewrite = `${prefix}rewrite-target: /x/$1`;
  const text = ingressText('rewritten', rewrite, '/v([0-9]+)/');
  writeFileSync(join(cwd, 'rewritten.yaml'), `${text}---\n${service}`);
  const args = ['convert', '--to', 'httproute', '-f', 'rewritten.yaml'];
  const { stderr } = await runInProcess(args, { cwd });
  t.match(stderr, 'the rewrite of paths to /x/$1 by a pattern');
});

t.test('an Ingress as HTTPRoute and Gateway', async (t) => {
  const args = ['convert', '--to', 'httproute', '--gateway', 'infra/public', '-f', 'plain.yaml'];
  const { code, stdout, stderr } = await runInProcess(args, { cwd });
  t.equal(code, 0, stderr);
  const kinds = read(stdout).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  t.strictSame(kinds, [
    'Gateway public',
    'HTTPRoute shop-http',
    'HTTPRoute shop',
    'ReferenceGrant gateway-infra-secret',
  ]);
  t.match(stdout, 'sectionName: https-shop-test');
});

t.test('what cannot be carried over is told with its place, and once', async (t) => {
  const args = ['convert', '--to', 'httproute', '-f', 'limited.yaml'];
  const { code, stdout, stderr } = await runInProcess(args, { cwd });
  t.equal(code, 1);
  t.match(stdout, 'kind: HTTPRoute');
  t.match(stderr, 'limited.yaml:5:17: warning SLC0601 Ingress default/limited: HTTPRoute cannot');
  t.match(stderr, /^1 warning; /m);
});

t.test('other resources are passed on as they are written', async (t) => {
  const args = ['convert', '--to', 'httproute', '--all', '-f', 'plain.yaml'];
  const { stdout } = await runInProcess(args, { cwd });
  t.ok(stdout.endsWith(`---\n${service}`));
  t.notMatch(stdout, 'kind: Ingress');
});

const ownGateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ingress}
spec: {selector: {}, servers: [{port: {number: 90, name: http, protocol: HTTP}, hosts: [own.test]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: own}
spec: {hosts: [own.test], gateways: [ingress], http: [{route: [{destination: {host: web}}]}]}
`;

t.test('Gateways of the files stay, and their names are taken for their kind', async (t) => {
  const stdin = `${ingressText('shop', '', '/')}---\n${service}---\n${ownGateway}`;
  const cases = [
    ['virtualservice', 'networking.istio.io/v1 ingress-2'],
    ['httproute', 'gateway.networking.k8s.io/v1 ingress'],
  ] as const;
  for (const [target, name] of cases) {
    const args = ['convert', '--to', target, '-f', '-'];
    const all = await runInProcess([...args, '--all'], { stdin });
    t.equal(all.code, 0, all.stderr);
    const gateways = read(all.stdout).filter(({ kind }) => kind === 'Gateway');
    t.strictSame(
      gateways.map(({ apiVersion, metadata }) => `${apiVersion} ${metadata.name}`),
      [name, 'networking.istio.io/v1 ingress'],
    );
  }
  const named = ['convert', '--to', 'virtualservice', '--gateway', 'default/ingress', '-f', '-'];
  const { code, stdout, stderr } = await runInProcess(named, { stdin });
  t.equal(code, 1);
  t.equal(stdout, '');
  t.match(stderr, 'there is a Gateway default/ingress already: name another one with --gateway');
});

t.test('a DestinationRule of the files stays as it is', async (t) => {
  const own = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web-ingress}
spec:
  host: web
  trafficPolicy: {connectionPool: {tcp: {maxConnections: 5}}}
  subsets: [{name: v1, labels: {version: v1}}]
`;
  const ingress = ingressText('shop', `${prefix}affinity: cookie`, '/');
  const stdin = `${ingress}---\n${service}---\n${own}`;
  const args = ['convert', '--to', 'virtualservice', '--all', '-f', '-'];
  const { code, stdout, stderr } = await runInProcess(args, { stdin });
  t.equal(code, 0, stderr);
  t.match(stdout, own);
  const rules = read(stdout).filter(({ kind }) => kind === 'DestinationRule');
  t.match(rules, [
    { metadata: { name: 'web-ingress-2' }, spec: { subsets: [{ name: 'ingress-shop' }] } },
    { metadata: { name: 'web-ingress' } },
  ]);
});

t.test('JSON is one List', async (t) => {
  const args = ['convert', '--to', 'virtualservice', '-o', 'json', '--all', '-f', 'plain.yaml'];
  const { stdout } = await runInProcess(args, { cwd });
  const list = JSON.parse(stdout) as { readonly kind: string; readonly items: Written[] };
  t.equal(list.kind, 'List');
  t.strictSame(
    list.items.map(({ kind }) => kind),
    ['Gateway', 'VirtualService', 'Service'],
  );
});

t.test('standard input, and a list of kubectl', async (t) => {
  const items = read(ingressText('shop', '', '/'));
  const stdin = JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [...items, ...read(service)],
  });
  const args = ['convert', '--to', 'virtualservice', '-f', '-'];
  const { code, stdout, stderr } = await runInProcess(args, { cwd, stdin });
  t.equal(code, 0, stderr);
  t.match(stdout, '# From Ingress default/shop (standard input:1).');
});

t.test('a request that is treated differently has an example', async (t) => {
  const stdin = ingressText('shop', `${prefix}rewrite-target: /inner/$2`, '/api(/|$)(.*)').replace(
    'name: http',
    'number: 80',
  );
  const args = ['convert', '--to', 'httproute', '-f', '-'];
  const { code, stderr } = await runInProcess(args, { stdin });
  t.equal(code, 1);
  t.match(
    stderr,
    /SLC0602 GET https:\/\/shop\.test\/api is treated differently: path sent upstream/,
  );
  const unchecked = await runInProcess([...args, '--no-check'], { stdin });
  t.notMatch(unchecked.stderr, 'SLC0602');
});

t.test('what one Ingress loses hides no difference of another', async (t) => {
  const again = `${prefix}proxy-next-upstream`;
  const stdin = [
    ingressText('some', `${again}: error http_502`, '/'),
    ingressText('other', `${again}: http_502`, '/'),
    service,
  ].join('---\n');
  const args = ['convert', '--to', 'httproute', '-f', '-'];
  const { code, stderr } = await runInProcess(args, { stdin });
  t.equal(code, 1);
  t.match(stderr, /SLC0601 Ingress default\/some: .*tried again on reset/);
  t.match(stderr, /SLC0602 GET https:\/\/other\.test\/ is treated differently: retries/);
  t.notMatch(stderr, /SLC0602 .*some\.test/);
  for (const name of ['some', 'other']) {
    t.match(stderr, new RegExp(`SLC0601 Ingress default/${name}: .*requests of the method LOCK`));
  }
  t.notMatch(stderr, 'SLC0602 LOCK');
});

t.test('nothing to convert', async (t) => {
  const args = ['convert', '--to', 'httproute', '--ingress-class', 'other', '-f', 'plain.yaml'];
  const { code, stdout, stderr } = await runInProcess(args, { cwd });
  t.equal(code, 1);
  t.equal(stdout, '');
  t.match(stderr, 'sluice: there is no Ingress of class other in plain.yaml');
});

t.test('kinds are known in any letter case', async (t) => {
  const rows = [
    ['HTTPRoute', 'httproute'],
    ['VirtualService', 'virtualservice'],
    ['HTTPROUTE', 'httproute'],
  ] as const;
  for (const [written, plain] of rows) {
    const args = (kind: string) => ['convert', '--to', kind, '-f', 'plain.yaml'];
    const { code, stdout } = await runInProcess(args(written), { cwd });
    t.equal(code, 0);
    t.equal(stdout, (await runInProcess(args(plain), { cwd })).stdout, written);
  }
});

t.test('wrong usage', async (t) => {
  const wrong = [
    [['convert', '-f', 'plain.yaml'], /required option '--to <kind>' not specified/],
    [
      ['convert', '--to', 'nginx', '-f', 'plain.yaml'],
      /'nginx' is invalid\. Allowed choices are virtualservice, httproute \(see --help\)/,
    ],
  ] as const;
  for (const [args, message] of wrong) {
    const { code, stderr } = await runInProcess(args, { cwd });
    t.equal(code, 2);
    t.match(stderr, message);
  }
});
