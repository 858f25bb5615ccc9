import t from 'tap';
import type { ProxySettings } from '../../../../src/config/proxy-settings.ts';
import type { Translation } from '../../../../src/config/translate/mesh.ts';
import { resource, summaries, translate } from '../../translate/translate-yaml.ts';
import {
  atHome,
  chains,
  clientOf,
  conditions,
  edge,
  found,
  gatewayApi,
  kubernetesService,
  short,
} from './connection-yaml.ts';

const services = ['a', 'b', 'c']
  .map((name) => kubernetesService(`shop/${name}`, '80 http', '8080 http-other'))
  .join('');

interface RouteShape {
  readonly kind?: string;
  readonly parent?: string;
  readonly match?: string;
  readonly to?: string;
  readonly created?: number;
}

const parentOf = (fields = '') => `{group: "", kind: Service, name: a, namespace: shop${fields}}`;

function route(name: string, shape: RouteShape = {}): string {
  const { kind = 'HTTPRoute', parent = parentOf(), match, to = 'b', created = 1 } = shape;
  const matches = match === undefined ? '' : `matches: [${match}], `;
  const backends = `backendRefs: [{name: ${to}, namespace: shop, port: 80}]`;
  const spec = `{parentRefs: [${parent}], rules: [{${matches}${backends}}]}`;
  return gatewayApi(kind, name, spec, created);
}

const path = (value: string) => `{path: {type: Exact, value: ${value}}}`;

function translated(documents: string, settings: ProxySettings = clientOf('shop')): Translation {
  return translate(services + documents, settings);
}

/** `path -> cluster` of each route for `a`. */
function routes(made: Translation, port = 80): string[] {
  const domain = 'a.shop.svc.cluster.local';
  return summaries(made, domain, String(port)).map((text) => short(text).replace(/^.*?: /, ''));
}

const plain = ['prefix / -> a.shop:80 (1)'];

t.test('a route in the namespace of its Service is for all clients', async (t) => {
  for (const namespace of ['shop', 'other']) {
    const made = translated(route('shop/r'), clientOf(namespace));
    t.strictSame(routes(made), ['prefix / -> b.shop:80 (1)']);
    t.strictSame(found(made), []);
  }
});

t.test('any other one is for clients of its namespace, and goes before', async (t) => {
  const documents = route('shop/r') + route('other/r', { to: 'c', created: 2 });
  t.strictSame(routes(translated(documents, clientOf('other'))), ['prefix / -> c.shop:80 (1)']);
  t.strictSame(routes(translated(documents, clientOf('third'))), ['prefix / -> b.shop:80 (1)']);
  t.strictSame(routes(translated(route('other/r'), clientOf('shop'))), plain);
});

t.test('rules of all routes of a Service go by precedence', async (t) => {
  const documents =
    route('shop/young', { match: path('/x'), to: 'c', created: 3 }) +
    route('shop/all', { created: 1 }) +
    route('shop/old', { match: path('/x'), to: 'a', created: 2 });
  t.strictSame(routes(translated(documents)), [
    'exact /x -> a.shop:80 (1)',
    'exact /x -> c.shop:80 (1)',
    'prefix / -> b.shop:80 (1)',
  ]);
});

t.test('what no rule takes is not found', async (t) => {
  t.strictSame(routes(translated(route('shop/r', { match: path('/x') }))), [
    'exact /x -> b.shop:80 (1)',
  ]);
});

t.test('a port may be named by number or name; others go on as they were', async (t) => {
  for (const fields of [', port: 80', ', sectionName: http']) {
    const documents = route('shop/r', { parent: parentOf(fields) });
    t.strictSame(routes(translated(documents)), ['prefix / -> b.shop:80 (1)']);
    const other = translated(documents, clientOf('shop', 8080));
    t.strictSame(routes(other, 8080), ['prefix / -> a.shop:8080 (1)']);
  }
  const both =
    route('shop/r', { parent: parentOf(', port: 80') }) +
    route('other/s', {
      parent: parentOf(', port: 8080'),
      to: 'c',
    });
  t.strictSame(routes(translated(both, clientOf('other'))), ['prefix / -> b.shop:80 (1)']);
  t.strictSame(routes(translated(both, clientOf('other', 8080)), 8080), [
    'prefix / -> c.shop:80 (1)',
  ]);
});

t.test('a GRPCRoute without matches has all calls', async (t) => {
  const parent = parentOf(', port: 80');
  const made = translated(route('shop/r', { kind: 'GRPCRoute', parent }));
  t.strictSame(routes(made), ['prefix / -> b.shop:80 (1)']);
});

t.test('a parent may be a ServiceEntry', async (t) => {
  const entry = resource(
    'ServiceEntry',
    'shop/far',
    '{hosts: [far.test], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}',
  );
  const parent = '{group: networking.istio.io, kind: ServiceEntry, name: far}';
  const made = translated(entry + route('shop/r', { parent }));
  t.strictSame(summaries(made, 'far.test').map(short), ['shop.r.0: prefix / -> b.shop:80 (1)']);
});

t.test('no grant is asked for; what is missing is told', async (t) => {
  const made = translated(route('other/r', { to: 'none' }), clientOf('other'));
  t.strictSame(conditions(made, 'HTTPRoute', 'r'), [
    'shop/a Accepted True Accepted',
    'shop/a ResolvedRefs False BackendNotFound',
  ]);
  t.strictSame(found(made), ['SLC0203 spec.rules[0].backendRefs[0].name']);
  const table: readonly (readonly [fields: string, field: string])[] = [
    [', port: 81', 'port'],
    [', sectionName: none', 'sectionName'],
  ];
  for (const [fields, field] of table) {
    const lost = translated(route('shop/r', { parent: parentOf(fields) }));
    t.strictSame(routes(lost), plain);
    const [accepted = ''] = conditions(lost, 'HTTPRoute', 'r');
    t.match(accepted, / Accepted False NoMatchingParent$/);
    t.strictSame(found(lost), [`SLC0265 spec.parentRefs[0].${field}`]);
  }
  const nobody = translated(route('shop/r', { parent: '{group: "", kind: Service, name: none}' }));
  t.strictSame(found(nobody), ['SLC0265 spec.parentRefs[0].name']);
});

t.test('a route may be for a Gateway and for a Service', async (t) => {
  const parent = `${parentOf()}, {name: edge, namespace: default}`;
  const listener =
    '{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}';
  const documents = edge(listener) + route('shop/r', { parent });
  t.strictSame(routes(translated(documents)), ['prefix / -> b.shop:80 (1)']);
  const made = translated(documents, atHome);
  t.strictSame(chains(made), ['80 any -> http']);
  t.strictSame(conditions(made, 'HTTPRoute', 'r'), [
    'shop/a Accepted True Accepted',
    'shop/a ResolvedRefs True ResolvedRefs',
    'default/edge Accepted True Accepted',
    'default/edge ResolvedRefs True ResolvedRefs',
  ]);
});
