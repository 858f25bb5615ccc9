/** Filters, timeouts and retries of HTTPRoutes, as the routes that become of them have them. */

import t from 'tap';
import type { ForwardAction, RedirectAction } from '../../../../src/model/route.ts';
import { partLines, statusOf } from './gateway-yaml.ts';
import { gw, httpRoute, routeLines, routeOf, services, translated } from './route-yaml.ts';

const known = `${gw}${services('a', 'b')}`;
const toA = 'backendRefs: [{name: a, port: 80}]';

/** The route of a rule with a prefix, to one backend. */
function made(rule: string, backends = toA) {
  const match = 'matches: [{path: {value: /old}}]';
  const line = rule.replaceAll('\n', ' ');
  return routeOf(translated(known, httpRoute('r', [`{${match}, ${line}, ${backends}}`])));
}

function forwarded(rule: string, backends = toA): ForwardAction {
  const { action } = made(rule, backends);
  if (action.kind !== 'forward') throw new Error(`it is a ${action.kind}`);
  return action;
}

function redirected(filter: string): RedirectAction {
  const rule = `filters: [{type: RequestRedirect, requestRedirect: {${filter}}}]`;
  const { action } = made(rule, 'name: n');
  if (action.kind !== 'redirect') throw new Error(`it is a ${action.kind}`);
  return action;
}

t.test('headers change as both modifiers say', (t) => {
  const route = made(`filters: [
    {type: RequestHeaderModifier, requestHeaderModifier: {
      set: [{name: X-A, value: "1"}, {name: x-a, value: "2"}], add: [{name: x-b, value: 50%}],
      remove: [x-c]}},
    {type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: x-d, value: "%PROTOCOL%"}]}}]`);
  t.strictSame(route.requestHeaders, {
    set: [{ name: 'x-a', value: '1' }],
    add: [{ name: 'x-b', value: '50%%' }],
    remove: ['x-c'],
  });
  t.strictSame(route.responseHeaders?.set, [{ name: 'x-d', value: '%PROTOCOL%' }]);
  t.end();
});

t.test('a Host that is set is the authority', (t) => {
  const filter =
    '{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: Host, value: b.test}]}}';
  t.equal(forwarded(`filters: [${filter}]`).hostRewrite, 'b.test');
  t.end();
});

t.test('redirects keep what they do not name', (t) => {
  const same = { kind: 'redirect', status: 302, scheme: null, host: null, port: null } as const;
  const rest = { path: null, prefixRewrite: null };
  t.strictSame(redirected('hostname: b.test'), { ...same, ...rest, host: 'b.test' });
  t.strictSame(redirected('scheme: https'), { ...same, ...rest, scheme: 'https' });
  t.strictSame(redirected('port: 8443, statusCode: 307'), {
    ...same,
    ...rest,
    port: 8443,
    status: 307,
  });
  t.strictSame(redirected('path: {type: ReplaceFullPath, replaceFullPath: /f}'), {
    ...same,
    path: '/f',
    prefixRewrite: null,
  });
  t.match(redirected('path: {type: ReplacePrefixMatch, replacePrefixMatch: /n}'), {
    prefixRewrite: '/n',
  });
  t.end();
});

const rewrites: Readonly<Record<string, Partial<ForwardAction>>> = {
  'hostname: b.test': { hostRewrite: 'b.test', prefixRewrite: null },
  'path: {type: ReplacePrefixMatch, replacePrefixMatch: /new/}': { prefixRewrite: '/new' },
  'path: {type: ReplacePrefixMatch, replacePrefixMatch: /}': { prefixRewrite: '' },
  'path: {type: ReplacePrefixMatch, replacePrefixMatch: ""}': { prefixRewrite: '' },
  'path: {type: ReplaceFullPath, replaceFullPath: "/a\\\\1"}': {
    regexRewrite: { pattern: '/.*', substitution: '/a\\\\1' },
  },
};

for (const [filter, expected] of Object.entries(rewrites)) {
  t.test(`a rewrite with ${filter}`, (t) => {
    t.match(forwarded(`filters: [{type: URLRewrite, urlRewrite: {${filter}}}]`), expected);
    t.end();
  });
}

t.test('mirrors get all requests or a share', (t) => {
  const mirror = (share: string): string =>
    `{type: RequestMirror, requestMirror: {backendRef: {name: b, port: 80}${share}}}`;
  const filters = [
    mirror(''),
    mirror(', percent: 20'),
    mirror(', fraction: {numerator: 1, denominator: 8}'),
  ];
  const cluster = 'outbound|80||b.default.svc.cluster.local';
  t.strictSame(forwarded(`filters: [${filters.join(', ')}]`).mirrors, [
    { cluster, percentage: 1_000_000 },
    { cluster, percentage: 200_000 },
    { cluster, percentage: 125_000 },
  ]);
  t.end();
});

t.test('a mirror that must not be used is left out, and told', (t) => {
  const mirror =
    '{type: RequestMirror, requestMirror: {backendRef: {name: o, namespace: other, port: 80}}}';
  const translation = translated(known, httpRoute('r', [`{filters: [${mirror}], ${toA}}`]));
  t.match(routeOf(translation).action, { kind: 'forward', mirrors: [] });
  t.strictSame(partLines(statusOf(translation, 'HTTPRoute', 'r')), [
    'default/gw: ResolvedRefs False/RefNotPermitted',
  ]);
  t.match(
    translation.findings.find(({ code }) => code === 'SLC0281'),
    {
      path: 'spec.rules[0].filters[0].requestMirror.backendRef.namespace',
      message: /; no copy is sent$/,
    },
  );
  const portless = '{type: RequestMirror, requestMirror: {backendRef: {name: b}}}';
  const others = translated(known, httpRoute('r', [`{filters: [${portless}], ${toA}}`]));
  t.match(routeOf(others).action, { kind: 'forward', mirrors: [] }, 'the route stays');
  t.end();
});

t.test('CORS: stars in origins, and no preflight passes that is not allowed', (t) => {
  const { cors } = made(`filters: [{type: CORS, cors: {
    allowOrigins: ["https://a.test", "https://*.b.test:8443"], allowMethods: [GET, PUT]}}]`);
  t.match(cors, {
    allowOrigins: [
      { kind: 'exact', value: 'https://a.test' },
      { kind: 'regex', value: 'https://.*\\.b\\.test:8443' },
    ],
    allowMethods: 'GET,PUT',
    maxAgeSeconds: 5,
    allowCredentials: false,
    forwardUnmatchedPreflights: false,
  });
  const any = made('filters: [{type: CORS, cors: {allowOrigins: ["*"]}}]');
  t.strictSame(any.cors?.allowOrigins, [{ kind: 'present' }]);
  t.end();
});

t.test('timeouts: the one for tries limits the request where nothing is tried again', (t) => {
  const timeoutOf = (rule: string) => forwarded(rule).timeoutMs;
  t.equal(timeoutOf('timeouts: {request: 3s}'), 3000);
  t.equal(timeoutOf('timeouts: {backendRequest: 200ms}'), 200);
  t.equal(timeoutOf('timeouts: {request: 3s, backendRequest: 200ms}'), 200);
  t.equal(timeoutOf('timeouts: {request: 0s}'), 0);
  const never = 'retry: {attempts: 0}, timeouts:';
  t.equal(timeoutOf(`${never} {backendRequest: 1s}`), 1000);
  t.equal(timeoutOf(`${never} {request: 10s, backendRequest: 2s}`), 2000);
  t.equal(timeoutOf(`${never} {request: 10s}`), 10_000);
  const retried = forwarded(
    'timeouts: {request: 3s, backendRequest: 200ms}, retry: {codes: [500], backoff: 50ms}',
  );
  t.equal(retried.timeoutMs, 3000);
  t.match(retried.retryPolicy, {
    numRetries: 2,
    perTryTimeoutMs: 200,
    retriableStatusCodes: [500],
    backoffBaseMs: 50,
  });
  t.ok(retried.retryPolicy?.retryOn.includes('reset'), 'all errors of connections');
  t.equal(forwarded('retry: {attempts: 0}').retryPolicy, null);
  t.end();
});

t.test('filters at a backend: headers for it alone, others where it is the only one', (t) => {
  const header =
    '{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x, value: "1"}]}}';
  const rewrite = '{type: URLRewrite, urlRewrite: {hostname: b.test}}';
  const withHeader = `backendRefs: [{name: a, port: 80, filters: [${header}]}, {name: b, port: 80}]`;
  t.strictSame(
    forwarded('name: n', withHeader).clusters.map(({ requestHeaders }) => requestHeaders?.set),
    [[{ name: 'x', value: '1' }], undefined],
  );
  const only = `backendRefs: [{name: a, port: 80, filters: [${rewrite}]}]`;
  t.equal(forwarded('name: n', only).hostRewrite, 'b.test');
  const several = `backendRefs: [{name: a, port: 80, filters: [${rewrite}]}, {name: b, port: 80}]`;
  const translation = translated(known, httpRoute('r', [`{${several}}`]));
  t.strictSame(routeLines(translation), ['default.r.0: prefix / -> , b']);
  t.ok(translation.findings.some(({ code }) => code === 'SLC0283'));
  t.match(statusOf(translation, 'HTTPRoute', 'r').parts[0]?.conditions.at(-1), {
    type: 'PartiallyInvalid',
    status: 'True',
    reason: 'UnsupportedValue',
  });
  t.end();
});

t.test('without a filter that nobody serves no request may pass', (t) => {
  const filter = '{type: ExtensionRef, extensionRef: {group: x.test, kind: Magic, name: m}}';
  const translation = translated(
    known,
    httpRoute('r', [`{filters: [${filter}], ${toA}}`, `{matches: [{path: {value: /p}}], ${toA}}`]),
  );
  t.strictSame(routeLines(translation), [
    'default.r.1: path-separated-prefix /p -> a',
    'default.r.0: prefix / -> direct-response 500',
  ]);
  t.strictSame(partLines(statusOf(translation, 'HTTPRoute', 'r')), [
    'default/gw: ResolvedRefs False/InvalidKind',
  ]);
  t.match(
    translation.findings.find(({ code }) => code === 'SLC0280')?.message,
    'Magic of x.test is no kind of filters; its requests get 500',
  );
  t.end();
});
