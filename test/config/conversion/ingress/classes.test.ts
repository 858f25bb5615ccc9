import t from 'tap';
import type { ProxySettings } from '../../../../src/config/proxy-settings.ts';
import {
  converted,
  ingress,
  labelled,
  local,
  path,
  paths,
  rule,
  told,
  withMesh,
} from './ingress-yaml.ts';

const rules = `rules: [${rule('x.test', path('/', 'a'))}]`;

function ingressClass(name: string, controller: string, annotations = '{}'): string {
  return `---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: ${name}, annotations: ${annotations}}
spec: {controller: ${controller}}
`;
}

const byAnnotation = (name: string) =>
  ingress(`{${rules}}`, { annotations: `{kubernetes.io/ingress.class: ${name}}` });
const byField = (name: string) => ingress(`{ingressClassName: ${name}, ${rules}}`);
const byNothing = ingress(`{${rules}}`);

const isServed = (yaml: string, settings: ProxySettings) =>
  paths(converted(yaml, settings), 'x.test').length > 0;

const mine = ingressClass('mine', 'istio.io/ingress-controller');
const own = ingressClass('own', 'sluice.dev/ingress-controller');
const theirs = ingressClass('theirs', 'example.com/other');
const isDefault = '{ingressclass.kubernetes.io/is-default-class: "true"}';

t.test('with labels the class decides', async (t) => {
  const off = withMesh({ ingressControllerMode: 'OFF' });
  const open = withMesh({ ingressControllerMode: 'DEFAULT' });
  const edge = withMesh({ ingressClass: 'edge' });
  const cases: readonly (readonly [what: string, yaml: string, ProxySettings, served: boolean])[] =
    [
      ['annotation istio', byAnnotation('istio'), labelled, true],
      ['annotation of another', byAnnotation('nginx'), labelled, false],
      ['annotation of the mesh', byAnnotation('edge'), edge, true],
      ['istio, where the mesh has another', byAnnotation('istio'), edge, false],
      ['annotation, switched off', byAnnotation('istio'), off, false],
      ['annotation of our own', byAnnotation('sluice'), labelled, true],
      ['class of our own', byField('sluice'), labelled, true],
      ['class of Istio', mine + byField('mine'), labelled, true],
      ['class of Istio, annotations off', mine + byField('mine'), off, true],
      ['class of our controller', own + byField('own'), labelled, true],
      ['class of another controller', theirs + byField('theirs'), labelled, false],
      ['class that is not there', byField('istio'), labelled, false],
      ['class that is not there, mode DEFAULT', byField('other'), open, true],
      ['annotation that names a class of Istio', mine + byAnnotation('mine'), labelled, false],
      ['no class', byNothing, labelled, false],
      ['no class, mode DEFAULT', byNothing, open, true],
      [
        'default class of Istio',
        ingressClass('d', 'istio.io/ingress-controller', isDefault) + byNothing,
        labelled,
        true,
      ],
      [
        'default class of another',
        ingressClass('d', 'example.com/other', isDefault) + byNothing,
        open,
        false,
      ],
      ['annotation before the field', mine + byAnnotation('nginx'), labelled, false],
    ];
  for (const [what, yaml, settings, served] of cases) {
    t.equal(isServed(yaml, settings), served, what);
  }
});

t.test('without labels every Ingress is served', async (t) => {
  for (const yaml of [byAnnotation('nginx'), byField('nobody'), theirs + byField('theirs')]) {
    t.ok(isServed(yaml, local));
    t.strictSame(told(converted(yaml, local)), []);
  }
});

t.test('the class says how an Ingress is read', async (t) => {
  const nginx = 'nginx.ingress.kubernetes.io';
  const spec = `rules: [${rule('x.test', path('/foo', 'a', 'ImplementationSpecific'))}]`;
  const named = (name: string, annotations = '') =>
    ingress(`{ingressClassName: ${name}, ${spec}}`, { annotations: `{${annotations}}` });
  const rewritten = `${nginx}/rewrite-target: /new`;
  const exact = ['exact /foo -> a'];
  const prefix = ['path-separated-prefix /foo -> a'];
  const pattern = ['regex (?i)/foo.* -> a'];
  const redirected = ['path-separated-prefix /foo -> redirect', ...prefix];
  const nginxByDefault =
    ingressClass('edge', 'k8s.io/ingress-nginx', isDefault) +
    ingress(`{tls: [{hosts: [x.test], secretName: s}], ${spec}}`);
  const cases: readonly (readonly [what: string, yaml: string, ProxySettings, string[]])[] = [
    ['Istio', mine + named('mine'), labelled, exact],
    ['Istio does not read annotations of nginx', mine + named('mine', rewritten), labelled, exact],
    ['without labels they count', mine + named('mine', rewritten), local, pattern],
    ['our own class', named('sluice'), labelled, prefix],
    ['our own class with annotations of nginx', named('sluice', rewritten), labelled, pattern],
    ['nginx', named('nginx'), local, prefix],
    ['nginx by default', nginxByDefault, local, redirected],
    ['another with an annotation of nginx', named('x', rewritten), local, pattern],
  ];
  for (const [what, yaml, settings, expected] of cases) {
    t.strictSame(paths(converted(yaml, settings), 'x.test'), expected, what);
  }
  t.match(told(converted(mine + named('mine', rewritten), labelled)), [
    { code: 'SLC0272', message: /rewrite-target has no effect: .* but of Istio's$/ },
  ]);
});

t.test('it is said why an Ingress is not served', async (t) => {
  const cases: readonly (readonly [yaml: string, path: string, message: RegExp])[] = [
    [
      byAnnotation('nginx'),
      'metadata.annotations["kubernetes.io/ingress.class"]',
      /: its class is "nginx"$/,
    ],
    [theirs + byField('theirs'), 'spec.ingressClassName', /: its class is "theirs"$/],
    [byField('nobody'), 'spec.ingressClassName', /: there is no IngressClass "nobody"$/],
    [byNothing, 'spec.ingressClassName', /: it names no class$/],
  ];
  for (const [yaml, path, message] of cases) {
    t.match(told(converted(yaml, labelled)), [
      { code: 'SLC0260', severity: 'info', path, message },
    ]);
  }
});

t.test('the newest default class is the default', async (t) => {
  const at = (time: string, name: string, controller: string) =>
    ingressClass(name, controller, `${isDefault}, creationTimestamp: "${time}"`);
  const old = at('2025-01-01T00:00:00Z', 'a', 'istio.io/ingress-controller');
  const young = at('2026-01-01T00:00:00Z', 'b', 'example.com/other');
  t.notOk(isServed(old + young + byNothing, labelled));
});

t.test('proxies with other labels than those of Istio serve no Ingress', async (t) => {
  const settings = (labels: Record<string, string>, mesh = labelled.mesh): ProxySettings => ({
    ...labelled,
    identity: { ...labelled.identity, labels },
    mesh,
  });
  const front = withMesh({ ingressService: 'front' }).mesh;
  t.notOk(isServed(byAnnotation('istio'), settings({ app: 'web' })));
  t.ok(isServed(byAnnotation('istio'), settings({ istio: 'front' }, front)));
  t.notOk(isServed(byAnnotation('istio'), settings({ istio: 'ingressgateway' }, front)));
});
