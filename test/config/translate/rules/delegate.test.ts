import t from 'tap';
import { resource, routes, service, translate } from '../translate-yaml.ts';

function root(rule: string): string {
  const fallback = '{name: rest, route: [{destination: {host: a}}]}';
  return resource('VirtualService', 'root', `{hosts: [a], http: [${rule}, ${fallback}]}`);
}

function leaf(rules: string, name = 'leaf'): string {
  return resource('VirtualService', name, `{http: ${rules}}`);
}

const to = 'route: [{destination: {host: a}}]';

function names(yaml: string): string[] {
  return (routes(translate(service('a') + yaml), 'a') ?? []).map(({ name }) => name);
}

t.test('the rules of the delegate stand in place of the rule that names it', async (t) => {
  const rules = `[{name: one, match: [{uri: {prefix: /p/1}}], ${to}},
    {name: two, match: [{uri: {prefix: /p/2}}], ${to}}]`;
  const yaml =
    root('{name: r, match: [{uri: {prefix: /p}}], delegate: {name: leaf}}') + leaf(rules);
  t.strictSame(names(yaml), ['r-one', 'r-two', 'rest']);
});

t.test('a delegate that is not there, or not seen, leaves only its rule out', async (t) => {
  const rule = '{match: [{uri: {prefix: /p}}], delegate: {name: leaf, namespace: team}}';
  t.strictSame(names(root(rule)), ['rest']);
  const hidden = resource('VirtualService', 'team/leaf', `{http: [{${to}}], exportTo: ["."]}`);
  const translation = translate(service('a') + root(rule) + hidden);
  t.match(translation.findings, [{ code: 'SLC0211', path: 'spec.http[0].delegate' }]);
  const open = hidden.replace('["."]', '[default]');
  t.strictSame(names(root(rule) + open), ['', 'rest']);
});

t.test('which matches fit together', async (t) => {
  const cases = [
    ['{uri: {prefix: /p}}', '{uri: {prefix: /p/x}}', true],
    ['{uri: {prefix: /p}}', '{uri: {exact: /p/x}}', true],
    ['{uri: {prefix: /p}}', '{uri: {prefix: /q}}', false],
    ['{uri: {prefix: /p/long}}', '{uri: {prefix: /p}}', false],
    ['{uri: {exact: /e}}', '{uri: {exact: /e}}', true],
    ['{uri: {exact: /e}}', '{uri: {prefix: /e}}', false],
    ['{uri: {regex: /p.*}}', '{uri: {prefix: /p}}', false],
    ['{uri: {prefix: /p}}', '{uri: {regex: /p.*}}', false],
    ['{uri: {regex: /p.*}}', '{uri: {}}', false],
    ['{uri: {prefix: /p}}', '{uri: {}}', false],
    ['{headers: {x: {}}}', '{headers: {x: {exact: a}}}', false],
    ['{headers: {x: {exact: a}}}', '{headers: {x: {}}}', false],
    ['{headers: {x: {}}}', '{headers: {x: {}}}', false],
    ['{uri: {regex: /p.*}}', '{headers: {x: {exact: a}}}', true],
    ['{headers: {x: {exact: a}}}', '{headers: {x: {exact: b}}}', false],
    ['{headers: {x: {exact: a}}}', '{headers: {y: {exact: b}}}', true],
    ['{queryParams: {x: {exact: a}}}', '{queryParams: {x: {exact: b}}}', false],
    ['{withoutHeaders: {x: {exact: a}}}', '{withoutHeaders: {x: {exact: b}}}', false],
    ['{method: {exact: GET}}', '{method: {exact: PUT}}', false],
    ['{headers: {x: {}}}', '{headers: {x: {exact: a}}}', false],
    ['{headers: {x: {prefix: a}}}', '{headers: {x: {}}}', false],
    ['{headers: {x: {}}}', '{headers: {x: {}}}', false],
    ['{uri: {prefix: /p}, ignoreUriCase: true}', '{uri: {prefix: /p}}', false],
    ['{port: 80}', '{port: 81}', false],
    ['{sourceLabels: {app: client}}', '{sourceLabels: {app: other}}', false],
    ['{sourceNamespace: default}', '{uri: {prefix: /p}}', false],
    ['{gateways: [mesh]}', '{gateways: [gw]}', false],
    ['{gateways: [mesh], port: 80}', '{gateways: [], port: 0, uri: {prefix: /p}}', true],
    ['{gateways: [gw]}', '{gateways: []}', false],
    ['{port: 81}', '{port: 0}', false],
  ] as const;
  for (const [of, within, fits] of cases) {
    const rule = `{match: [${of}], delegate: {name: leaf}}`;
    const yaml = root(rule) + leaf(`[{name: x, match: [${within}], ${to}}]`);
    t.strictSame(names(yaml), fits ? ['x', 'rest'] : ['rest'], `${within} in ${of}`);
  }
});

t.test('each match of the delegate joins each match of the root it fits', async (t) => {
  const yaml =
    root('{match: [{uri: {prefix: /a}}, {uri: {prefix: /b}}], delegate: {name: leaf}}') +
    leaf(`[{match: [{headers: {x: {exact: h}}}, {uri: {prefix: /b/c}}], ${to}}]`);
  const found = routes(translate(service('a') + yaml), 'a') ?? [];
  t.match(
    found.map(({ match }) => match),
    [
      { path: { value: '/a' }, headers: [{ name: 'x' }] },
      { path: { value: '/b' }, headers: [{ name: 'x' }] },
      { path: { value: '/b/c' }, headers: [] },
      { path: { value: '/' } },
    ],
  );
});

t.test('blocks are inherited whole, the delegate’s win', async (t) => {
  const inherited = 'timeout: 3s, headers: {request: {set: {r: "1"}}}, rewrite: {uri: /r}';
  const yaml =
    root(`{match: [{uri: {prefix: /p}}], delegate: {name: leaf}, ${inherited}}`) +
    leaf(`[{headers: {response: {set: {l: "1"}}}, ${to}}]`);
  const [route] = routes(translate(service('a') + yaml), 'a') ?? [];
  t.match(route, {
    match: { path: { value: '/p' } },
    requestHeaders: null,
    responseHeaders: { set: [{ name: 'l' }] },
    action: { timeoutMs: 3000, prefixRewrite: '/r' },
  });
});

t.test('short hosts are of the namespace that wrote them', async (t) => {
  const yaml =
    root('{mirror: {host: a}, delegate: {name: leaf, namespace: team}}') +
    resource('VirtualService', 'team/leaf', `{http: [{${to}}]}`);
  const [route] = routes(translate(service('a') + yaml), 'a') ?? [];
  t.match(route?.action, {
    clusters: [{ cluster: 'outbound|80||a.team.svc.cluster.local' }],
    mirrors: [{ cluster: 'outbound|80||a.default.svc.cluster.local' }],
  });
});
