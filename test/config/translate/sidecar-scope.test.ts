import t from 'tap';
import type { ProxySettings } from '../../../src/config/proxy-settings.ts';
import { domains, resource, routes, service, sidecar, translate } from './translate-yaml.ts';

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

t.test('no outbound listener is opened where nothing is imported', async (t) => {
  const translation = translate(services + scoped('["~/*"]'));
  t.strictSame(translation.mesh.listeners, []);
  t.match(translation.findings, [{ code: 'SLC0215' }]);
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
  const [route] = routes({ mesh, findings: [] }, 'a') ?? [];
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
