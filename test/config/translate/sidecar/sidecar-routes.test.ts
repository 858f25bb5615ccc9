import t from 'tap';
import type { ProxySettings } from '../../../../src/config/proxy-settings.ts';
import {
  domains,
  findingPlaces,
  resource,
  routes,
  service,
  sidecar,
  summaries,
  translate,
} from '../translate-yaml.ts';

const a = 'outbound|80||a.default.svc.cluster.local';
const fullName = 'a.default.svc.cluster.local';

function inNamespace(namespace: string): ProxySettings {
  return { ...sidecar, identity: { ...sidecar.identity, namespace } };
}

function onPort(servicePort: number): ProxySettings {
  return { ...sidecar, outbound: [{ address: '127.0.0.1', port: 15001, servicePort }] };
}

function rule(name: string, hosts: string, rest = ''): string {
  const route = `route: [{destination: {host: ${fullName}}}]`;
  const http = `http: [{name: ${name.replace('/', '-')}, ${route}}]`;
  return resource('VirtualService', name, `{hosts: ${hosts}, ${http} ${rest}}`);
}

t.test('a service has all its names, the bare one for its own namespace', async (t) => {
  t.strictSame(domains(translate(service('a'))), [
    `${fullName}:80: ${fullName} a a.default a.default.svc ${fullName}.`,
    'allow_any: *',
  ]);
  t.strictSame(
    domains(translate(service('a'), inNamespace('other')))[0]
      ?.split(' ')
      .slice(1),
    [fullName, 'a.default', 'a.default.svc', `${fullName}.`],
  );
});

t.test('a service without a VirtualService has the route "default"', async (t) => {
  const translation = translate(service('a'));
  t.strictSame(summaries(translation, 'a'), [`default: prefix / -> ${a} (1)`]);
  t.match(routes(translation, 'a')?.[0]?.action, { timeoutMs: 0, retryPolicy: { numRetries: 2 } });
});

t.test('unknown hosts pass, or are refused with 502', async (t) => {
  t.strictSame(summaries(translate(''), '*'), ['allow_any: prefix / -> PassthroughCluster (1)']);
  const mesh = { ...sidecar.mesh, outboundTrafficPolicy: 'REGISTRY_ONLY' } as const;
  t.strictSame(summaries(translate('', { ...sidecar, mesh }), '*'), [
    'block_all: prefix / -> direct-response 502',
  ]);
});

t.test('of two VirtualServices for one host the first counts whole', async (t) => {
  const both = translate(
    service('a') + rule('zz/same', `[${fullName}]`) + rule('b/same', `[${fullName}]`),
  );
  t.match(summaries(both, 'a'), ['b-same: ']);
  t.strictSame(findingPlaces(both), [`15 SLC0208`]);
  const older = rule('z', '[a]').replace(
    'name: z,',
    'name: z, creationTimestamp: "2020-01-01T00:00:00Z",',
  );
  const newer = rule('b', '[a]').replace(
    'name: b,',
    'name: b, creationTimestamp: "2024-01-01T00:00:00Z",',
  );
  t.match(summaries(translate(service('a') + newer + older), 'a'), ['z: ']);
});

t.test('a VirtualService whose rules are for others leaves the default route', async (t) => {
  const cases = [
    'sourceLabels: {app: other}',
    'sourceNamespace: other',
    'port: 81',
    'gateways: [gw]',
  ];
  for (const match of cases) {
    const http = `[{match: [{${match}}], route: [{destination: {host: a}}]}]`;
    const yaml = service('a') + resource('VirtualService', 'a', `{hosts: [a], http: ${http}}`);
    t.match(summaries(translate(yaml), 'a'), ['default: '], match);
  }
});

t.test('match.gateways makes sourceLabels and sourceNamespace meaningless', async (t) => {
  const match = '{gateways: [mesh], sourceLabels: {app: other}, sourceNamespace: other}';
  const http = `[{name: r, match: [${match}], route: [{destination: {host: a}}]}]`;
  const yaml = service('a') + resource('VirtualService', 'a', `{hosts: [a], http: ${http}}`);
  t.match(summaries(translate(yaml), 'a'), ['r: ']);
});

t.test('gateways without mesh have no effect here', async (t) => {
  const yaml = service('a') + rule('r', '[a]', ', gateways: [gw]');
  t.match(summaries(translate(yaml), 'a'), ['default: ']);
  const both = service('a') + rule('r', '[a]', ', gateways: [gw, mesh]');
  t.match(summaries(translate(both), 'a'), ['r: ']);
});

t.test('a VirtualService is seen where it is exported to', async (t) => {
  const yaml = service('a') + rule('other/r', `[${fullName}]`, ', exportTo: ["."]');
  t.match(summaries(translate(yaml), 'a'), ['default: ']);
  t.match(summaries(translate(yaml, inNamespace('other')), 'a.default'), [
    'r: '.replace('r', 'other-r'),
  ]);
});

t.test('wildcard hosts', async (t) => {
  const entry = (name: string) =>
    service('a')
      .replace('name: a,', `name: ${name.replaceAll('.', '-')},`)
      .replace(fullName, name);

  t.test('a service belongs to the most specific host over all VirtualServices', async (t) => {
    const translation = translate(
      entry('x.a.com') +
        entry('y.a.com') +
        entry('z.b.a.com') +
        rule('w1', '["*.a.com"]') +
        rule('w2', '["*.b.a.com"]') +
        rule('w3', '[x.a.com]'),
    );
    t.match(summaries(translation, 'x.a.com'), ['w3: ']);
    t.match(summaries(translation, 'y.a.com'), ['w1: ']);
    t.match(summaries(translation, 'z.b.a.com'), ['w2: ']);
    t.equal(routes(translation, '*.a.com'), null, 'it covers services, so it is no host itself');
  });

  t.test('one that covers no service is a virtual host of its own, on port 80', async (t) => {
    const yaml = entry('x.b.com') + rule('w', '["*.a.com"]');
    t.match(summaries(translate(yaml), '*.a.com'), ['w: ']);
    t.equal(routes(translate(yaml, onPort(8080)), '*.a.com', '8080'), null);
  });
});

t.test('a name with one dot is not completed: it is a host of its own', async (t) => {
  const translation = translate(service('a') + rule('two', '[a.default]'));
  t.match(summaries(translation, 'a.default'), ['two: ']);
  t.match(summaries(translation, 'a'), ['default: ']);
});

t.test('a table has the services of its port', async (t) => {
  const yaml = service('a') + service('b', 'default', 8080);
  t.match(domains(translate(yaml, onPort(8080)), '8080'), [/^b\./, 'allow_any: *']);
  t.strictSame(summaries(translate(yaml, onPort(8080)), 'b', '8080'), [
    'default: prefix / -> outbound|8080||b.default.svc.cluster.local (1)',
  ]);
});

t.test('a destination without a port has that of the listener', async (t) => {
  const yaml =
    service('a', 'default', 8080) +
    service('b') +
    resource('VirtualService', 'b', '{hosts: [b], http: [{route: [{destination: {host: a}}]}]}');
  t.strictSame(summaries(translate(yaml), 'b'), [`: prefix / -> ${a} (1)`]);
});

t.test('virtual addresses are names too', async (t) => {
  const yaml = `---
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1, "fd00::1"], ports: [{name: http, port: 80}]}
`;
  t.match(domains(translate(yaml))[0], / 10\.0\.0\.1 \[fd00::1\]$/);
});

t.test('a short form never takes the full name of another service', async (t) => {
  const other = service('b').replace('b.default.svc.cluster.local', 'a.default');
  const translation = translate(service('a') + other);
  t.match(routes(translation, 'a.default')?.[0]?.action, {
    clusters: [{ cluster: 'outbound|80||a.default' }],
  });
});

t.test('ports that are not HTTP have no routes', async (t) => {
  const tcp = service('a').replace('protocol: HTTP', 'protocol: TCP');
  const translation = translate(tcp);
  t.strictSame(domains(translation), ['allow_any: *']);
  t.ok(
    translation.mesh.clusters.some(({ name }) => name === a),
    'but they have clusters',
  );
});

t.test('rules for a service whose port is not HTTP are no rules for its name', async (t) => {
  const tcp = service('a').replace('protocol: HTTP', 'protocol: TCP');
  t.strictSame(domains(translate(tcp + rule('r', '[a]'))), ['allow_any: *']);
});

t.test('a wildcard below that of a service is no virtual host', async (t) => {
  const wide = service('a').replace(fullName, '"*.a.com"');
  t.equal(routes(translate(wide + rule('r', '["*.b.a.com"]')), '*.b.a.com'), null);
});

t.test('only names in the domain of the cluster have short forms', async (t) => {
  const other = service('a').replace(fullName, 'a.default.svc.example.com');
  t.match(
    domains(translate(other))[0],
    / a\.default\.svc\.example\.com a\.default\.svc\.example\.com\.$/,
  );
});

t.test('what is exported to the namespace alone goes before older rules for all', async (t) => {
  const open = rule('a', '[a]');
  const hidden = rule('z', '[a]', ', exportTo: ["."]');
  const named = rule('other/n', `[${fullName}]`, ', exportTo: [default]');
  t.match(summaries(translate(service('a') + open + hidden), 'a'), ['z: ']);
  t.match(summaries(translate(service('a') + open + named), 'a'), ['other-n: ']);
  t.match(summaries(translate(service('a') + hidden + named), 'a'), ['z: ']);
});

t.test('an IPv6 host stands in brackets', async (t) => {
  const translation = translate(service('a') + rule('six', '["fd00::1"]'));
  t.match(summaries(translation, '[fd00::1]'), ['six: ']);
});
