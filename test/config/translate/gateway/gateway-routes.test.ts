import t from 'tap';
import {
  domains,
  findingPlaces,
  gateway,
  resource,
  routes,
  service,
  summaries,
  translate,
} from '../translate-yaml.ts';

function servers(hosts: string, rest = ''): string {
  return `{selector: {istio: ingressgateway}, servers: [
    {port: {number: 80, name: http, protocol: HTTP}, hosts: ${hosts} ${rest}}]}`;
}

function gatewayOf(hosts: string, rest = ''): string {
  return resource('Gateway', 'istio-system/gw', servers(hosts, rest));
}

function rule(name: string, hosts: string, rules?: string): string {
  const short = name.split('/').at(-1);
  const http =
    rules ?? `[{name: ${short}, route: [{destination: {host: a.default.svc.cluster.local}}]}]`;
  return resource(
    'VirtualService',
    name,
    `{hosts: ${hosts}, gateways: [istio-system/gw], http: ${http}}`,
  );
}

const table = 'http.80';
const base = service('a');

t.test('the narrower of the hosts of server and VirtualService is served', async (t) => {
  const yaml =
    base + gatewayOf('["*.a.com", b.com]') + rule('one', '[x.a.com, c.com]') + rule('two', '["*"]');
  t.strictSame(domains(translate(yaml, gateway), table), [
    'x.a.com:80: x.a.com',
    '*.a.com:80: *.a.com',
    'b.com:80: b.com',
  ]);
});

t.test('a namespace before a server host admits its VirtualServices only', async (t) => {
  const rules = rule('team/t', '[t.com]') + rule('istio-system/s', '[t.com]');
  const cases = [
    ['["team/*"]', 'team'],
    ['["./*"]', 'istio-system'],
    ['["istio-system/t.com"]', 'istio-system'],
  ] as const;
  for (const [hosts, namespace] of cases) {
    const found = routes(translate(base + gatewayOf(hosts) + rules, gateway), 't.com', table) ?? [];
    t.strictSame(
      found.map(({ origin }) => origin.namespace),
      [namespace],
      hosts,
    );
  }
  const any = routes(translate(base + gatewayOf('["*/t.com"]') + rules, gateway), 't.com', table);
  t.equal(any?.length, 2);
});

t.test(
  'rules of several VirtualServices follow each other, those for everything last',
  async (t) => {
    const yaml =
      base +
      gatewayOf('["*"]') +
      rule('a1', '[s.com]') +
      rule(
        'b1',
        '[s.com]',
        '[{name: b1, match: [{uri: {prefix: /x}}], route: [{destination: {host: a}}]}]',
      );
    const cluster = 'outbound|80||a.default.svc.cluster.local (1)';
    t.strictSame(summaries(translate(yaml, gateway), 's.com', table), [
      `b1: prefix /x -> ${cluster}`,
      `a1: prefix / -> ${cluster}`,
    ]);
  },
);

t.test('a Gateway that nothing is bound to answers 404', async (t) => {
  const translation = translate(base + gatewayOf('[a.com]') + rule('r', '[b.com]'), gateway);
  t.strictSame(domains(translation, table), ['blackhole:80: *']);
  t.strictSame(summaries(translation, '*', table), []);
  t.strictSame(findingPlaces(translation), ['16 SLC0202']);
});

t.test(
  'a gateway name without a namespace is of the namespace of the VirtualService',
  async (t) => {
    const short = rule('r', '[b.com]').replace('istio-system/gw', 'gw');
    const translation = translate(base + gatewayOf('["*"]') + short, gateway);
    t.strictSame(domains(translation, table), ['blackhole:80: *']);
    const [unknown] = translation.findings;
    t.match(unknown, { code: 'SLC0201', path: 'spec.gateways[0]', hint: /istio-system\/gw/ });
  },
);

t.test('httpsRedirect is for all hosts of the server', async (t) => {
  const yaml =
    base + gatewayOf('["*.a.com"]', ', tls: {httpsRedirect: true}') + rule('r', '[x.a.com]');
  const { mesh } = translate(yaml, gateway);
  t.match(mesh.routeTables[0]?.virtualHosts, [
    { domains: ['x.a.com'], requireTls: true },
    { domains: ['*.a.com'], requireTls: true, routes: [] },
  ]);
});

t.test('httpsRedirect is not for hosts of a namespace that nothing serves', async (t) => {
  const hosts = '["other/x.com", "./y.com", "*/z.com"]';
  const yaml = base + gatewayOf(hosts, ', tls: {httpsRedirect: true}') + rule('r', '[y.com]');
  const { mesh } = translate(yaml, gateway);
  t.strictSame(
    mesh.routeTables[0]?.virtualHosts.map((host) => host.domains[0]),
    ['z.com'],
  );
});

t.test(
  'a destination without a port has the only port of its service, or the listener’s',
  async (t) => {
    const yaml =
      service('a', 'default', 9080) +
      gatewayOf('["*"]') +
      rule('r', '["*"]') +
      rule('s', '[b.com]', '[{route: [{destination: {host: unknown}}]}]');
    const translation = translate(yaml, gateway);
    t.match(summaries(translation, '*', table), [/outbound\|9080\|\|a\./]);
    t.match(summaries(translation, 'b.com', table), [/outbound\|80\|\|unknown\./]);
  },
);

t.test(
  'Gateways whose selector does not fit are not served, unless the proxy has no labels',
  async (t) => {
    const yaml = base + gatewayOf('["*"]').replace('{istio: ingressgateway}', '{istio: egress}');
    t.strictSame(translate(yaml, gateway).mesh.listeners, []);
    const all = { ...gateway, selectorsApply: false };
    t.equal(translate(yaml, all).mesh.listeners.length, 1);
  },
);

t.test('Gateways of several namespaces share a port', async (t) => {
  const other = resource('Gateway', 'team/gw', servers('[t.com]'));
  const team = rule('team/t', '[t.com]').replace('istio-system/gw', 'gw');
  const yaml = base + gatewayOf('["*.a.com"]') + other + team + rule('r', '[x.a.com]');
  const translation = translate(yaml, gateway);
  t.equal(translation.mesh.listeners.length, 1);
  t.strictSame(domains(translation, table), ['x.a.com:80: x.a.com', 't.com:80: t.com']);
});

t.test(
  'a --port for a port that no Gateway has is told, an entry of the Bootstrap is not',
  async (t) => {
    const bootstrap = `---
apiVersion: sluice.dev/v1
kind: Bootstrap
metadata: {name: b}
spec: {listeners: {ports: {81: 8081}}}
`;
    const yaml = base + gatewayOf('["*"]') + rule('r', '["*"]') + bootstrap;
    const found = (settings: typeof gateway) => {
      const { findings } = translate(yaml, settings);
      return findings.map(
        ({ code, path, message, hint }) => `${code} ${path}: ${message}; ${hint}`,
      );
    };
    t.strictSame(found({ ...gateway, gatewayPorts: { 80: 8080 } }), []);
    const message = (port: number, local: number) =>
      `no Gateway of this proxy has a server on port ${port}, which is mapped to ${local}; there are servers on 80`;
    t.strictSame(found({ ...gateway, gatewayPorts: { 81: 8081, 443: 8443 } }), [
      `SLC0226 : ${message(443, 8443)}`,
    ]);
    t.strictSame(found({ ...gateway, localTls: true, gatewayPorts: { 443: 8443 } }), []);
  },
);
