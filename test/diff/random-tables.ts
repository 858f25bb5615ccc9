/** Random route tables, one random edit of them, and all requests that tell such tables apart. */

import type { Random } from '../../src/base/random.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import { builtInOrigin } from '../../src/model/origin.ts';
import type { ForwardAction, Route, RouteAction } from '../../src/model/route.ts';
import type { PathMatch, RouteMatch, StringMatch } from '../../src/model/route-match.ts';
import type { RouteTable, VirtualHost } from '../../src/model/virtual-host.ts';
import type { RouteRequest } from '../../src/routing/route-request.ts';
import { clusterModel } from '../support/cluster-models.ts';
import { meshOf } from '../support/mesh-models.ts';
import {
  forwardTo,
  headerMatch,
  pathMatch,
  redirectTo,
  route,
  routeRequest,
  virtualHost,
  weightedCluster,
  withoutHeader,
} from '../support/route-models.ts';

const hosts = ['a.example.com', '*.example.com', '*.com', 'b.*', '*'];
const paths: readonly PathMatch[] = [
  pathMatch('prefix', '/'),
  pathMatch('prefix', '/a'),
  pathMatch('prefix', '/a/b'),
  pathMatch('prefix', '/A', true),
  pathMatch('exact', '/a'),
  pathMatch('exact', '/a/b'),
  pathMatch('exact', '/AB', true),
  pathMatch('path-separated-prefix', '/a'),
  pathMatch('path-separated-prefix', '/a/b'),
  pathMatch('regex', '/a/.*'),
  pathMatch('regex', '/a(/b)+'),
  pathMatch('regex', '.*b'),
  pathMatch('regex', '/[a-b]/?[^/]*'),
];
const values: readonly StringMatch[] = [
  { kind: 'exact', value: 'a' },
  { kind: 'exact', value: 'b' },
  { kind: 'prefix', value: 'a' },
  { kind: 'suffix', value: 'b' },
  { kind: 'regex', value: 'a+b?' },
  { kind: 'present' },
];
const clusters = ['red', 'green', 'blue'];

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.uint32() % items.length] as Item;
}

function chance(random: Random, of: number): boolean {
  return random.fraction() < of;
}

function randomMatch(random: Random): RouteMatch {
  const headers = ['x-a', 'x-b', ':method', ':authority'].flatMap((name) => {
    if (!chance(random, name.startsWith(':') ? 0.1 : 0.3)) return [];
    if (name === ':method') return [headerMatch(name, { kind: 'exact', value: 'POST' })];
    if (name === ':authority') return [headerMatch(name, { kind: 'prefix', value: 'b.' })];
    const match = pick(random, values);
    return [chance(random, 0.3) ? withoutHeader(name, match) : headerMatch(name, match)];
  });
  const queryParameters = chance(random, 0.2) ? [{ name: 'q', match: pick(random, values) }] : [];
  return { path: pick(random, paths), headers, queryParameters };
}

function randomAction(random: Random): RouteAction {
  if (chance(random, 0.1)) return { kind: 'direct-response', status: 418, body: null };
  if (chance(random, 0.15)) return redirectTo({ prefixRewrite: pick(random, ['/', '/c']) });
  const weights = chance(random, 0.3) ? [50, 50] : [1];
  return forwardTo('red', {
    clusters: weights.map((weight) => weightedCluster(pick(random, clusters), weight)),
    prefixRewrite: chance(random, 0.3) ? pick(random, ['/', '/a', '/c']) : null,
    timeoutMs: pick(random, [0, 0, 1000]),
  });
}

function randomRoute(random: Random): Route {
  return route('', randomMatch(random), randomAction(random));
}

function randomHost(random: Random, domain: string): VirtualHost {
  const count = 1 + (random.uint32() % 5);
  return virtualHost(
    [domain],
    Array.from({ length: count }, () => randomRoute(random)),
  );
}

export function randomTable(random: Random): RouteTable {
  const used = hosts.filter((_, index) => index === 0 || chance(random, 0.5));
  const virtualHosts = used.map((domain) => randomHost(random, domain));
  return { name: 'http.80', virtualHosts, ignorePortInHost: false, grpcWeb: false };
}

export function meshWith(table: RouteTable, changedCluster: string | null = null): Mesh {
  const mesh = meshOf({});
  const known = clusters.map((name) => {
    const cluster = clusterModel({ name });
    return name === changedCluster ? { ...cluster, panicThresholdPercent: 13 } : cluster;
  });
  return { ...mesh, routeTables: [table], clusters: known };
}

type RouteEdit = (routes: readonly Route[], at: number, random: Random) => readonly Route[];

const routeEdits: readonly RouteEdit[] = [
  (routes, at) => routes.toSpliced(at, 1),
  (routes, at, random) => routes.toSpliced(at, 0, randomRoute(random)),
  (routes, at) => routes.toSpliced(at, 2, ...routes.slice(at, at + 2).reverse()),
  (routes, at, random) => change(routes, at, { match: randomMatch(random) }),
  (routes, at, random) => change(routes, at, { action: randomAction(random) }),
  (routes, at) => change(routes, at, { name: 'renamed', origin: { ...builtInOrigin, line: 7 } }),
  (routes, at) => changeForward(routes, at, { timeoutMs: 77 }),
  (routes, at) => changeForward(routes, at, { mirrors: [{ cluster: 'blue', percentage: 5 }] }),
  (routes, at, random) => {
    const weights = pick(random, [
      [1, 1],
      [90, 10],
      [3, 1],
    ]);
    const targets = weights.map((weight, index) => weightedCluster(clusters[index] ?? '', weight));
    return changeForward(routes, at, { clusters: targets });
  },
  (routes, at) => {
    const fault = { delay: { percentage: 5, fixedDelayMs: 1 }, abort: null, inAttempt: false };
    return change(routes, at, { fault });
  },
  (routes, at) => change(routes, at, { requestHeaders: { set: [], add: [], remove: ['x-c'] } }),
  (routes, at) => {
    const { match } = routes[at] as Route;
    return change(routes, at, { match: { ...match, headers: match.headers.slice(1) } });
  },
];

function change(routes: readonly Route[], at: number, parts: Partial<Route>): readonly Route[] {
  return routes.with(at, { ...(routes[at] as Route), ...parts });
}

function changeForward(
  routes: readonly Route[],
  at: number,
  parts: Partial<ForwardAction>,
): readonly Route[] {
  const { action } = routes[at] as Route;
  return action.kind === 'forward'
    ? change(routes, at, { action: { ...action, ...parts } })
    : routes;
}

/** One edit, which may make no difference. */
export function edited(random: Random, table: RouteTable): Mesh {
  if (chance(random, 0.05)) return meshWith(table, pick(random, clusters));
  const at = random.uint32() % table.virtualHosts.length;
  const host = table.virtualHosts[at] as VirtualHost;
  if (chance(random, 0.05)) return meshWith(withHosts(table, table.virtualHosts.toSpliced(at, 1)));
  if (chance(random, 0.05)) {
    const strict = { ...host, requireTls: !host.requireTls };
    return meshWith(withHosts(table, table.virtualHosts.with(at, strict)));
  }
  const edit = pick(random, routeEdits);
  const routes = edit(host.routes, random.uint32() % host.routes.length, random);
  return meshWith(withHosts(table, table.virtualHosts.with(at, { ...host, routes })));
}

function withHosts(table: RouteTable, virtualHosts: readonly VirtualHost[]): RouteTable {
  return { ...table, virtualHosts };
}

const somePaths = [
  ...['/', '/a', '/A', '/a/', '/a/b', '/a/bb', '/a/b/b', '/a/b/b/', '/a/bc', '/ab', '/AB', '/aB'],
  ...['/b', '/b/', '/x', '/xb', '/a/x', '/a/x/b', '/A/b', '/A/x', '/Ax', '/ax', '/b/x', '/a//b'],
  ...['/a/b/x', '/a/b/xb', '/a/bxb', '/bb', '/axb', '/b/xb', '/Axb', '/a/b/x/b', '/abb', '/b/x/'],
];
const someValues = [null, '', 'a', 'b', 'ab', 'aa', 'x', 'xb', 'ax', 'axb', 'abb'];

export function* allRequests(): Iterable<RouteRequest> {
  const authorities = ['a.example.com', 'c.example.com', 'c.com', 'b.org', 'b.com', 'other.org'];
  for (const authority of [...authorities, 'b.example.com']) {
    for (const path of somePaths) yield* requestsFor(authority, path);
  }
}

function* requestsFor(authority: string, path: string): Iterable<RouteRequest> {
  for (const a of someValues) {
    for (const b of someValues) {
      const headers = [['x-a', a] as const, ['x-b', b] as const].flatMap(([name, value]) =>
        value === null ? [] : [[name, value] as const],
      );
      // Not all of everything: of rarely looked at parts a few beside the common ones.
      const rare = a === null || b === null || a === b;
      yield routeRequest(path, { authority, headers });
      if (!rare) continue;
      yield routeRequest(path, { authority, headers, method: 'POST' });
      yield routeRequest(path, { authority, headers, scheme: 'https' });
      for (const q of ['a', 'b', 'ab', 'x', 'xb', 'ax']) {
        yield routeRequest(`${path}?q=${q}`, { authority, headers });
      }
    }
  }
}
