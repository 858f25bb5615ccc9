import t from 'tap';
import { compareMeshes } from '../../src/diff/compare-meshes.ts';
import { parseIgnoreRule, withoutIgnored } from '../../src/diff/ignore-rules.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import type { Route } from '../../src/model/route.ts';
import { clusterModel } from '../support/cluster-models.ts';
import { listenerModel, meshOf } from '../support/mesh-models.ts';
import {
  forwardTo,
  headerMatch,
  pathMatch,
  redirectTo,
  route,
  virtualHost,
  weightedCluster,
} from '../support/route-models.ts';

function meshFor(domains: readonly string[], routes: readonly Route[]): Mesh {
  const table = { name: 'http.80', ignorePortInHost: false, grpcWeb: false };
  const virtualHosts = domains.map((domain) => virtualHost([domain], routes));
  return { ...meshOf({}), routeTables: [{ ...table, virtualHosts }] };
}

const jason = headerMatch('end-user', { kind: 'exact', value: 'jason' });

t.test('a region has conditions, an example and both ways', async (t) => {
  const before = [
    route('new', { headers: [jason] }, forwardTo('v2')),
    route('rest', {}, forwardTo('v1')),
  ];
  const after = [
    route('new', { headers: [jason] }, forwardTo('v3', { timeoutMs: 500 })),
    route('rest', {}, forwardTo('v1')),
  ];
  const found = compareMeshes(meshFor(['a.test'], before), meshFor(['a.test'], after));
  t.same(found.others, []);
  t.same(found.notes, []);
  t.match(found.regions, [
    {
      tables: ['http.80'],
      hosts: ['a.test'],
      conditions: ['header end-user exact "jason"'],
      differences: [
        { field: 'destination', old: 'v2', new: 'v3' },
        { field: 'timeout', old: 'none', new: '500ms' },
      ],
      example: { method: 'GET', url: 'http://a.test/', headers: [['end-user', 'jason']] },
      old: { route: { name: 'new', position: 0 }, outcome: 'v2', rejected: [], passedOver: 0 },
      new: { route: { name: 'new', position: 0 }, outcome: 'v3' },
    },
  ]);
});

const same: ReadonlyArray<readonly [string, readonly Route[], readonly Route[]]> = [
  [
    'weights of the same ratio',
    [
      route(
        '',
        {},
        forwardTo('', { clusters: [weightedCluster('a', 1), weightedCluster('b', 1)] }),
      ),
    ],
    [
      route(
        '',
        {},
        forwardTo('', { clusters: [weightedCluster('b', 50), weightedCluster('a', 50)] }),
      ),
    ],
  ],
  ['names', [route('old', {}, forwardTo('a'))], [route('new', {}, forwardTo('a'))]],
  [
    'routes that exclude each other, in another order',
    [
      route('', { path: pathMatch('exact', '/a') }, forwardTo('a')),
      route('', { path: pathMatch('exact', '/b') }, forwardTo('b')),
    ],
    [
      route('', { path: pathMatch('exact', '/b') }, forwardTo('b')),
      route('', { path: pathMatch('exact', '/a') }, forwardTo('a')),
    ],
  ],
  [
    'a route that none reaches',
    [route('', {}, forwardTo('a'))],
    [route('', {}, forwardTo('a')), route('', { headers: [jason] }, forwardTo('b'))],
  ],
  [
    'a prefix in two ways',
    [route('', { path: pathMatch('prefix', '/a') }, forwardTo('a'))],
    [route('', { path: pathMatch('regex', '/a.*') }, forwardTo('a'))],
  ],
  [
    'a rewrite to what was there',
    [route('', { path: pathMatch('prefix', '/a') }, forwardTo('a'))],
    [route('', { path: pathMatch('prefix', '/a') }, forwardTo('a', { prefixRewrite: '/a' }))],
  ],
  [
    'one route cut in two',
    [route('', {}, forwardTo('a'))],
    [
      route(
        '',
        { headers: [headerMatch(':method', { kind: 'regex', value: 'G.*' })] },
        forwardTo('a'),
      ),
      route('', {}, forwardTo('a')),
    ],
  ],
];

for (const [what, before, after] of same) {
  t.test(`no difference: ${what}`, async (t) => {
    t.same(compareMeshes(meshFor(['*'], before), meshFor(['*'], after)), {
      regions: [],
      connections: [],
      others: [],
      notes: [],
    });
  });
}

t.test('what a request must pass is told in words, whatever the limits are called', async (t) => {
  const limited = (name: string, burst: number): Route => ({
    ...route('all', { path: pathMatch('path-separated-prefix', '/foo') }, forwardTo('a')),
    admission: {
      rateLimits: [{ name, milliRequestsPerSecond: 2000, burst, status: 503, exempt: [] }],
      concurrencyLimits: [],
      sourceIps: null,
      maxRequestBytes: 1024,
    },
  });
  const meshOfOne = (one: Route) => meshFor(['a.test'], [one]);
  const renamed = compareMeshes(meshOfOne(limited('x', 4)), meshOfOne(limited('y', 4)));
  t.same(renamed.regions, []);
  const { regions } = compareMeshes(meshOfOne(limited('x', 4)), meshOfOne(limited('x', 8)));
  const said = (burst: number) =>
    `request body: at most 1024 bytes, over it 413; rate limit: 2 a second from each address and ${burst} at once more, over it 503`;
  t.match(regions, [
    {
      conditions: ['path PathPrefix "/foo"'],
      differences: [{ field: 'what a request must pass', old: said(4), new: said(8) }],
    },
  ]);
  const fixed = (status: number) =>
    route('all', {}, { kind: 'direct-response', status, body: { encoding: 'utf8', data: 'hi' } });
  t.match(compareMeshes(meshOfOne(fixed(421)), meshOfOne(fixed(503))).regions, [
    { differences: [{ field: 'direct response', old: '421 with "hi"', new: '503 with "hi"' }] },
  ]);
});

t.test('redirects are compared by where they lead', async (t) => {
  const prefix = { path: pathMatch('prefix', '/a') };
  const before = [route('', prefix, redirectTo({ prefixRewrite: '/b' }))];
  const after = [route('', prefix, redirectTo({ path: '/b' }))];
  const { regions } = compareMeshes(meshFor(['*'], before), meshFor(['*'], after));
  t.match(regions, [{ differences: [{ field: 'location' }] }]);
});

t.test('a policy of a cluster shows where requests reach it, and else by itself', async (t) => {
  const routes = [route('', {}, forwardTo('outbound|80|v1|a.default.svc.cluster.local'))];
  const names = ['outbound|80|v1|a.default.svc.cluster.local', 'tcp'];
  const clusters = names.map((name) => clusterModel({ name }));
  const before = { ...meshFor(['*'], routes), clusters };
  const after = {
    ...before,
    clusters: clusters.map((one) => ({ ...one, panicThresholdPercent: 7 })),
  };
  const found = compareMeshes(before, after);
  t.same(
    found.regions.map(({ differences }) => differences.map(({ field }) => field)),
    [['panicThresholdPercent of a.default:80 v1']],
  );
  t.match(found.others, [{ kind: 'cluster', name: 'tcp', change: 'changed' }]);
  t.equal(found.others.length, 1);
});

t.test('where it cannot look, a host may differ, unless it is as it was', async (t) => {
  const hidden = (value: string) => [
    route('', { path: pathMatch('regex', value) }, forwardTo('a')),
    route('', {}, forwardTo('b')),
  ];
  const before = meshFor(['a.test'], hidden('/a\\b/x'));
  const { regions, notes } = compareMeshes(before, meshFor(['a.test'], hidden('/b\\b/x')));
  t.same(regions, []);
  t.match(notes, [/^host a\.test of http\.80 may differ: .* cannot be looked into$/]);
  t.same(compareMeshes(before, meshFor(['a.test'], hidden('/a\\b/x'))).notes, []);
});

t.test('hosts that nothing tells apart are those of the same table', async (t) => {
  const authority = headerMatch(':authority', { kind: 'regex', value: 'a\\b.*' });
  const routes = [route('', { headers: [authority] }, forwardTo('a'))];
  const changed = [...routes, route('', {}, forwardTo('b'))];
  const mesh = meshFor(['*'], routes);
  t.same(compareMeshes(mesh, meshFor(['*'], routes)).notes, []);
  t.match(compareMeshes(mesh, meshFor(['*'], changed)).notes, [/^hosts of http\.80: /]);
});

t.test('hosts that come and go', async (t) => {
  const routes = [route('', {}, forwardTo('a'))];
  const { regions } = compareMeshes(
    meshFor(['a.test', '*.b'], routes),
    meshFor(['a.test'], routes),
  );
  t.match(regions, [{ hosts: ['*.b'], new: { route: null, outcome: '404: no route' } }]);
  t.match(regions[0]?.example.url, /^http:\/\/\w+\.b\/$/);
});

t.test('listeners', async (t) => {
  const before = meshOf({ listeners: [listenerModel({ servicePort: 80 })] });
  const moved = { ...before, listeners: [listenerModel({ name: 'other', port: 8080 })] };
  t.match(compareMeshes(before, moved).others, [
    {
      kind: 'listener',
      change: 'changed',
      differences: [{ field: 'port', old: '0', new: '8080' }],
    },
  ]);
  t.match(compareMeshes(before, { ...before, listeners: [] }).others, [
    { kind: 'listener', name: 'gateway 80', change: 'removed' },
  ]);
});

t.test('what is ignored', async (t) => {
  const before = [route('r', {}, forwardTo('a'))];
  const after = [route('r', {}, forwardTo('b', { timeoutMs: 5 }))];
  const hosts = ['a.test', 'b.test'];
  const found = compareMeshes(meshFor(hosts, before), meshFor(hosts, after));
  t.equal(found.regions.length, 1, 'both hosts are one region');
  const left = (...texts: readonly string[]): unknown => {
    const rules = texts.map((text) => {
      const rule = parseIgnoreRule(text);
      if (!rule.ok) throw new Error(rule.error);
      return rule.value;
    });
    return withoutIgnored(found, rules).regions.map((region) => [
      region.hosts.join(),
      region.differences.map(({ field }) => field).join(),
    ]);
  };
  t.same(left('field=timeout'), [['a.test,b.test', 'destination']]);
  t.same(left('field=timeout', 'field=destination'), []);
  t.same(left('host=a.*'), [['b.test', 'destination,timeout']]);
  t.same(left('host=*.test'), []);
  t.same(left('route=r'), []);
  t.same(left('route=other'), [['a.test,b.test', 'destination,timeout']]);
  t.same(left('kind=cluster'), [['a.test,b.test', 'destination,timeout']]);
  t.notOk(parseIgnoreRule('hots=a').ok);
  t.notOk(parseIgnoreRule('host=').ok);
});

t.test('rules of headers before a hundred changed prefixes are no hundred walks', async (t) => {
  const routesWith = (timeoutMs: number): Route[] => [
    ...Array.from({ length: 20 }, (_, index) => {
      const headers = ['a', 'b'].map((end) =>
        headerMatch(`x-${index}-${end}`, { kind: 'exact', value: 'on' }),
      );
      return route(`rule-${index}`, { headers }, forwardTo('other'));
    }),
    ...Array.from({ length: 100 }, (_, index) =>
      route('', { path: pathMatch('prefix', `/p${index}/`) }, forwardTo('a', { timeoutMs })),
    ),
  ];
  const start = process.cpuUsage();
  const found = compareMeshes(meshFor(['*'], routesWith(0)), meshFor(['*'], routesWith(5)));
  const { user } = process.cpuUsage(start);
  t.equal(found.regions.length, 100);
  t.same(found.notes, []);
  t.ok(user < 3_000_000, `${user / 1000} ms of CPU time`);
});

t.test('all walks share one budget', async (t) => {
  // Each rule shares its headers with others, so that no two walks leave the same.
  const rules = Array.from({ length: 60 }, (_, index) => {
    const headers = [index % 12, (index * 5 + 1) % 12, (index * 7 + 2) % 12].map((number) =>
      headerMatch(`x-${number}`, { kind: 'exact', value: String(index) }),
    );
    return route(`rule-${index}`, { headers }, forwardTo(`c${index}`));
  });
  const hosts = Array.from({ length: 20 }, (_, index) => `${index}.test`);
  const start = process.cpuUsage();
  const found = compareMeshes(meshFor(hosts, rules), meshFor(hosts, rules.toReversed()));
  const { user } = process.cpuUsage(start);
  t.ok(found.notes.length > 0);
  t.ok(user < 12_000_000, `${user / 1000} ms of CPU time`);
});

t.test('the budget for expressions is one for all hosts and tables', async (t) => {
  // Different on each host, so that none can use what is known of another.
  const routesOf = (host: number, timeoutMs: number): Route[] => [
    route('', { path: pathMatch('exact', `/${host}`) }, forwardTo('b')),
    ...Array.from({ length: 24 }, (_, index) => {
      const value = `/.*${String.fromCharCode(97 + index)}.{12}`;
      return route('', { path: pathMatch('regex', value) }, forwardTo('a', { timeoutMs }));
    }),
  ];
  const mesh = (timeoutMs: number): Mesh => {
    const hosts = [...Array(4).keys()];
    const one = meshFor([], []);
    const virtualHosts = hosts.map((host) =>
      virtualHost([`${host}.test`], routesOf(host, timeoutMs)),
    );
    return { ...one, routeTables: one.routeTables.map((table) => ({ ...table, virtualHosts })) };
  };
  const start = process.cpuUsage();
  const { notes } = compareMeshes(mesh(0), mesh(5));
  const { user } = process.cpuUsage(start);
  t.ok(notes.length > 0);
  t.ok(user < 12_000_000, `${user / 1000} ms of CPU time`);
});

t.test('1,000 routes take no longer than two seconds', async (t) => {
  const routes = Array.from({ length: 1_000 }, (_, index) => {
    const kinds = ['prefix', 'exact', 'regex'] as const;
    const kind = kinds[index % 3] ?? 'prefix';
    const end = kind === 'regex' ? '/[^/]+' : '';
    const headers = index % 10 === 0 ? [headerMatch(`x-${index}`, { kind: 'present' })] : [];
    const path = pathMatch(kind, `/api/v1/service-${index}${end}`);
    return route(String(index), { path, headers }, forwardTo(`c${index}`));
  });
  const edited = routes.with(500, { ...(routes[500] as Route), action: forwardTo('other') });
  const start = process.cpuUsage();
  const { regions, notes } = compareMeshes(meshFor(['*'], routes), meshFor(['*'], edited));
  const { user, system } = process.cpuUsage(start);
  t.equal(regions.length, 1);
  t.same(notes, []);
  t.ok(user + system < 2_000_000, `${(user + system) / 1000} ms of CPU time`);
});
