import t from 'tap';
import {
  chainSummaries,
  entry,
  listeningOn,
  outbound,
  summarize,
  tcpProxy,
} from '../chain-summaries.ts';
import { gateway, resource, translate } from '../translate-yaml.ts';

const a = 'a.example.com';
const b = 'b.example.com';
const services = entry(a) + entry(b, { port: 9500 });

/** Chains of a client `app: client` in `default`, whose rules for `a` these are. */
function chainsWith(rules: string): string[] {
  const rule = resource('VirtualService', 'v', `{hosts: [${a}], tcp: [${rules}]}`);
  return chainSummaries(translate(services + rule, listeningOn(9000)));
}

const toA = `{destination: {host: ${a}}}`;
const toB = `{destination: {host: ${b}}}`;

t.test('a TCP port leads to its service without any rule', async (t) => {
  const translation = translate(services, listeningOn(9000));
  t.strictSame(chainSummaries(translation), [`any -> ${outbound(a)} (1)`]);
  t.strictSame(tcpProxy(translation), {
    clusters: [{ cluster: outbound(a), weight: 1 }],
    idleTimeoutMs: 3_600_000,
    maxConnectionDurationMs: 0,
    hashSourceIp: false,
  });
});

t.test('rules are asked in order, up to the first that holds for any address', async (t) => {
  const toSelf = `any -> ${outbound(a)} (1)`;
  const toOther = `any -> ${outbound(b, 9500)} (1)`;
  const table: readonly [string, string, string[]][] = [
    ['no match', `{route: [${toB}]}`, [toOther]],
    ['its port', `{match: [{port: 9000}], route: [${toB}]}`, [toOther]],
    ['another port', `{match: [{port: 9001}], route: [${toB}]}`, [toSelf]],
    ['its labels', `{match: [{sourceLabels: {app: client}}], route: [${toB}]}`, [toOther]],
    ['other labels', `{match: [{sourceLabels: {app: other}}], route: [${toB}]}`, [toSelf]],
    ['its namespace', `{match: [{sourceNamespace: default}], route: [${toB}]}`, [toOther]],
    ['another namespace', `{match: [{sourceNamespace: other}], route: [${toB}]}`, [toSelf]],
    ['the mesh', `{match: [{gateways: [mesh]}], route: [${toB}]}`, [toOther]],
    ['a gateway', `{match: [{gateways: [gw]}], route: [${toB}]}`, [toSelf]],
    [
      'all of a match must hold',
      `{match: [{gateways: [mesh], sourceNamespace: other}], route: [${toB}]}`,
      [toSelf],
    ],
    ['one match is enough', `{match: [{port: 1}, {port: 9000}], route: [${toB}]}`, [toOther]],
    [
      'the second rule',
      `{match: [{sourceNamespace: other}], route: [${toB}]}, {route: [${toA}]}`,
      [toSelf],
    ],
    ['the first of two', `{route: [${toB}]}, {route: [${toA}]}`, [toOther]],
  ];
  for (const [name, rules, expected] of table) t.strictSame(chainsWith(rules), expected, name);
});

t.test('destinationSubnets are told apart when a connection comes', async (t) => {
  const subnet = (range: string, to: string) =>
    `{match: [{destinationSubnets: ["${range}"]}], route: [${to}]}`;
  t.strictSame(chainsWith(subnet('10.0.0.0/8', toB)), [
    `10.0.0.0/8 -> ${outbound(b, 9500)} (1)`,
    `any -> ${outbound(a)} (1)`,
  ]);
  t.strictSame(
    chainsWith(`${subnet('10.0.0.1', toB)}, ${subnet('10.0.0.1/32', toA)}, {route: [${toB}]}`),
    [`10.0.0.1 -> ${outbound(b, 9500)} (1)`, `any -> ${outbound(b, 9500)} (1)`],
    'of two rules for one address the first has it',
  );
  t.strictSame(
    chainsWith(`{match: [{destinationSubnets: [10.0.0.1]}, {port: 9000}], route: [${toB}]}`),
    [`any -> ${outbound(b, 9500)} (1)`],
    'a match beside it without any has all connections',
  );
});

t.test('destinations share connections by weight', async (t) => {
  t.strictSame(
    chainsWith(
      `{route: [{destination: {host: ${a}}, weight: 0}, {destination: {host: ${b}}, weight: 30}]}`,
    ),
    [`any -> ${outbound(b, 9500)} (30)`],
  );
  t.strictSame(
    chainsWith(
      `{route: [{destination: {host: ${a}}, weight: 3}, {destination: {host: ${b}}, weight: 1}]}`,
    ),
    [`any -> ${outbound(a)} (3), ${outbound(b, 9500)} (1)`],
  );
  t.strictSame(
    chainsWith(`{route: [{destination: {host: ${a}, subset: v2}, weight: 0}]}`),
    [`any -> ${outbound(a, 9000, 'v2')} (1)`],
    'the weight of a single one is ignored',
  );
  t.strictSame(
    chainsWith('{route: [{destination: {host: nowhere}}]}'),
    [`any -> ${outbound('nowhere.default.svc.cluster.local')} (1)`],
    'what does not exist has a name all the same, and connections are closed',
  );
});

t.test('every VirtualService that names the host counts, in Istio order', async (t) => {
  const vs = (name: string, host: string, to: string, match: string) =>
    resource(
      'VirtualService',
      name,
      `{hosts: ["${host}"], tcp: [{match: [${match}], route: [${to}]}]}`,
    );
  const first = vs('v1', '*.example.com', toB, '{sourceNamespace: other}');
  const second = vs('v2', '*.example.com', toB, '{port: 9000}');
  const third = vs('v3', a, toA, '{port: 9000}');
  const { mesh } = translate(services + third + second + first, listeningOn(9000));
  t.strictSame(
    mesh.listeners[0]?.filterChains.map(({ origin }) => origin.name),
    ['v2'],
    'also a wildcard, though another names the host itself',
  );
});

t.test(
  'times and the hash are those of the DestinationRule of the first destination',
  async (t) => {
    const proxyWith = (policy: string, rules = '') => {
      const rule = resource(
        'DestinationRule',
        'd',
        `{host: ${a}, trafficPolicy: ${policy}, subsets: [{name: v1, trafficPolicy: {loadBalancer: {simple: RANDOM}, connectionPool: {tcp: {idleTimeout: 7s}}}}]}`,
      );
      const routes =
        rules === '' ? '' : resource('VirtualService', 'v', `{hosts: [${a}], tcp: [${rules}]}`);
      return tcpProxy(translate(services + rule + routes, listeningOn(9000)));
    };
    const tcp = '{connectionPool: {tcp: {idleTimeout: 5s, maxConnectionDuration: 1m}}}';
    t.match(proxyWith(tcp), { idleTimeoutMs: 5000, maxConnectionDurationMs: 60_000 });
    t.match(proxyWith('{connectionPool: {tcp: {idleTimeout: 0s}}}'), { idleTimeoutMs: 0 });
    t.match(proxyWith(tcp, `{route: [{destination: {host: ${a}, subset: v1}}]}`), {
      idleTimeoutMs: 5000,
    });
    t.match(proxyWith(tcp, `{route: [${toB}]}`), { idleTimeoutMs: 3_600_000 });
    const hashed = '{loadBalancer: {consistentHash: {useSourceIp: true}}}';
    t.match(proxyWith(hashed), { hashSourceIp: true });
    t.match(proxyWith('{loadBalancer: {consistentHash: {httpHeaderName: x}}}'), {
      hashSourceIp: false,
    });
    t.match(proxyWith(hashed, `{route: [{destination: {host: ${a}, subset: v1}}]}`), {
      hashSourceIp: false,
    });
  },
);

/** What the chains of a Gateway with these TCP servers are, by listener. */
function gatewayChains(servers: string, rules: string): string[][] {
  const yaml = services + resource('Gateway', 'gw', `{servers: [${servers}]}`) + rules;
  const { mesh } = translate(yaml, { ...gateway, selectorsApply: false });
  return mesh.listeners.map(({ filterChains }) => filterChains.map(summarize));
}

function server(port: number, hosts = '["*"]'): string {
  return `{port: {number: ${port}, name: tcp-${port}, protocol: TCP}, hosts: ${hosts}}`;
}

function bound(name: string, spec: string): string {
  return resource('VirtualService', name, `{gateways: [default/gw], ${spec}}`);
}

t.test('a TCP server of a Gateway has the first rule with its port', async (t) => {
  const rules = (hosts: string, tcp: string) => bound('v', `hosts: ${hosts}, tcp: [${tcp}]`);
  const byPort = `{match: [{port: 9000}], route: [${toA}]}, {match: [{port: 9001}], route: [${toB}]}`;
  t.strictSame(gatewayChains(`${server(9000)}, ${server(9001)}`, rules('["*"]', byPort)), [
    [`any -> ${outbound(a)} (1)`],
    [`any -> ${outbound(b, 9500)} (1)`],
  ]);
  t.strictSame(
    gatewayChains(server(9002), rules('["*"]', byPort)),
    [],
    'without a rule no port is opened',
  );
  const table: readonly [string, string, string][] = [
    ['labels of clients do not count', '["*"]', '{sourceLabels: {app: x}, sourceNamespace: x}'],
    ['subnets do not count', '["*"]', '{destinationSubnets: [10.0.0.1]}'],
    ['hosts of the server are wider', `[${a}]`, '{gateways: [default/gw]}'],
  ];
  for (const [name, hosts, match] of table) {
    const found = gatewayChains(
      server(9000, '["*.example.com"]'),
      rules(
        hosts === '["*"]' ? '["*.example.com"]' : hosts,
        `{match: [${match}], route: [${toB}]}`,
      ),
    );
    t.strictSame(found, [[`any -> ${outbound(b, 9500)} (1)`]], name);
  }
  const elsewhere = `{match: [{gateways: [default/other]}], route: [${toB}]}`;
  t.strictSame(gatewayChains(server(9000), rules('["*"]', elsewhere)), []);
  t.strictSame(
    gatewayChains(server(9000, '[other/*]'), rules('["*"]', `{route: [${toB}]}`)),
    [],
    'the hosts of the server are for VirtualServices of another namespace',
  );
});
