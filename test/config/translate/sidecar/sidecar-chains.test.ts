import t from 'tap';
import { chainSummaries, entry, listeningOn, outbound } from '../chain-summaries.ts';
import { resource, translate } from '../translate-yaml.ts';

const http = 'raw http -> http';
const unknown = 'any -> PassthroughCluster (1)';
const a = 'a.example.com';
const b = 'b.example.com';

function chainsOn(yaml: string, address?: string, port = 9000): string[] {
  return chainSummaries(translate(yaml, listeningOn(port, address)));
}

function kubernetes(name: string, port: string, clusterIp = ''): string {
  return `---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default}
spec: {${clusterIp} selector: {app: ${name}}, ports: [${port}]}
`;
}

t.test('what a port is decides what its listener takes', async (t) => {
  const table: readonly [string, string[]][] = [
    ['HTTP', [http, unknown]],
    ['HTTP2', [http, unknown]],
    ['GRPC-Web', [http, unknown]],
    ['""', [http, `any -> ${outbound(a)} (1)`]],
    ['TCP', [`any -> ${outbound(a)} (1)`]],
    ['Mongo', [`any -> ${outbound(a)} (1)`]],
    ['TLS', [`${a} -> ${outbound(a)} (1)`, unknown]],
    ['HTTPS', [`${a} -> ${outbound(a)} (1)`, unknown]],
    ['UDP', [http, unknown]],
  ];
  for (const [protocol, expected] of table) {
    t.strictSame(chainsOn(entry(a, { protocol })), expected, protocol);
  }
});

t.test('HTTP and TCP on one port are told apart by the first bytes', async (t) => {
  const yaml = entry(a, { protocol: 'HTTP' }) + entry(b);
  t.strictSame(chainsOn(yaml), [http, `any -> ${outbound(b)} (1)`]);
});

t.test('a listener for all addresses tells services apart by theirs', async (t) => {
  const yaml =
    entry(a, { addresses: ['10.0.0.1', '10.0.0.2/32'] }) +
    entry(b, { addresses: ['10.0.1.1', '10.1.0.0/16'], protocol: 'TLS' }) +
    entry('c.example.com');
  t.strictSame(chainsOn(yaml, '0.0.0.0'), [
    `10.0.0.1 10.0.0.2 -> ${outbound(a)} (1)`,
    `10.0.1.1 -> ${outbound(b)} (1)`,
    `10.1.0.0/16 ${b} -> ${outbound(b)} (1)`,
    `any -> ${outbound('c.example.com')} (1)`,
  ]);
});

t.test('a listener at the address of a service is for that service', async (t) => {
  const yaml =
    entry(a, { addresses: ['127.0.0.5'] }) +
    entry(b) +
    entry('c.example.com', { protocol: 'HTTP' });
  t.strictSame(chainsOn(yaml, '127.0.0.5'), [`any -> ${outbound(a)} (1)`]);
  t.strictSame(chainsOn(yaml, '127.0.0.1'), [http, `any -> ${outbound(b)} (1)`]);
  const detected = entry(a, { addresses: ['127.0.0.5'], protocol: '""' });
  t.strictSame(chainsOn(detected, '127.0.0.5'), [http, `any -> ${outbound(a)} (1)`]);
});

t.test('what is for no service by its address is for none of several', async (t) => {
  const own = (address: string) => ({ addresses: [address] });
  const yaml = entry(a, own('10.0.0.1')) + entry(b, own('10.0.0.2'));
  const byAddress = [`10.0.0.1 -> ${outbound(a)} (1)`, `10.0.0.2 -> ${outbound(b)} (1)`];
  t.strictSame(chainsOn(yaml, '0.0.0.0'), [...byAddress, unknown]);
  t.strictSame(chainsOn(entry(a, own('10.0.0.1')), '0.0.0.0'), [
    `10.0.0.1 -> ${outbound(a)} (1)`,
    `any -> ${outbound(a)} (1)`,
  ]);
  t.strictSame(chainsOn(yaml, '127.0.0.1'), [`any -> ${outbound(a)} (1)`]);
});

t.test('ranges of a service hold on every listener', async (t) => {
  const yaml = entry(a, { addresses: ['127.1.0.0/16'] });
  t.strictSame(chainsOn(yaml), [`127.1.0.0/16 -> ${outbound(a)} (1)`, unknown]);
});

t.test('a service with an address has the connections to others where it is alone', async (t) => {
  const port = '{name: tls, port: 9000}';
  const vault = 'vault.default.svc.cluster.local';
  const safe = 'safe.default.svc.cluster.local';
  t.strictSame(chainsOn(kubernetes('vault', port)), [`any -> ${outbound(vault)} (1)`]);
  t.strictSame(chainsOn(kubernetes('vault', port, 'clusterIP: 10.0.0.9,')), [
    `any -> ${outbound(vault)} (1)`,
  ]);
  const names = (name: string) =>
    `${name}.default.svc.cluster.local ${name} ${name}.default ${name}.default.svc`;
  t.strictSame(chainsOn(kubernetes('vault', port) + kubernetes('safe', port)), [
    `${names('safe')} -> ${outbound(safe)} (1)`,
    `${names('vault')} -> ${outbound(vault)} (1)`,
    unknown,
  ]);
  t.strictSame(
    chainsOn(kubernetes('safe', '{name: tcp, port: 9000}') + entry(a)),
    [`any -> ${outbound(a)} (1)`],
    'after those without one',
  );
});

t.test('what a Sidecar does not import is unknown on its listener', async (t) => {
  const only = (policy: string) =>
    resource('Sidecar', 's', `{${policy} egress: [{hosts: ["./${b}"]}]}`);
  t.strictSame(chainsOn(entry(a, { protocol: 'TLS' }) + entry(b, { protocol: 'TLS' }) + only('')), [
    `${b} -> ${outbound(b)} (1)`,
    unknown,
  ]);
  const proxied = only(
    `outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: ${b}, port: {number: 9000}}},`,
  );
  t.strictSame(chainsOn(entry(b, { protocol: 'TLS' }) + proxied), [
    `${b} -> ${outbound(b)} (1)`,
    `any -> ${outbound(b)} (1)`,
  ]);
});

t.test('chains have names of their own that a reload finds again', async (t) => {
  const yaml = entry(a, { protocol: 'TLS' }) + entry(b, { protocol: 'TLS' });
  const names = (text: string) =>
    translate(text, listeningOn(9000)).mesh.listeners[0]?.filterChains.map(({ name }) => name);
  t.strictSame(names(yaml), [`tcp ${a}`, `tcp ${b}`, 'tcp']);
  t.strictSame(names(entry(b, { protocol: 'TLS' })), [`tcp ${b}`, 'tcp']);
});

t.test('an inbound listener takes what the port of the application is', async (t) => {
  const settings = {
    ...listeningOn(80),
    outbound: [],
    inbound: [{ address: '127.0.0.1', port: 15006, appPort: 8080 }],
  };
  const inbound = (yaml: string) => {
    const translation = translate(yaml, settings);
    return [chainSummaries(translation), translation.mesh.routeTables.map(({ name }) => name)];
  };
  const named = (name: string) => `---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: client}, ports: [{name: ${name}, port: 80, targetPort: 8080}]}
`;
  const app = 'inbound|8080||';
  const toApp = `any -> ${app} (1)`;
  t.strictSame(inbound(named('http')), [['any -> http'], [app]]);
  t.strictSame(inbound(named('any')), [[http, toApp], [app]]);
  t.strictSame(inbound(named('mysql')), [[toApp], []]);
  t.strictSame(inbound(named('https')), [[toApp], []]);
  t.strictSame(inbound(entry(a)), [['any -> http'], [app]], 'no service leads there');
  const ingress = resource(
    'Sidecar',
    'web',
    '{ingress: [{port: {number: 8080, name: tcp, protocol: TCP}, defaultEndpoint: "127.0.0.1:9"}]}',
  );
  t.strictSame(inbound(named('http') + ingress), [[toApp], []], 'a Sidecar says it first');
});

t.test('services that connections cannot be told apart by are told', async (t) => {
  const codes = (yaml: string, address?: string) =>
    translate(yaml, listeningOn(9000, address)).findings.map(({ code }) => code);
  const own = { addresses: ['127.0.0.5'] };
  t.strictSame(codes(entry(a) + entry(b)), ['SLC0233']);
  t.strictSame(codes(entry(a, own) + entry(b)), ['SLC0233']);
  t.strictSame(codes(entry(a, own) + entry(b), '0.0.0.0'), []);
  t.strictSame(codes(entry(a, own) + entry(b), '127.0.0.5'), []);
  t.strictSame(codes(entry(a, { protocol: 'TLS' }) + entry(b, { protocol: 'TLS' })), []);
  t.strictSame(codes(entry(a, { protocol: '""' }) + entry(b, { protocol: '""' })), []);
});
