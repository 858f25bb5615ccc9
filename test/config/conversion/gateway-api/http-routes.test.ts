/** HTTPRoutes: which rule decides, under which name, and where findings and origins point. */

import t from 'tap';
import { gatewayApi } from './connection-yaml.ts';
import { bad, gatewayOf, grant, partLines, statusOf } from './gateway-yaml.ts';
import {
  gw,
  httpRoute,
  routeLines,
  routesOf,
  services,
  shortName,
  translated,
} from './route-yaml.ts';

const known = `${gw}${services('a', 'b', 'c', 'other/o')}`;
const toA = 'backendRefs: [{name: a, port: 80}]';
const toB = 'backendRefs: [{name: b, port: 80}]';

t.test('the most specific match of all routes decides', (t) => {
  const rules = [
    `{matches: [{path: {type: RegularExpression, value: "/l.*"}}], ${toA}}`,
    `{matches: [{path: {type: RegularExpression, value: "/a/very/long/pattern/.*"}}], ${toA}}`,
    `{matches: [{path: {value: /long}}, {path: {type: Exact, value: /e}}], ${toA}}`,
    `{matches: [{path: {value: /l}, headers: [{name: a, value: "1"}, {name: b, value: "1"}]}], ${toA}}`,
    `{matches: [{path: {value: /l}, method: GET}], ${toA}}`,
    `{matches: [{path: {value: /l}, queryParams: [{name: q, value: "1"}]}], ${toA}}`,
  ];
  t.strictSame(routeLines(translated(known, httpRoute('r', rules))), [
    'default.r.2: exact /e -> a',
    'default.r.2: path-separated-prefix /long -> a',
    'default.r.4: path-separated-prefix /l :method=GET -> a',
    'default.r.3: path-separated-prefix /l a=1 b=1 -> a',
    'default.r.5: path-separated-prefix /l q=1 -> a',
    'default.r.1: regex /a/very/long/pattern/.* -> a',
    'default.r.0: regex /l.* -> a',
  ]);
  t.end();
});

t.test('of two routes that say the same the older decides, then namespace and name', (t) => {
  const young = httpRoute('aa', [`{${toA}}`], 2);
  const old = httpRoute('zz', [`{${toB}}`], 1);
  t.match(routeLines(translated(known, young, old))[0], /^default\.zz\.0: .* -> b$/);
  const later = httpRoute('default/z', [`{${toA}}`]);
  const earlier = httpRoute('default/y', [`{${toB}}`]);
  t.match(routeLines(translated(known, later, earlier))[0], /^default\.y\.0: /);
  t.end();
});

t.test('a rule may have a name, and the defaults of the API server hold', (t) => {
  const named = httpRoute('r', [`{name: shop, ${toA}}`]);
  t.strictSame(routeLines(translated(known, named)), ['shop: prefix / -> a']);
  const header = httpRoute('r', [`{matches: [{headers: [{name: X, value: "1"}]}], ${toA}}`]);
  t.strictSame(routeLines(translated(known, header)), ['default.r.0: prefix / x=1 -> a']);
  const slash = httpRoute('r', [`{matches: [{path: {value: /s/}}], ${toA}}`]);
  t.strictSame(routeLines(translated(known, slash)), [
    'default.r.0: path-separated-prefix /s -> a',
  ]);
  t.end();
});

t.test('of conditions for one name the first counts', (t) => {
  const twice = '[{name: X, value: "1"}, {name: x, value: "2"}]';
  const route = httpRoute('r', [`{matches: [{headers: ${twice}, queryParams: ${twice}}], ${toA}}`]);
  const [line] = routeLines(translated(known, route));
  t.equal(line, 'default.r.0: prefix / x=1 X=1 x=2 -> a', 'names of the query have a case');
  t.end();
});

t.test('backends share requests by weight, and those without weight get none', (t) => {
  const split = [
    '{name: a, port: 80, weight: 3}',
    '{name: b, port: 80}',
    '{name: c, port: 80, weight: 0}',
  ];
  const shared = httpRoute('r', [`{backendRefs: [${split.join(', ')}]}`]);
  t.strictSame(routeLines(translated(known, shared)), ['default.r.0: prefix / -> a 3, b']);
  for (const nothing of ['[]', '[{name: a, port: 80, weight: 0}]']) {
    const idle = httpRoute('r', [`{backendRefs: ${nothing}}`]);
    t.strictSame(routeLines(translated(known, idle)), [
      'default.r.0: prefix / -> direct-response 500',
    ]);
  }
  t.end();
});

interface BadBackend {
  readonly ref: string;
  readonly reason: string;
  readonly code: string;
  /** Of its share; null: the whole route is left out. */
  readonly cluster: string | null;
}

const badBackends: Readonly<Record<string, BadBackend>> = {
  'a Service that is not there': {
    ref: '{name: nope, port: 80}',
    reason: 'BackendNotFound',
    code: 'SLC0203',
    cluster: 'nope',
  },
  'a port that the Service has not': {
    ref: '{name: a, port: 81}',
    reason: 'BackendNotFound',
    code: 'SLC0205',
    cluster: 'a:81',
  },
  'an unknown kind': {
    ref: '{group: multicluster.x-k8s.io, kind: ServiceImport, name: a, port: 80}',
    reason: 'InvalidKind',
    code: 'SLC0280',
    cluster: '',
  },
  'another namespace without a grant': {
    ref: '{name: o, namespace: other, port: 80}',
    reason: 'RefNotPermitted',
    code: 'SLC0281',
    cluster: '',
  },
  'a backend without a port': {
    ref: '{name: a}',
    reason: 'InvalidDestination',
    code: 'SLC0284',
    cluster: null,
  },
  'a host in place of a name': {
    ref: '{name: a.default.svc.cluster.local, port: 80}',
    reason: 'InvalidDestination',
    code: 'SLC0284',
    cluster: null,
  },
};

for (const [name, { ref, reason, code, cluster }] of Object.entries(badBackends)) {
  t.test(`${name}: ${reason}`, (t) => {
    const route = httpRoute('r', [`{backendRefs: [{name: b, port: 80}, ${ref}]}`]);
    const translation = translated(known, route);
    const { findings } = translation;
    t.strictSame(partLines(statusOf(translation, 'HTTPRoute', 'r')), [
      `default/gw: ${cluster === null ? `Accepted False/${reason}, ` : ''}ResolvedRefs False/${reason}`,
    ]);
    const [made] = routesOf(translation);
    const clusters = made?.action.kind === 'forward' ? made.action.clusters : [];
    const expected = cluster === null ? [] : ['b', cluster];
    t.strictSame(
      clusters.map((each) => shortName(each.cluster)),
      expected,
    );
    if (made?.action.kind === 'forward') t.equal(made.action.clusterNotFoundStatus, 500);
    const found = findings.filter((each) => each.code === code);
    t.match(found, [{ severity: 'warning', resource: 'HTTPRoute default/r' }]);
    t.match(found[0]?.path, /^spec\.rules\[0\]\.backendRefs\[1\]/);
    t.match(
      found[0]?.message,
      cluster === null ? /the route is left out with all its rules$/ : /get 500$/,
    );
    t.end();
  });
}

t.test('what else is wrong with a route that is left out is told, too', (t) => {
  const refs = ['{name: a}', '{name: nope, port: 80}', '{name: a, port: 81}'];
  const rules = refs.map((ref) => `{backendRefs: [${ref}]}`);
  const refused = '{backendRefs: [{name: o, namespace: other, port: 80}]}';
  const { findings } = translated(known, httpRoute('r', [...rules, refused]));
  const codes = findings.filter(({ resource }) => resource.startsWith('HTTPRoute'));
  t.strictSame(
    codes.map(({ code, path }) => `${code} ${path}`),
    [
      'SLC0284 spec.rules[0].backendRefs[0]',
      'SLC0203 spec.rules[1].backendRefs[0].name',
      'SLC0205 spec.rules[2].backendRefs[0].port',
      'SLC0281 spec.rules[3].backendRefs[0].namespace',
    ],
  );
  t.end();
});

t.test('a rule whose backends have no weight is told', (t) => {
  const { findings } = translated(
    known,
    httpRoute('r', ['{backendRefs: [{name: a, port: 80, weight: 0}]}']),
  );
  t.match(findings, [
    {
      code: 'SLC0209',
      path: 'spec.rules[0].backendRefs',
      message: 'no backend has a weight above zero; its requests get 500',
    },
  ]);
  t.end();
});

t.test('of a mirror that is not there only the copy is lost', (t) => {
  const mirror = '{type: RequestMirror, requestMirror: {backendRef: {name: nope, port: 80}}}';
  const rule = `{filters: [${mirror}], ${toA}}`;
  const { findings } = translated(known, httpRoute('r', [rule]));
  t.match(findings, [{ code: 'SLC0203', message: /; no copy is sent$/ }]);
  t.end();
});

t.test('a ReferenceGrant lets a route use a Service of its namespace, or one of them', (t) => {
  const from = 'group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default';
  const route = httpRoute('r', ['{backendRefs: [{name: o, namespace: other, port: 80}]}']);
  const lines = (to: string): string[] =>
    routeLines(translated(known, grant('other/g', from, to), route));
  t.strictSame(lines('group: "", kind: Service'), ['default.r.0: prefix / -> o.other']);
  t.strictSame(lines('group: "", kind: Service, name: o'), ['default.r.0: prefix / -> o.other']);
  t.strictSame(lines('group: "", kind: Service, name: p'), ['default.r.0: prefix / -> ']);
  t.end();
});

t.test('a host of the registry is a backend, as in Istio', (t) => {
  const entry = `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: e, namespace: default}
spec: {hosts: [e.test], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}
`;
  const backend = (name: string): string =>
    `{backendRefs: [{group: networking.istio.io, kind: Hostname, name: ${name}, port: 80}]}`;
  const good = translated(known, entry, httpRoute('r', [backend('e.test')]));
  t.strictSame(routeLines(good), ['default.r.0: prefix / -> e.test']);
  t.strictSame(partLines(statusOf(good, 'HTTPRoute', 'r')), ['default/gw: good']);
  const absent = translated(known, entry, httpRoute('r', [backend('f.test')]));
  t.strictSame(bad(statusOf(absent, 'HTTPRoute', 'r').parts[0]?.conditions ?? []), [
    'ResolvedRefs False/BackendNotFound',
  ]);
  t.end();
});

t.test('routes of two files for one host keep their own places', (t) => {
  const first = httpRoute('r', [`{matches: [{path: {value: /a}}], ${toA}}`]);
  const second = httpRoute('s', [`{matches: [{path: {value: /bb}}], ${toB}}`]);
  const routes = routesOf(translated(known, first, second));
  t.match(
    routes.map(({ origin }) => origin),
    [
      { kind: 'HTTPRoute', namespace: 'default', name: 's', file: 'test.yaml' },
      { kind: 'HTTPRoute', namespace: 'default', name: 'r', file: 'test.yaml' },
    ],
  );
  const text = `${known}${first}${second}`.split('\n');
  for (const { origin, match } of routes) t.match(text[origin.line - 1], match.path.value);
  t.end();
});

t.test('settings of a rule have the lines of its fields', (t) => {
  const rule = [
    '{',
    'filters: [{type: URLRewrite, urlRewrite: {hostname: h.test}}],',
    'timeouts: {request: 1s},',
    'retry: {codes: [503]},',
    `${toA}}`,
  ];
  const indented = rule.join('\n       ');
  const [route] = routesOf(translated(known, httpRoute('r', [indented])));
  const lines = `${known}${httpRoute('r', [indented])}`.split('\n');
  const lineOf = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1;
  t.match(route?.settingOrigins, {
    timeout: { kind: 'HTTPRoute', line: lineOf('timeouts:') },
    retries: { kind: 'HTTPRoute', line: lineOf('retry:') },
    rewrite: { kind: 'HTTPRoute', line: lineOf('urlRewrite:') },
  });
  t.end();
});

t.test('a host without routes at its listener is that of another Gateway of the port', (t) => {
  const isolating = gatewayOf('gw', [
    'name: wide, port: 80, protocol: HTTP, hostname: "*.test"',
    'name: narrow, port: 80, protocol: HTTP, hostname: x.test',
  ]);
  const wide = gatewayApi(
    'HTTPRoute',
    'wide',
    `{parentRefs: [{name: gw, sectionName: wide}], rules: [{${toA}}]}`,
  );
  const own = `${isolating}${services('a', 'b')}${wide}`;
  t.strictSame(routeLines(translated(own)), [': prefix / -> direct-response 404'], 'isolated');
  const other = gatewayOf('other', ['name: all, port: 80, protocol: HTTP']);
  const route = gatewayApi(
    'HTTPRoute',
    'z',
    '{parentRefs: [{name: other}], hostnames: [x.test], rules: [{backendRefs: [{name: b, port: 80}]}]}',
  );
  t.strictSame(routeLines(translated(own, other, route)), ['default.z.0: prefix / -> b']);
  t.end();
});

t.test('a route is served on each listener by the hosts that they share', (t) => {
  const narrow = gatewayOf('gw', [
    'name: http, port: 80, protocol: HTTP, hostname: "*.sub.test"',
    'name: other, port: 81, protocol: HTTP',
  ]);
  const route = gatewayApi(
    'HTTPRoute',
    'r',
    `{parentRefs: [{name: gw}], hostnames: ["*.test", a.sub.test], rules: [{${toA}}]}`,
  );
  const { mesh } = translated(narrow, services('a'), route);
  const hosts = (table: string) =>
    mesh.routeTables
      .find(({ name }) => name === table)
      ?.virtualHosts.flatMap(({ domains }) => domains);
  t.strictSame(hosts('http.80'), ['*.sub.test', 'a.sub.test']);
  t.strictSame(hosts('http.81'), ['*.test', 'a.sub.test']);
  t.end();
});
