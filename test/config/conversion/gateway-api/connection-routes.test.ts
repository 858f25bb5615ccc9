import t from 'tap';
import { translate } from '../../translate/translate-yaml.ts';
import {
  atHome,
  chains,
  clientOf,
  conditions,
  edge,
  found,
  gatewayApi,
  kubernetesService,
} from './connection-yaml.ts';

const services = kubernetesService('a', '443 tls', '9000 tcp') + kubernetesService('b', '443 tls');

const passthrough = (name: string, hostname = '') =>
  `{name: ${name}, port: 443, protocol: TLS, tls: {mode: Passthrough}${host(hostname)}}`;
const terminate = (name: string, hostname = '') =>
  `{name: ${name}, port: 443, protocol: TLS, tls: {options: {gateway.istio.io/tls-terminate-mode: ISTIO_MUTUAL}}${host(hostname)}}`;
const tcp = (name: string, port: number) => `{name: ${name}, port: ${port}, protocol: TCP}`;

function host(hostname: string): string {
  return hostname === '' ? '' : `, hostname: "${hostname}"`;
}

interface RouteShape {
  readonly kind?: string;
  readonly hostnames?: string;
  readonly parent?: string;
  readonly backends?: string;
  readonly created?: number;
}

function route(name: string, shape: RouteShape = {}): string {
  const { kind = 'TLSRoute', hostnames, parent = '{name: edge}', created = 1 } = shape;
  const { backends = '{name: a, port: 443}' } = shape;
  const hosts = hostnames === undefined ? '' : `hostnames: [${hostnames}], `;
  const spec = `{parentRefs: [${parent}], ${hosts}rules: [{backendRefs: [${backends}]}]}`;
  return gatewayApi(kind, name, spec, created);
}

function translated(...documents: readonly string[]) {
  return translate(services + documents.join(''), { ...atHome, identityFolder: '/etc/certs' });
}

const a = 'a.default:443 (1)';
const b = 'b.default:443 (1)';

t.test('TLS is passed on by what the hosts of listener and route have in common', async (t) => {
  const table: readonly (readonly [listener: string, hostnames: string, expected: string])[] = [
    ['abc.example.com', '"*.example.com"', 'abc.example.com'],
    ['*.example.com', 'abc.example.com', 'abc.example.com'],
    ['*.example.com', '"*.com"', '*.example.com'],
    ['*.com', '"*.example.com"', '*.example.com'],
    ['', 'abc.example.com', 'abc.example.com'],
  ];
  for (const [listener, hostnames, expected] of table) {
    const made = translated(edge(passthrough('tls', listener)), route('r', { hostnames }));
    t.strictSame(chains(made), [`443 ${expected} -> ${a}`], expected);
    t.strictSame(found(made), []);
  }
  const made = translated(edge(passthrough('tls')), route('r'));
  t.strictSame(chains(made), [`443 any -> ${a}`], 'no hosts at all');
});

t.test('of two routes for one server name the older has it', async (t) => {
  const made = translated(
    edge(passthrough('tls')),
    route('r', { hostnames: 'a.test, b.test', created: 2 }),
    route('s', { hostnames: 'a.test', created: 1, backends: '{name: b, port: 443}' }),
  );
  t.strictSame(chains(made), [`443 a.test -> ${b}`, `443 b.test -> ${a}`]);
  t.strictSame(found(made), ['SLC0230 spec.hostnames']);
});

t.test('where TLS ends each host may go elsewhere', async (t) => {
  const made = translated(
    edge(terminate('tls', '*.test')),
    route('r', { hostnames: 'a.test', backends: '{name: a, port: 9000}' }),
    route('s', { hostnames: '"*.test"', backends: '{name: b, port: 443}' }),
    route('t', { hostnames: 'a.test', created: 2 }),
  );
  t.strictSame(chains(made).sort(), [`443 *.test -> ${b}`, '443 a.test -> a.default:9000 (1)']);
  t.strictSame(found(made), []);
});

t.test('a listener of which only some hosts are used is no finding', async (t) => {
  const made = translated(edge(terminate('tls')), route('r', { hostnames: 'a.test' }));
  t.strictSame(chains(made), [`443 a.test -> ${a}`]);
  t.strictSame(found(made), []);
  t.strictSame(conditions(made, 'Gateway', 'edge').at(-1), 'tls ResolvedRefs True ResolvedRefs');
});

t.test('TLS may end for some names of a port and not for others', async (t) => {
  const made = translated(
    edge(terminate('ends', 'a.test'), passthrough('goes-on', 'b.test')),
    route('r', { hostnames: 'a.test, b.test', backends: '{name: a, port: 9000}' }),
  );
  const kinds = made.mesh.listeners[0]?.filterChains.map(
    ({ match, tls }) => `${match.serverNames} ${tls === null ? 'passed on' : 'ends'}`,
  );
  t.strictSame(kinds?.sort(), ['a.test ends', 'b.test passed on']);
});

t.test('a TCPRoute has a listener by its name or its port', async (t) => {
  const made = translated(
    edge(tcp('one', 9001), tcp('two', 9002), tcp('three', 9003)),
    route('by-port', { kind: 'TCPRoute', parent: '{name: edge, port: 9001}' }),
    route('by-name', {
      kind: 'TCPRoute',
      parent: '{name: edge, sectionName: two}',
      backends: '{name: b, port: 443}',
    }),
    route('by-both', {
      kind: 'TCPRoute',
      parent: '{name: edge, sectionName: three, port: 9003}',
      backends:
        '{name: a, port: 443, weight: 70}, {name: b, port: 443, weight: 30}, {name: a, port: 9000, weight: 0}',
    }),
  );
  t.strictSame(chains(made), [
    `9001 any -> ${a}`,
    `9002 any -> ${b}`,
    '9003 any -> a.default:443 (70), b.default:443 (30)',
  ]);
  t.strictSame(found(made), []);
});

t.test('of several TCPRoutes of a listener the oldest has all connections', async (t) => {
  const made = translated(
    edge(tcp('tcp', 9001)),
    route('a', { kind: 'TCPRoute', created: 2 }),
    route('b', { kind: 'TCPRoute', created: 1, backends: '{name: b, port: 443}' }),
  );
  t.strictSame(chains(made), [`9001 any -> ${b}`]);
});

t.test('what cannot be followed closes connections, and is told', async (t) => {
  const nowhere = '9001 any -> UnknownService (1)';
  const table: readonly (readonly [
    backends: string,
    chain: string,
    reason: string,
    code: string,
  ])[] = [
    ['', nowhere, 'True ResolvedRefs', ''],
    ['{name: a, port: 443, weight: 0}', nowhere, 'True ResolvedRefs', ''],
    ['{name: a, port: 443, namespace: other}', nowhere, 'False RefNotPermitted', 'SLC0281'],
    ['{kind: Pod, name: a, port: 443}', nowhere, 'False InvalidKind', 'SLC0280'],
    ['{name: c, port: 80}', '9001 any -> c.default:80 (1)', 'False BackendNotFound', 'SLC0203'],
    ['{name: a, port: 80}', '9001 any -> a.default:80 (1)', 'False BackendNotFound', 'SLC0205'],
  ];
  for (const [backends, chain, condition, code] of table) {
    const made = translated(edge(tcp('tcp', 9001)), route('r', { kind: 'TCPRoute', backends }));
    t.strictSame(chains(made), [chain], backends);
    t.strictSame(conditions(made, 'TCPRoute', 'r'), [
      'default/edge Accepted True Accepted',
      `default/edge ResolvedRefs ${condition}`,
    ]);
    const codes = made.findings.map((finding) => finding.code);
    t.strictSame(codes, code === '' ? [] : [code], backends);
  }
});

t.test('findings point at the fields of the route', async (t) => {
  const backends = '{name: a, port: 443, weight: 0}, {name: c, port: 1}, {name: a, port: 2}';
  const made = translated(edge(tcp('tcp', 9001)), route('r', { kind: 'TCPRoute', backends }));
  t.strictSame(found(made), [
    'SLC0203 spec.rules[0].backendRefs[1].name',
    'SLC0205 spec.rules[0].backendRefs[2].port',
  ]);
  t.match(made.findings, [{ resource: 'TCPRoute default/r' }]);
});

const parent = '{group: "", kind: Service, name: a, port: 9000}';

t.test('routes of a Service are for the connections of its clients', async (t) => {
  const tcpRoute = route('r', { kind: 'TCPRoute', parent, backends: '{name: b, port: 443}' });
  t.match(chains(translate(services + tcpRoute, clientOf('default', 9000))), [`9000 any -> ${b}`]);
  const wholeService = '{group: "", kind: Service, name: a}';
  const tls = route('s', { parent: wholeService, backends: '{name: b, port: 443}' });
  const made = chains(translate(services + tls, clientOf('default', 443)));
  t.ok(made.includes(`443 a.default.svc.cluster.local -> ${b}`), made.join('\n'));
  const named = route('s', {
    parent: wholeService,
    hostnames: 'a.test',
    backends: '{name: b, port: 443}',
  });
  const ofName = chains(translate(services + named, clientOf('default', 443)));
  t.ok(ofName.includes(`443 a.test -> ${b}`), ofName.join('\n'));
});

t.test('a route of another namespace is for its own clients only', async (t) => {
  const ours = '{group: "", kind: Service, name: a, namespace: default}';
  const backends = '{name: b, namespace: default, port: 443}';
  const consumer = route('shop/r', { kind: 'TCPRoute', parent: ours, backends });
  const own = chains(translate(services + consumer, clientOf('shop', 9000)));
  t.ok(own.includes(`9000 any -> ${b}`), own.join('\n'));
  const others = chains(translate(services + consumer, clientOf('default', 9000)));
  t.notOk(others.includes(`9000 any -> ${b}`), others.join('\n'));
  t.strictSame(
    conditions(translate(services + consumer, clientOf('shop', 9000)), 'TCPRoute', 'r'),
    ['default/a Accepted True Accepted', 'default/a ResolvedRefs True ResolvedRefs'],
  );
});
