import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import { compareMeshes } from '../../src/diff/compare-meshes.ts';
import type { ExampleRequest } from '../../src/diff/difference.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import { type CompiledRoute, routeMatches } from '../../src/routing/compiled-route.ts';
import { rewritePath } from '../../src/routing/path-rewrite.ts';
import { redirectLocation } from '../../src/routing/redirect.ts';
import type { RouteRequest } from '../../src/routing/route-request.ts';
import { compileRouteTable } from '../../src/routing/route-table.ts';
import { routeRequest } from '../support/route-models.ts';
import { allRequests, edited, meshWith, randomTable } from './random-tables.ts';

// What a configuration does with a request is worked out here in a plain way of its own: every
// route in turn, and what it does as text.

type Outcome = (request: RouteRequest) => string;

function outcomesOf({ routeTables: [table], clusters }: Mesh): Outcome {
  if (table === undefined) throw new Error('no table');
  const compiled = compileRouteTable(table);
  const clusterTexts = new Map(clusters.map((one) => [one.name, JSON.stringify(one)]));
  const texts = new Map<CompiledRoute, string>();
  return (request) => {
    const host = compiled.findVirtualHost(request.authority);
    if (host === null) return 'none';
    if (host.virtualHost.requireTls && request.scheme === 'http') return 'to https';
    const route = host.routes.find((one) => routeMatches(one, request));
    if (route === undefined) return 'none';
    const known = texts.get(route) ?? textOf(route, clusterTexts);
    texts.set(route, known);
    return known + placeOf(route, request);
  };
}

function placeOf(route: CompiledRoute, request: RouteRequest): string {
  const { action } = route;
  if (action.kind === 'redirect') return redirectLocation(action, request, route);
  return action.kind === 'forward' ? rewritePath(route, request.path) : '';
}

function textOf({ route }: CompiledRoute, clusters: ReadonlyMap<string, string>): string {
  const { name, match, origin, action, ...policies } = route;
  if (action.kind === 'redirect') return JSON.stringify([action.status, policies]);
  if (action.kind === 'direct-response') return JSON.stringify([action, policies]);
  const shares: Record<string, number> = {};
  const sum = action.clusters.reduce((all, { weight }) => all + weight, 0);
  for (const { cluster, weight } of action.clusters) {
    shares[cluster] = (shares[cluster] ?? 0) + weight / sum;
  }
  const names = [...Object.keys(shares), ...action.mirrors.map(({ cluster }) => cluster)].sort();
  const { timeoutMs, mirrors } = action;
  const targets = names.map((one) => [one, shares[one], clusters.get(one)]);
  return JSON.stringify([targets, timeoutMs, mirrors, policies]);
}

function requestOf({ method, url, headers }: ExampleRequest): RouteRequest {
  const [, scheme = '', authority = '', path = ''] = /^(\w+):\/\/([^/]+)(.*)$/.exec(url) ?? [];
  return routeRequest(path, { method, scheme, authority, headers });
}

const count = process.env.SLUICE_FULL === '1' ? 200 : 40;
t.setTimeout(120_000);

const requests = [...allRequests()];

t.test(`${count} configurations with one edit differ exactly where requests do`, async (t) => {
  let differing = 0;
  for (let seed = 1; seed <= count; seed++) {
    const random = new SeededRandom(seed);
    const table = randomTable(random);
    const before = meshWith(table);
    const after = edited(random, table);
    const [old, now] = [outcomesOf(before), outcomesOf(after)];
    const { regions, notes } = compareMeshes(before, after);
    t.same(notes, [], `${seed}: everything could be looked into`);
    const shown = requests.find((request) => old(request) !== now(request));
    if (shown !== undefined && regions.length === 0) {
      t.fail(`${seed}: ${shown.method} ${shown.authority}${shown.path} differs`, {
        headers: shown.headers.flat,
        old: old(shown),
        new: now(shown),
      });
    }
    for (const { example, differences } of regions) {
      const request = requestOf(example);
      t.not(old(request), now(request), `${seed}: its example shows it`);
      t.ok(differences.length > 0);
    }
    if (regions.length > 0) differing++;
  }
  t.ok(differing > count / 2 && differing < count, `${differing} of ${count} differ`);
});
