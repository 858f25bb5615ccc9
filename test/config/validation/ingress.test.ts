import t from 'tap';
import { loadResources } from '../../support/load-resources.ts';

type Version = 'v1' | 'v1beta1';

/** `code path` of what is found, for a spec in flow style. */
function found(spec: string, version: Version = 'v1', annotations = '{}'): string[] {
  const text = `
apiVersion: networking.k8s.io/${version}
kind: Ingress
metadata: {name: i, annotations: ${annotations}}
spec: ${spec}
`;
  const { findings } = loadResources([{ path: 'test.yaml', text }]);
  return findings.map(({ code, path }) => `${code} ${path}`);
}

const service = 'service: {name: a, port: {number: 80}}';

function withPath(path: string): string {
  return `{rules: [{host: x.test, http: {paths: [${path}]}}]}`;
}

function withBackend(backend: string): string {
  return withPath(`{path: /, pathType: Prefix, backend: {${backend}}}`);
}

const at = 'spec.rules[0].http.paths[0]';

t.test('what the API server takes is right', async (t) => {
  const cases: readonly (readonly [spec: string, version?: Version])[] = [
    [withBackend(service)],
    [withBackend('service: {name: a, port: {name: http}}')],
    [withBackend('resource: {apiGroup: x.test, kind: Bucket, name: b}')],
    [`{defaultBackend: {${service}}}`],
    [`{defaultBackend: {${service}}, rules: [{host: "*.x.test"}, {}], ingressClassName: nginx}`],
    [withPath(`{pathType: ImplementationSpecific, backend: {${service}}}`)],
    [withPath(`{path: /a//b, pathType: ImplementationSpecific, backend: {${service}}}`)],
    [withPath('{path: /, backend: {serviceName: a, servicePort: 80}}'), 'v1beta1'],
    [withPath('{backend: {serviceName: a, servicePort: http}}'), 'v1beta1'],
    ['{backend: {serviceName: a, servicePort: 80}}', 'v1beta1'],
  ];
  for (const [spec, version] of cases) t.strictSame(found(spec, version), [], spec);
});

t.test('fields of another version are named, with what to write', async (t) => {
  const cases: readonly (readonly [spec: string, version: Version, place: string])[] = [
    [withBackend('serviceName: a, servicePort: 80'), 'v1', `${at}.backend.serviceName`],
    ['{backend: {service: {name: a, port: {number: 80}}}}', 'v1', 'spec.backend'],
    [withBackend(service), 'v1beta1', `${at}.backend.service`],
    ['{defaultBackend: {serviceName: a, servicePort: 80}}', 'v1beta1', 'spec.defaultBackend'],
  ];
  for (const [spec, version, place] of cases) {
    t.strictSame(found(spec, version), [`SLC0030 ${place}`], `${version} ${spec}`);
  }
});

t.test('mistakes are told at their field', async (t) => {
  const prefix = (path: string) =>
    withPath(`{path: "${path}", pathType: Prefix, backend: {${service}}}`);
  const cases: readonly (readonly [spec: string, finding: string, version?: Version])[] = [
    ['{}', 'SLC0032 spec'],
    [withPath(`{path: /, backend: {${service}}}`), `SLC0033 ${at}`],
    [prefix('foo'), `SLC0032 ${at}.path`],
    [prefix(''), `SLC0032 ${at}.path`],
    [prefix('/a//b'), `SLC0032 ${at}.path`],
    [prefix('/a/../b'), `SLC0032 ${at}.path`],
    [prefix('/a/.'), `SLC0032 ${at}.path`],
    [prefix('/a%2Fb'), `SLC0032 ${at}.path`],
    [withBackend(''), `SLC0033 ${at}.backend`],
    [withBackend('service: {name: a}'), `SLC0033 ${at}.backend.service`],
    [withBackend('service: {name: ""}'), `SLC0033 ${at}.backend`],
    [
      withBackend('service: {name: a, port: {number: 80, name: http}}'),
      `SLC0032 ${at}.backend.service.port`,
    ],
    [
      withBackend('service: {name: a, port: {number: 0}}'),
      `SLC0032 ${at}.backend.service.port.number`,
    ],
    [
      withBackend(`${service}, resource: {kind: Bucket, name: b}`),
      `SLC0034 ${at}.backend.resource`,
    ],
    [withPath('{backend: {serviceName: a}}'), `SLC0033 ${at}.backend`, 'v1beta1'],
    [`{rules: [{host: x.test, http: {paths: []}}]}`, 'SLC0032 spec.rules[0].http'],
    [`{rules: [{host: 10.0.0.1}]}`, 'SLC0032 spec.rules[0].host'],
    [`{rules: [{host: "*"}]}`, 'SLC0032 spec.rules[0].host'],
    [`{rules: [{host: "*x.test"}]}`, 'SLC0032 spec.rules[0].host'],
    [`{rules: [{host: "x.test:80"}]}`, 'SLC0032 spec.rules[0].host'],
    [`{rules: [{host: X.test}]}`, 'SLC0032 spec.rules[0].host'],
    [`{defaultBackend: {${service}}, tls: [{hosts: [a b]}]}`, 'SLC0032 spec.tls[0].hosts[0]'],
    [`{defaultBackend: {${service}}, rulez: []}`, 'SLC0030 spec.rulez'],
    [`{rules: [{host: x.test, path: /}]}`, 'SLC0030 spec.rules[0].path'],
  ];
  for (const [spec, finding, version] of cases) {
    const [first, ...others] = found(spec, version);
    t.equal(first, finding, `${version ?? 'v1'} ${spec}`);
    t.strictSame(others, [], spec);
  }
});

t.test('the annotation of the class goes before its field', async (t) => {
  const spec = `{ingressClassName: a, defaultBackend: {${service}}}`;
  const annotations = '{kubernetes.io/ingress.class: b}';
  t.strictSame(found(spec, 'v1', annotations), ['SLC0035 spec.ingressClassName']);
});
