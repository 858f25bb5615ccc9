import t from 'tap';
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

t.test('the longest path goes first, of equals an exact one', async (t) => {
  const rules = [
    path('/foo', 'a'),
    path('/foo', 'b', 'Exact'),
    path('/foo/bar', 'c'),
    path('/foo/bar/', 'd'),
    path('/', 'a'),
  ];
  const translation = converted(ingress(`{rules: [${rule('x.test', ...rules)}]}`));
  t.strictSame(paths(translation, 'x.test'), [
    'path-separated-prefix /foo/bar -> d',
    'path-separated-prefix /foo/bar -> c',
    'exact /foo -> b',
    'path-separated-prefix /foo -> a',
    'prefix / -> a',
  ]);
});

t.test('ImplementationSpecific means what it means to the class', async (t) => {
  const type = 'ImplementationSpecific';
  const cases: readonly (readonly [path: string, istio: string, others: string])[] = [
    ['/foo', 'exact /foo', 'path-separated-prefix /foo'],
    ['/foo.*', 'path-separated-prefix /foo', 'path-separated-prefix /foo'],
    ['/foo/*', 'path-separated-prefix /foo', 'path-separated-prefix /foo'],
    ['/foo*', 'exact /foo*', 'path-separated-prefix /foo*'],
    ['/', 'exact /', 'prefix /'],
    ['/*', 'prefix /', 'prefix /'],
    ['', 'prefix /', 'prefix /'],
  ];
  for (const [text, ofIstio, ofOthers] of cases) {
    const spec = `{rules: [${rule('x.test', path(text, 'a', type))}]}`;
    for (const settings of [local, labelled]) {
      const translation = converted(ingress(spec, istio), settings);
      t.strictSame(paths(translation, 'x.test'), [`${ofIstio} -> a`], `istio "${text}"`);
    }
    t.strictSame(paths(converted(ingress(spec)), 'x.test'), [`${ofOthers} -> a`], `"${text}"`);
  }
});

t.test('fields of v1beta1 and of the group extensions are read', async (t) => {
  for (const version of ['networking.k8s.io/v1beta1', 'extensions/v1beta1']) {
    const spec = `
  backend: {serviceName: d, servicePort: 80}
  rules:
  - host: x.test
    http:
      paths:
      - {path: /a, backend: {serviceName: a, servicePort: 80}}
      - {path: /b, pathType: Exact, backend: {serviceName: b, servicePort: http}}
      - {path: /c, backend: {serviceName: c, servicePort: "80"}}
`;
    const translation = converted(ingress(spec, { version }));
    t.strictSame(
      paths(translation, 'x.test'),
      [
        'exact /b -> b',
        'path-separated-prefix /a -> a',
        'path-separated-prefix /c -> c',
        'prefix / -> d',
      ],
      version,
    );
    t.strictSame(paths(translation, '*'), ['prefix / -> d']);
  }
});

t.test('a rule without a host is for every host, one without paths for none', async (t) => {
  const spec = `{rules: [{http: {paths: [${path('/a', 'a')}]}}, {host: y.test}]}`;
  const translation = converted(ingress(spec));
  t.strictSame(paths(translation, '*'), ['path-separated-prefix /a -> a']);
  t.strictSame(paths(translation, 'y.test'), []);
});

t.test('wildcards and names are hosts of their own', async (t) => {
  const rules = [rule('*.x.test', path('/', 'a')), rule('b.x.test', path('/', 'b'))];
  const translation = converted(ingress(`{rules: [${rules.join()}]}`));
  t.strictSame(paths(translation, '*.x.test'), ['prefix / -> a']);
  t.strictSame(paths(translation, 'b.x.test'), ['prefix / -> b']);
});

t.test('rules of several Ingresses for a host are one list', async (t) => {
  const translation = converted(
    ingress(`{rules: [${rule('x.test', path('/a', 'a'))}]}`, { name: 'one' }) +
      ingress(`{rules: [${rule('x.test', path('/a/b', 'b'), path('/', 'c'))}]}`, { name: 'two' }),
  );
  t.strictSame(paths(translation, 'x.test'), [
    'path-separated-prefix /a/b -> b',
    'path-separated-prefix /a -> a',
    'prefix / -> c',
  ]);
  t.strictSame(told(translation), []);
});

t.test('a host and path that is there already gets no requests', async (t) => {
  const old = { name: 'z', created: '2025-01-01T00:00:00Z' };
  const translation = converted(
    ingress(`{rules: [${rule('x.test', path('/a', 'a'))}]}`, { name: 'young' }) +
      ingress(`{rules: [${rule('x.test', path('/a', 'b'))}]}`, old),
  );
  t.strictSame(paths(translation, 'x.test'), ['path-separated-prefix /a -> b']);
  t.match(told(translation), [
    {
      code: 'SLC0262',
      severity: 'warning',
      resource: 'Ingress default/young',
      path: 'spec.rules[0].http.paths[0].path',
      message: /^x\.test\/a is in Ingress default\/z \(test\.yaml:\d+\) already/,
    },
  ]);
});

t.test('each route names the line of its own Ingress', async (t) => {
  const translation = converted(
    ingress(`{rules: [${rule('x.test', path('/a', 'a'))}]}`, { name: 'one' }) +
      ingress(`{rules: [${rule('x.test', path('/b/c', 'b'))}]}`, { name: 'two' }),
  );
  const table = translation.mesh.routeTables.find(({ name }) => name === 'http.80');
  const origins = table?.virtualHosts.flatMap(({ routes }) => routes.map(({ origin }) => origin));
  t.match(origins, [
    { kind: 'Ingress', namespace: 'default', name: 'two', file: 'test.yaml' },
    { kind: 'Ingress', namespace: 'default', name: 'one', file: 'test.yaml' },
  ]);
  t.ok((origins?.[0]?.line ?? 0) > (origins?.[1]?.line ?? 0));
});
