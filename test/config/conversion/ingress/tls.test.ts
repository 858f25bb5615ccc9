import t from 'tap';
import type { ProxySettings } from '../../../../src/config/proxy-settings.ts';
import type { Translation } from '../../../../src/config/translate/mesh.ts';
import { pem } from '../../../support/tls-fixtures.ts';
import {
  converted,
  ingress,
  istio,
  labelled,
  local,
  path,
  paths,
  rule,
  told,
} from './ingress-yaml.ts';

function secret(name: string, namespace = 'default', certificate = 'server-a'): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return `---
apiVersion: v1
kind: Secret
metadata: {name: ${name}, namespace: ${namespace}}
data: {tls.crt: ${base64(pem(certificate))}, tls.key: ${base64(pem(`${certificate}.key`))}}
`;
}

/** `server names: secrets` of each filter chain of port 443. */
function chains({ mesh }: Translation): string[] {
  const listener = mesh.listeners.find(({ name }) => name.endsWith('443'));
  return (listener?.filterChains ?? []).map(
    ({ match, tls }) => `${match.serverNames.join()}: ${tls?.certificates.join()}`,
  );
}

const a = rule('a.example.com', path('/', 'a'));

t.test('hosts are served with their Secret, by server name; port 80 stays open', async (t) => {
  const tls = [
    '{hosts: [a.example.com], secretName: one}',
    '{hosts: ["*.x.example.com"], secretName: two}',
  ];
  const spec = `{tls: [${tls.join()}], rules: [${a}, ${rule('b.x.example.com', path('/b', 'b'))}]}`;
  const two = secret('two', 'default', 'server-b');
  const translation = converted(secret('one') + two + ingress(spec));
  t.strictSame(chains(translation), [
    'a.example.com: kubernetes://default/one',
    '*.x.example.com: kubernetes://default/two',
  ]);
  t.strictSame(paths(translation, 'a.example.com'), ['prefix / -> a']);
  const [first, second] = translation.mesh.routeTables.filter(({ name }) =>
    name.startsWith('https'),
  );
  t.strictSame(paths(translation, 'a.example.com', first?.name), ['prefix / -> a']);
  t.strictSame(paths(translation, 'b.x.example.com', second?.name), [
    'path-separated-prefix /b -> b',
  ]);
});

t.test(
  'with labels rules of a wildcard go before those of a name on port 443, as in Istio',
  async (t) => {
    const tls = [
      '{hosts: [a.example.com], secretName: one}',
      '{hosts: ["*.example.com"], secretName: one}',
    ];
    const wild = rule('*.example.com', path('/', 'b'));
    const yaml = ingress(`{tls: [${tls.join()}], rules: [${a}, ${wild}]}`, istio);
    const overTls = (settings: ProxySettings) => {
      const translation = converted(yaml, settings);
      t.strictSame(paths(translation, 'a.example.com'), ['prefix / -> a']);
      const [exact] = translation.mesh.routeTables.filter(({ name }) => name.startsWith('https'));
      return paths(translation, 'a.example.com', exact?.name)[0];
    };
    t.equal(overTls(labelled), 'prefix / -> b');
    t.equal(overTls(local), 'prefix / -> a', 'without labels a host is its own');
  },
);

t.test('without hosts the certificate is for all', async (t) => {
  const spec = `{tls: [{secretName: one}], rules: [${a}]}`;
  t.strictSame(chains(converted(secret('one') + ingress(spec))), [': kubernetes://default/one']);
});

t.test('the Secret is of the namespace of the Ingress, or of the proxy', async (t) => {
  const spec = `{tls: [{hosts: [a.example.com], secretName: one}], rules: [${a}]}`;
  const inShop = ingress(spec, { namespace: 'shop' });
  const cases: readonly (readonly [secrets: string, used: string, codes: readonly string[]])[] = [
    [secret('one', 'shop'), 'kubernetes-gateway://shop/one', []],
    [secret('one', 'shop') + secret('one'), 'kubernetes-gateway://shop/one', []],
    [secret('one'), 'kubernetes://default/one', []],
    ['', 'kubernetes-gateway://shop/one', ['SLC0222']],
  ];
  for (const [secrets, used, codes] of cases) {
    const translation = converted(secrets + inShop, local);
    t.strictSame(chains(translation), [`a.example.com: ${used}`]);
    const found = told(translation).filter(({ code }) => code === 'SLC0222');
    t.strictSame(
      found.map(({ code }) => code),
      codes,
    );
  }
});

t.test('with labels it is of the namespace of the proxy, as in Istio', async (t) => {
  const spec = `{tls: [{hosts: [a.example.com], secretName: one}], rules: [${a}]}`;
  const translation = converted(secret('one') + ingress(spec, istio), labelled);
  t.strictSame(chains(translation), ['a.example.com: kubernetes://istio-system/one']);
  t.match(told(translation), [
    {
      code: 'SLC0222',
      resource: 'Ingress default/i',
      path: 'spec.tls[0].secretName',
      hint: 'it is in namespace default, but must be in istio-system, the namespace of the proxy',
    },
  ]);
});

t.test('of two certificates for a host the older one is used, and told', async (t) => {
  const spec = (name: string) =>
    `{tls: [{hosts: [a.example.com, ${name}.example.com], secretName: ${name}}], rules: [${a}]}`;
  const translation = converted(
    secret('x') + secret('y') + ingress(spec('x')) + ingress(spec('y'), { name: 'j' }),
  );
  t.strictSame(chains(translation), [
    'a.example.com,x.example.com: kubernetes://default/x',
    'y.example.com: kubernetes://default/y',
  ]);
  t.match(
    told(translation).filter(({ code }) => code === 'SLC0263'),
    [
      {
        resource: 'Ingress default/j',
        path: 'spec.tls[0]',
        message: /another certificate already/,
      },
    ],
  );
});

t.test('two Ingresses of a host may have the same Secret', async (t) => {
  const tls = 'tls: [{hosts: [a.example.com], secretName: x}]';
  const translation = converted(
    secret('x') +
      ingress(`{${tls}, rules: [${a}]}`) +
      ingress(`{${tls}, rules: [${rule('a.example.com', path('/b', 'b'))}]}`, { name: 'j' }),
  );
  t.strictSame(chains(translation), ['a.example.com: kubernetes://default/x']);
  const table = translation.mesh.routeTables.find(({ name }) => name.startsWith('https'));
  const all = ['path-separated-prefix /b -> b', 'prefix / -> a'];
  t.strictSame(paths(translation, 'a.example.com', table?.name), all);
  t.strictSame(paths(translation, 'a.example.com'), all);
  t.strictSame(told(translation), []);
});

t.test('a wildcard certificate that several Ingresses name serves all of them', async (t) => {
  const tls = 'tls: [{hosts: ["*.example.com"], secretName: x}]';
  const other = rule('b.example.com', path('/', 'b'));
  const translation = converted(
    secret('x') +
      ingress(`{${tls}, rules: [${a}]}`) +
      ingress(`{${tls}, rules: [${other}]}`, { name: 'j' }),
  );
  t.strictSame(chains(translation), ['*.example.com: kubernetes://default/x']);
  const table = translation.mesh.routeTables.find(({ name }) => name.startsWith('https'));
  t.strictSame(paths(translation, 'a.example.com', table?.name), ['prefix / -> a']);
  t.strictSame(paths(translation, 'b.example.com', table?.name), ['prefix / -> b']);
  t.strictSame(told(translation), []);
});

t.test('certificates of the younger of two Ingresses of a host serve its rules too', async (t) => {
  const translation = converted(
    secret('x') +
      ingress(`{rules: [${a}]}`) +
      ingress(
        `{tls: [{hosts: [a.example.com], secretName: x}], ` +
          `rules: [${rule('a.example.com', path('/b', 'b'))}]}`,
        { name: 'j' },
      ),
  );
  const table = translation.mesh.routeTables.find(({ name }) => name.startsWith('https'));
  const all = ['path-separated-prefix /b -> b', 'prefix / -> a'];
  t.strictSame(paths(translation, 'a.example.com', table?.name), all);
});

t.test('hosts without a Secret need the local authority', async (t) => {
  const spec = `{tls: [{hosts: [a.example.com]}], rules: [${a}]}`;
  const translation = converted(ingress(spec));
  t.strictSame(chains(translation), []);
  t.match(told(translation), [{ code: 'SLC0263', path: 'spec.tls[0]' }]);
  const signed = converted(ingress(spec), { ...local, localTls: true });
  t.equal(chains(signed).length, 1);
  t.notOk(told(signed).some(({ code }) => code === 'SLC0263'));
});

t.test('a host that has a certificate and no rule is told', async (t) => {
  const spec = `{tls: [{hosts: [other.test], secretName: one}], rules: [${a}]}`;
  const { findings } = converted(secret('one') + ingress(spec));
  const found = findings.filter(({ code }) => code === 'SLC0202');
  t.match(found, [
    {
      path: 'spec.tls[0]',
      message: 'no rule serves other.test on port 443; every request gets 404',
    },
  ]);
});

t.test(
  'a certificate of another Ingress serves a host, unless labels say it is Istio',
  async (t) => {
    const other = rule('b.example.com', path('/', 'b'));
    const yaml =
      secret('x', 'istio-system') +
      ingress(`{tls: [{hosts: [a.example.com], secretName: x}], rules: [${other}]}`, {
        ...istio,
        name: 'certificates',
      }) +
      ingress(`{rules: [${a}]}`, istio);
    for (const [settings, served] of [
      [local, ['prefix / -> a']],
      [labelled, []],
    ] as const) {
      const translation = converted(yaml, settings);
      const table = translation.mesh.routeTables.find(({ name }) => name.startsWith('https'));
      t.strictSame(paths(translation, 'a.example.com', table?.name), served);
      t.strictSame(paths(translation, 'a.example.com'), ['prefix / -> a']);
    }
  },
);
