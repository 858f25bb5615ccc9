import t from 'tap';
import type { ProxySettings } from '../../../../src/config/proxy-settings.ts';
import {
  addresses,
  domains,
  gateway,
  resource,
  routes,
  service,
  sidecar,
  translate,
} from '../translate-yaml.ts';

const services = service('a') + service('b') + service('c', 'other');

function hosts(yaml: string, settings: ProxySettings = sidecar): string[] {
  return domains(translate(services + yaml, settings)).map((line) => line.split(/[.:]/)[0] ?? '');
}

function scoped(egress: string, name = 'default'): string {
  return resource('Sidecar', name, `{egress: [{hosts: ${egress}}]}`);
}

t.test('egress hosts are what remains visible', async (t) => {
  const cases = [
    ['["./*"]', ['a', 'b', 'allow_any']],
    ['["*/*"]', ['a', 'b', 'c', 'allow_any']],
    ['["other/*"]', ['c', 'allow_any']],
    ['["./a.default.svc.cluster.local"]', ['a', 'allow_any']],
    ['["*/*.other.svc.cluster.local"]', ['c', 'allow_any']],
    ['["./*", "~./b.default.svc.cluster.local"]', ['a', 'allow_any']],
  ] as const;
  for (const [egress, expected] of cases) t.strictSame(hosts(scoped(egress)), expected, egress);
});

t.test('an outbound listener is opened for services that are imported', async (t) => {
  const on = (servicePort: number | null) => ({ address: '127.0.0.1', port: 15001, servicePort });
  const cases = [
    ['["~/*"]', [on(80)], 0],
    ['["~/*"]', [on(null)], 0],
    ['["./x.default.svc.cluster.local"]', [on(80)], 0],
    ['["./*"]', [on(80), on(8080)], 1],
    ['["./*"]', [on(null)], 1],
  ] as const;
  for (const [egress, outbound, count] of cases) {
    const { mesh, findings } = translate(services + scoped(egress), { ...sidecar, outbound });
    t.equal(mesh.listeners.length, count, `${egress} ${outbound.length}`);
    t.equal(findings.filter(({ code }) => code === 'SLC0215').length, outbound.length - count);
  }
});

t.test('which Sidecar holds', async (t) => {
  const selecting = resource(
    'Sidecar',
    'z',
    `{workloadSelector: {labels: {app: client}},
      egress: [{hosts: ["*/a.default.svc.cluster.local"]}]}`,
  );
  const own = scoped('["*/b.default.svc.cluster.local"]');
  const root = scoped('["other/*"]', 'istio-system/default');
  t.strictSame(hosts(root + own + selecting), ['a', 'allow_any']);
  t.strictSame(hosts(root + own), ['b', 'allow_any']);
  t.strictSame(hosts(root), ['c', 'allow_any']);
  t.strictSame(hosts(root + own + selecting.replace('app: client', 'app: x')), ['b', 'allow_any']);
});

t.test('an egress listener with a port is for that port alone', async (t) => {
  const yaml = resource(
    'Sidecar',
    'default',
    `{egress: [
      {port: {number: 80, name: http, protocol: HTTP}, hosts: ["./a.default.svc.cluster.local"]},
      {hosts: ["other/*"]}]}`,
  );
  t.strictSame(hosts(yaml), ['a', 'allow_any']);
});

t.test('its outboundTrafficPolicy wins over that of the mesh', async (t) => {
  const yaml = resource('Sidecar', 'default', '{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}');
  t.strictSame(hosts(yaml), ['a', 'b', 'c', 'block_all']);
  const mesh = { ...sidecar.mesh, outboundTrafficPolicy: 'REGISTRY_ONLY' } as const;
  const open = yaml.replace('REGISTRY_ONLY', 'ALLOW_ANY');
  t.strictSame(hosts(open, { ...sidecar, mesh }), ['a', 'b', 'c', 'allow_any']);
});

t.test('a destination outside of it is reached through a VirtualService', async (t) => {
  const rule = resource(
    'VirtualService',
    'a',
    '{hosts: [a], http: [{route: [{destination: {host: c.other.svc.cluster.local}}]}]}',
  );
  const { mesh } = translate(services + rule + scoped('["./a.default.svc.cluster.local"]'));
  const [route] = routes({ mesh, secrets: [], findings: [], statuses: [] }, 'a') ?? [];
  const cluster = 'outbound|80||c.other.svc.cluster.local';
  t.match(route?.action, { clusters: [{ cluster }] });
  t.ok(mesh.clusters.some(({ name }) => name === cluster));
});

t.test('VirtualServices for hosts that are not imported have no effect', async (t) => {
  const rule = resource(
    'VirtualService',
    'x',
    '{hosts: [x.com], http: [{route: [{destination: {host: a}}]}]}',
  );
  t.strictSame(hosts(rule + scoped('["./a.default.svc.cluster.local"]')), ['a', 'allow_any']);
  t.strictSame(hosts(rule + scoped('["./*"]')), ['x', 'a', 'b', 'allow_any']);
});

t.test('in a Sidecar of the root namespace "." is the namespace of the client', async (t) => {
  const root = scoped('["./*"]', 'istio-system/default');
  t.strictSame(hosts(root), ['a', 'b', 'allow_any']);
});

t.test('a selector without labels selects everything', async (t) => {
  const all = resource('Sidecar', 'z', '{workloadSelector: {}, egress: [{hosts: ["other/*"]}]}');
  t.strictSame(hosts(all + scoped('["./*"]')), ['c', 'allow_any']);
});

t.test('of one host in two namespaces the one that is imported counts', async (t) => {
  const entry = (namespace: string, address: string) =>
    service('x', namespace)
      .replace(`x.${namespace}.svc.cluster.local`, 'x.com')
      .replace('10.1.0.1', address);
  const both = entry('one', '10.1.0.1') + entry('two', '10.1.0.2');
  const endpoint = (yaml: string) => addresses(translate(yaml), 'outbound|80||x.com');
  t.strictSame(endpoint(both), ['10.1.0.1:9000']);
  t.strictSame(endpoint(both + scoped('["two/*"]')), ['10.1.0.2:9000']);
});

t.test('a further name of a service is to be imported as well', async (t) => {
  const alias = `---
apiVersion: v1
kind: Service
metadata: {name: alias}
spec: {type: ExternalName, externalName: a.default.svc.cluster.local, ports: [{port: 80}]}
`;
  const has = (egress: string) =>
    routes(translate(services + alias + scoped(egress)), 'alias') !== null;
  t.ok(has('["./*"]'));
  t.notOk(has('["./a.default.svc.cluster.local"]'));
});

t.test('outboundTrafficPolicy without a mode is REGISTRY_ONLY', async (t) => {
  t.strictSame(
    hosts(resource('Sidecar', 'default', '{outboundTrafficPolicy: {}}')).at(-1),
    'block_all',
  );
});

t.test('an egressProxy gets the requests to unknown hosts', async (t) => {
  const host = 'a.default.svc.cluster.local';
  const policy = `{mode: ALLOW_ANY, egressProxy: {host: ${host}, port: {number: 80}}}`;
  const yaml = services + resource('Sidecar', 'default', `{outboundTrafficPolicy: ${policy}}`);
  const [route] = routes(translate(yaml), '*') ?? [];
  t.match(route, {
    name: 'allow_any',
    action: { clusters: [{ cluster: `outbound|80||${host}` }] },
  });
});

t.test('a gateway has no Sidecar', async (t) => {
  const nothing = resource('Sidecar', 'istio-system/default', '{egress: [{hosts: ["~/*"]}]}');
  t.strictSame(translate(services + nothing, gateway).findings, []);
});

t.test('a namespace that no resource is in is told', async (t) => {
  const told = (egress: string) =>
    translate(services + scoped(egress), sidecar).findings.filter(({ code }) => code === 'SLC0218');
  t.match(told('["./*", "othre/*"]'), [
    {
      severity: 'warning',
      path: 'spec.egress[0].hosts[1]',
      message: 'no resource is in the namespace othre; "othre/*" imports nothing',
      hint: 'did you mean "other"?',
    },
  ]);
  t.same(told('["other/*", "*/*", "./*", "~/*", "~gone/x.y", "istio-system/*", "default/*"]'), []);
});
