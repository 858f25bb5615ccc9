/**
 * Nanoseconds for finding the route of a request, by the shape of the table, and for the other
 * pure steps of a request. Paths and authorities are new strings each time, as they are when they
 * come from a socket; what making them costs is measured first. Run: node bench/micro/routing.ts
 */

import { SeededRandom } from '../../src/base/random.ts';
import { loadXxHash64 } from '../../src/base/xxhash64.ts';
import { HeaderList } from '../../src/http1/header-list.ts';
import type { Route } from '../../src/model/route.ts';
import type { CompiledForward, CompiledRoute } from '../../src/routing/compiled-route.ts';
import { matchRoute } from '../../src/routing/match.ts';
import { normalizePath } from '../../src/routing/path-normalization.ts';
import { rewritePath } from '../../src/routing/path-rewrite.ts';
import { compileRegex } from '../../src/routing/regex.ts';
import { computeHash } from '../../src/routing/request-hash.ts';
import type { CompiledRouteTable } from '../../src/routing/route-table.ts';
import { chooseStickyCluster } from '../../src/routing/sticky-choice.ts';
import { chooseCluster } from '../../src/routing/weighted-choice.ts';
import {
  compiledHost,
  forwardTo,
  headerMatch,
  pathMatch,
  route,
  routeTable,
  virtualHost,
  weightedCluster,
} from '../../test/support/route-models.ts';

const rounds = 7;
const iterations = 200_000;
const random = new SeededRandom(1);
const hash64 = await loadXxHash64();
let sink = 0;

const headers = new HeaderList();
for (const [name, value] of [
  ['host', 'shop-17.example.com'],
  ['user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0'],
  ['accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ['accept-language', 'en-US,en;q=0.5'],
  ['accept-encoding', 'gzip, deflate, br, zstd'],
  ['cookie', 'session=c0ffee1234567890; user=jason; theme=dark'],
  ['x-user', 'jason'],
  ['x-tenant', 'blue'],
] as const) {
  headers.append(name, value);
}

/** The request, of which authority and path change. */
class BenchRequest {
  readonly method = 'GET';
  readonly scheme = 'http';
  authority = '';
  path = '';
  pathname = '';
  readonly query: string | null = null;
  readonly headers = headers;
  readonly remoteAddress = '10.1.2.3';
  readonly connectionEnds = '10.1.2.3:4110.0.0.1:80';

  get upstreamPath(): string {
    return this.path;
  }

  read(authority: Buffer, path: Buffer): void {
    this.authority = authority.toString('latin1');
    this.path = path.toString('latin1');
    this.pathname = this.path;
  }
}

const request = new BenchRequest();

/** The best of several rounds: the others were disturbed. */
function measure(name: string, work: (index: number) => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < iterations; i++) work(i);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / iterations);
  }
  console.log(`${name.padEnd(56)}${best.toFixed(0).padStart(7)} ns`);
  return best;
}

interface Shape {
  readonly table: CompiledRouteTable;
  readonly authorities: readonly Buffer[];
  readonly paths: readonly Buffer[];
}

function measureMatch(name: string, { table, authorities, paths }: Shape): void {
  measure(name, (i) => {
    request.read(pick(authorities, i), pick(paths, i));
    const host = table.findVirtualHost(request.authority);
    const found = host === null ? null : matchRoute(host, request);
    if (found === null) throw new Error(`no route for ${request.authority}${request.path}`);
    sink += found.position;
  });
}

function pick(texts: readonly Buffer[], index: number): Buffer {
  return texts[(index * 7919) % texts.length] as Buffer;
}

function texts(count: number, text: (index: number) => string): Buffer[] {
  return Array.from({ length: count }, (_, index) => Buffer.from(text(index), 'latin1'));
}

function routesOfService(index: number, count: number): Route[] {
  const prefixes = Array.from({ length: count - 1 }, (_, i) =>
    route(`r${i}`, { path: pathMatch('prefix', `/api/v${i % 3}/resource-${index}-${i}/`) }),
  );
  return [...prefixes, route('rest')];
}

function oneRoute(): Shape {
  return {
    table: routeTable([virtualHost(['shop-17.example.com'], [route('only')])], true),
    authorities: texts(1, () => 'shop-17.example.com'),
    paths: texts(1, () => '/api/v1/products/17/reviews'),
  };
}

/** The last of twelve routes matches; each of the others asks for a header that differs. */
function twelveRoutesWithHeaders(): Shape {
  const routes = Array.from({ length: 11 }, (_, i) =>
    route(`r${i}`, {
      path: pathMatch('prefix', '/api/'),
      headers: [headerMatch('x-user', { kind: 'exact', value: `user-${i}` })],
    }),
  );
  return { ...oneRoute(), table: routeTable([virtualHost(['*'], [...routes, route('rest')])]) };
}

function cookieRegex(): Shape {
  const value = '^(.*?;)?(\\s*user=jason)(;.*)?$';
  const canary = route('canary', { headers: [headerMatch('cookie', { kind: 'regex', value })] });
  return { ...oneRoute(), table: routeTable([virtualHost(['*'], [canary, route('rest')])]) };
}

function thousandHosts(): Shape {
  const hosts = Array.from({ length: 1000 }, (_, i) =>
    virtualHost([`shop-${i}.example.com`], routesOfService(i, 10)),
  );
  return {
    table: routeTable(hosts, true),
    authorities: texts(1000, (i) => `shop-${i}.example.com`),
    paths: texts(1000, (i) => `/api/v1/products/${i}/reviews`),
  };
}

function manyRoutes(kind: 'prefix' | 'exact' | 'regex'): Shape {
  const suffix = kind === 'regex' ? '/[0-9]+/reviews' : '/17/reviews';
  const routes = Array.from({ length: 3000 }, (_, i) =>
    route(`r${i}`, { path: pathMatch(kind, `/api/v1/service-${i}${suffix}`) }),
  );
  return {
    table: routeTable([virtualHost(['shop-17.example.com'], [...routes, route('rest')])], true),
    authorities: texts(1, () => 'shop-17.example.com'),
    paths: texts(3000, (i) => `/api/v1/service-${i}/17/reviews`),
  };
}

function wildcardHosts(): Shape {
  const hosts = Array.from({ length: 1000 }, (_, i) =>
    virtualHost([`*.${'x'.repeat(i % 20)}${i}.example.com`], [route('only')]),
  );
  return {
    table: routeTable(hosts, true),
    authorities: texts(1000, (i) => `www.${'x'.repeat(i % 20)}${i}.example.com`),
    paths: texts(1, () => '/api/v1/products/17/reviews'),
  };
}

function measureMatching(): void {
  const { authorities, paths } = thousandHosts();
  measure('(two new strings alone)', (i) => {
    request.read(pick(authorities, i), pick(paths, i));
    sink += request.authority.length + request.path.length;
  });
  measureMatch('1 route', oneRoute());
  measureMatch('12 routes with headers, the last matches', twelveRoutesWithHeaders());
  measureMatch('cookie regex', cookieRegex());
  measureMatch('10,000 routes over 1,000 hosts', thousandHosts());
  measureMatch('1,000 wildcard hosts of 23 lengths', wildcardHosts());
  measureMatch('3,000 prefixes on one host', manyRoutes('prefix'));
  measureMatch('3,000 exact paths on one host', manyRoutes('exact'));
  measureMatch('3,000 regexes on one host', manyRoutes('regex'));
}

function forwardRoute(action: Parameters<typeof forwardTo>[1]): CompiledRoute {
  return compiledHost([route('a', {}, forwardTo('a', action))]).routes[0] as CompiledRoute;
}

function measureSteps(): void {
  const plain = Buffer.from('/api/v1/products/17/reviews?page=2', 'latin1');
  measure('normalizePath, nothing to do', () => {
    sink += normalizePath(plain.toString('latin1'), 'BASE')?.length ?? 0;
  });
  const dotted = Buffer.from('/api/v1/../v2/%7Euser/./x?page=2', 'latin1');
  measure('normalizePath, dots and escapes', () => {
    sink += normalizePath(dotted.toString('latin1'), 'BASE')?.length ?? 0;
  });
  const clusters = [weightedCluster('a', 90), weightedCluster('b', 10)];
  const split = forwardRoute({ clusters }).action as CompiledForward;
  measure('chooseCluster, 90/10', () => {
    sink += chooseCluster(split, random).weight;
  });
  const sticky = forwardRoute({
    clusters,
    hashPolicies: [{ kind: 'header', name: 'x-user' }],
    stickyWeights: true,
  }).action as CompiledForward;
  measure('chooseStickyCluster, 90/10', () => {
    sink += chooseStickyCluster(sticky, request, tools).weight;
  });
  const rewriting = forwardRoute({ prefixRewrite: '/base/' });
  measure('rewritePath, prefix', (i) => {
    sink += rewritePath(rewriting, i % 2 === 0 ? '/x/y' : '/z').length;
  });
  const regexRewrite = { pattern: '/v([0-9]+)/', substitution: '/version-\\1/' };
  const substituting = forwardRoute({ regexRewrite });
  measure('rewritePath, regex', () => {
    sink += rewritePath(substituting, '/api/v1/products/17').length;
  });
  const hashing = forwardRoute({ hashPolicies: [{ kind: 'header', name: 'x-user' }] });
  measure('computeHash, header', () => {
    sink += Number(
      (computeHash(hashing.action as CompiledForward, request, hash64).hash ?? 0n) & 1n,
    );
  });
  const userAgent = headers.get('user-agent') ?? '';
  const firefox = compileRegex('.*Firefox/[0-9]+.*');
  measure('regex .*Firefox/[0-9]+.* by V8', () => {
    sink += firefox?.test(userAgent) === true ? 1 : 0;
  });
  const byRe2 = compileRegex('(.*Fire(fox)+/[0-9]+.*)');
  measure('regex (.*Fire(fox)+/[0-9]+.*) by RE2', () => {
    sink += byRe2?.test(userAgent) === true ? 1 : 0;
  });
}

const tools = { random, hash64 };
measureMatching();
measureSteps();
if (sink === 0) throw new Error('nothing was measured');
