import t from 'tap';
import { converted, ingress, istio, path, paths, rule, service, told } from './ingress-yaml.ts';

function withBackend(backend: string): string {
  return `{rules: [{host: x.test, http: {paths: [{path: /, pathType: Prefix, backend: ${backend}}]}}]}`;
}

t.test('a port by name is that of the Service', async (t) => {
  const two = service('two', 'default', 'name: web, port: 8080}, {name: grpc, port: 9090');
  const spec = withBackend('{service: {name: two, port: {name: grpc}}}');
  const translation = converted(two + ingress(spec));
  const [route] = translation.mesh.routeTables.flatMap(({ virtualHosts }) =>
    virtualHosts
      .filter(({ domains }) => domains.includes('x.test'))
      .flatMap(({ routes }) => routes),
  );
  t.match(route?.action, {
    kind: 'forward',
    clusters: [{ cluster: 'outbound|9090||two.default.svc.cluster.local' }],
  });
});

t.test('a path whose backend cannot be used is left out, and told', async (t) => {
  const cases: readonly (readonly [backend: string, field: string, message: RegExp])[] = [
    [
      '{service: {name: a, port: {name: htpp}}}',
      'service.port.name',
      /^Service default\/a has no port "htpp": the path is left out$/,
    ],
    [
      '{service: {name: nobody, port: {name: http}}}',
      'service.port.name',
      /^there is no Service default\/nobody: the path is left out$/,
    ],
    ['{resource: {kind: Bucket, name: b}}', 'resource', /^requests cannot be sent to Bucket b/],
  ];
  for (const [backend, field, message] of cases) {
    const translation = converted(ingress(withBackend(backend)));
    t.strictSame(paths(translation, 'x.test'), [], backend);
    const at = `spec.rules[0].http.paths[0].backend.${field}`;
    t.match(told(translation), [{ code: 'SLC0261', severity: 'warning', path: at, message }]);
  }
});

t.test('a Service or a port that is not there by number gets 503, and is told', async (t) => {
  const cases: readonly (readonly [backend: string, code: string, field: string])[] = [
    ['{service: {name: nobody, port: {number: 80}}}', 'SLC0203', 'service.name'],
    ['{service: {name: a, port: {number: 81}}}', 'SLC0205', 'service.port.number'],
  ];
  for (const [backend, code, field] of cases) {
    const translation = converted(ingress(withBackend(backend), istio));
    t.equal(paths(translation, 'x.test').length, 1, backend);
    const at = `spec.rules[0].http.paths[0].backend.${field}`;
    t.match(told(translation), [{ code, resource: 'Ingress default/i', path: at }]);
  }
});

t.test('fields of v1beta1 are the place of their findings', async (t) => {
  const spec = withBackend('{serviceName: nobody, servicePort: 80}');
  const translation = converted(ingress(spec, { version: 'extensions/v1beta1' }));
  t.match(told(translation), [
    { code: 'SLC0203', path: 'spec.rules[0].http.paths[0].backend.serviceName' },
  ]);
});

t.test('an ExternalName is a backend as any other', async (t) => {
  const external = `---
apiVersion: v1
kind: Service
metadata: {name: out}
spec: {type: ExternalName, externalName: example.com}
`;
  const spec = `{rules: [${rule('x.test', path('/', 'out'))}]}`;
  const translation = converted(external + ingress(spec));
  t.strictSame(paths(translation, 'x.test'), ['prefix / -> out']);
  t.notOk(translation.findings.some(({ code }) => code === 'SLC0203'));
});

t.test('the backend is of the namespace of its Ingress', async (t) => {
  const spec = `{rules: [${rule('x.test', path('/', 'only'))}]}`;
  const translation = converted(service('only', 'shop') + ingress(spec, { namespace: 'shop' }));
  t.strictSame(told(translation), []);
  t.strictSame(paths(translation, 'x.test'), ['prefix / -> only']);
});
