/** Weights and hashing together: shares, and which keys move when weights change. */

import fc from 'fast-check';
import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import { loadXxHash64 } from '../../src/base/xxhash64.ts';
import { HashKey } from '../../src/cluster/load-balancing/hash-key.ts';
import { HashRing } from '../../src/cluster/load-balancing/hash-ring.ts';
import { buildMaglevTable } from '../../src/cluster/load-balancing/maglev-table.ts';
import type { HashPolicy } from '../../src/model/route-policy.ts';
import type { CompiledForward } from '../../src/routing/compiled-route.ts';
import { computeHash } from '../../src/routing/request-hash.ts';
import { chooseStickyCluster, clusterOfHash } from '../../src/routing/sticky-choice.ts';
import {
  compiledHost,
  forwardTo,
  route,
  routeRequest,
  weightedCluster,
} from '../support/route-models.ts';

const hash64 = await loadXxHash64();
const user: HashPolicy = { kind: 'header', name: 'x-user' };
const keys = Array.from({ length: 4_000 }, (_, index) => hash64.hash(`user-${index}`));

/** Weights by cluster name; zero weights are dropped, as translation does. */
type Weights = Readonly<Record<string, number>>;

function split(weights: Weights, stickyWeights = true): CompiledForward {
  const clusters = Object.entries(weights)
    .filter(([, weight]) => weight > 0)
    .map(([name, weight]) => weightedCluster(name, weight));
  const action = forwardTo('', { clusters, hashPolicies: [user], stickyWeights });
  return compiledHost([route('r', {}, action)]).routes[0]?.action as CompiledForward;
}

function choices(weights: Weights): string[] {
  const action = split(weights);
  return keys.map((key) => clusterOfHash(action, key, hash64).cluster);
}

/** `from>to`, once for each key that moves. */
function moves(before: Weights, after: Weights): string[] {
  const now = choices(after);
  return choices(before).flatMap((from, index) =>
    from === now[index] ? [] : [`${from}>${now[index]}`],
  );
}

function sum(weights: Weights): number {
  return Object.values(weights).reduce((total, weight) => total + weight, 0);
}

/** Six standard deviations of a share of the keys. */
function tolerance(share: number): number {
  return 6 * Math.sqrt((share * (1 - share)) / keys.length) + 1 / keys.length;
}

const names = ['v1', 'v2', 'v3', 'v4', 'v5'];
const weightings = fc
  .array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 5 })
  .map((weights): Weights => Object.fromEntries(weights.map((w, i) => [names[i] as string, w])));

t.test('shares follow the weights, whatever their sum', async () => {
  const property = fc.property(weightings, (weights) => {
    const chosen = choices(weights);
    return Object.entries(weights).every(([name, weight]) => {
      const share = weight / sum(weights);
      const found = chosen.filter((cluster) => cluster === name).length / keys.length;
      return Math.abs(found - share) <= tolerance(share);
    });
  });
  fc.assert(property, { numRuns: 30 });
});

t.test('a weight that rises beside the others only gains keys, as many as it must', async () => {
  const property = fc.property(weightings, fc.integer({ min: 1, max: 100 }), (before, more) => {
    const after = { ...before, v1: (before['v1'] ?? 0) + more };
    const moved = moves(before, after);
    const needed = (after.v1 ?? 0) / sum(after) - (before['v1'] ?? 0) / sum(before);
    return (
      moved.every((move) => move.endsWith('>v1')) &&
      Math.abs(moved.length / keys.length - needed) <= tolerance(needed)
    );
  });
  fc.assert(property, { numRuns: 30 });
});

t.test('of two destinations only the one that gains is moved to', async (t) => {
  for (const [from, to] of [
    [10, 20],
    [1, 99],
    [50, 51],
    [0, 5],
    [90, 100],
  ] as const) {
    const moved = moves({ v1: 100 - from, v2: from }, { v1: 100 - to, v2: to });
    const needed = (to - from) / 100;
    t.ok(moved.every((move) => move === 'v1>v2'));
    t.ok(Math.abs(moved.length / keys.length - needed) <= tolerance(needed), `${from} to ${to}`);
  }
});

t.test('what one loses to another never moves keys between two that stay', async () => {
  const property = fc.property(weightings, fc.integer({ min: 1, max: 100 }), (before, drawn) => {
    const handed = Math.min(drawn, before['v2'] ?? 0);
    const after = {
      ...before,
      v1: (before['v1'] ?? 0) + handed,
      v2: (before['v2'] ?? 0) - handed,
    };
    const moved = moves(before, after);
    const most = (2 * handed) / sum(before);
    return (
      moved.every((move) => move.startsWith('v2>') || move.endsWith('>v1')) &&
      moved.length / keys.length <= most + tolerance(Math.min(most, 0.5))
    );
  });
  fc.assert(property, { numRuns: 30 });
});

t.test('a destination that is removed loses its keys, and no other does', async () => {
  const property = fc.property(weightings, (before) => {
    return moves(before, { ...before, v2: 0 }).every((move) => move.startsWith('v2>'));
  });
  fc.assert(property, { numRuns: 30 });
});

t.test('the order of destinations and the scale of weights do not matter', async () => {
  const property = fc.property(weightings, fc.integer({ min: 2, max: 9 }), (weights, factor) => {
    const reversed = Object.fromEntries(Object.entries(weights).reverse());
    const scaled = Object.fromEntries(
      Object.entries(weights).map(([name, weight]) => [name, weight * factor]),
    );
    return moves(weights, reversed).length === 0 && moves(weights, scaled).length === 0;
  });
  fc.assert(property, { numRuns: 20 });
});

t.test('a cluster that stands there twice has both of its shares', async (t) => {
  const clusters = [weightedCluster('v1', 1), weightedCluster('v1', 1), weightedCluster('v2', 2)];
  const action = forwardTo('', { clusters, hashPolicies: [user], stickyWeights: true });
  const compiled = compiledHost([route('r', {}, action)]).routes[0]?.action as CompiledForward;
  for (const [index, share] of [0.25, 0.25, 0.5].entries()) {
    const chosen = keys.filter((key) => clusterOfHash(compiled, key, hash64) === clusters[index]);
    t.ok(Math.abs(chosen.length / keys.length - share) <= tolerance(share), `${index}`);
  }
});

t.test('inside a subset its keys are spread over endpoints like all keys', async (t) => {
  const endpoints = Array.from({ length: 4 }, (_, index) => `10.0.0.${index + 1}:8080`);
  const weights = endpoints.map(() => 1);
  const ring = new HashRing(
    { keys: endpoints, weights, minimumSize: 1024, maximumSize: 8192 },
    hash64,
  );
  const table = buildMaglevTable({ keys: endpoints, weights, size: 65_537 }, hash64);
  const many = Array.from({ length: 40_000 }, (_, index) => hash64.hash(`client-${index}`));
  const owners = {
    ring: (key: HashKey) => ring.ownerAt(ring.find(key)),
    maglev: (key: HashKey) => table[key.modulo(table.length)] as number,
  };
  const action = split({ v1: 90, v2: 10 });
  for (const [name, ownerOf] of Object.entries(owners)) {
    const all = shares(many, ownerOf);
    for (const cluster of ['v1', 'v2']) {
      const own = many.filter((key) => clusterOfHash(action, key, hash64).cluster === cluster);
      const spread = shares(own, ownerOf);
      const far = spread.map((share, index) => Math.abs(share - (all[index] ?? 0)));
      t.ok(Math.max(...far) < 0.03, `${name} ${cluster}: ${spread} of ${all}`);
    }
  }
});

function shares(hashes: readonly bigint[], ownerOf: (key: HashKey) => number): number[] {
  const counts = [0, 0, 0, 0];
  const key = new HashKey();
  for (const hash of hashes) {
    key.set(hash);
    const owner = ownerOf(key);
    counts[owner] = (counts[owner] ?? 0) + 1;
  }
  return counts.map((count) => count / hashes.length);
}

t.test('without the option, a second cluster or a policy there is nothing to seed', async (t) => {
  t.equal(split({ v1: 1, v2: 1 }, false).stickySeeds, null);
  t.equal(split({ v1: 1 }).stickySeeds, null);
  const plain = forwardTo('', {
    clusters: [weightedCluster('v1'), weightedCluster('v2')],
    stickyWeights: true,
  });
  const compiled = compiledHost([route('r', {}, plain)]).routes[0]?.action as CompiledForward;
  t.equal(compiled.stickySeeds, null);
});

t.test('a request with the key stays, one without goes anywhere by weight', async (t) => {
  const action = split({ v1: 1, v2: 1 });
  const tools = { hash64, random: new SeededRandom(1) };
  const from = (headers: readonly [string, string][]) => ({
    ...routeRequest('/', { headers }),
    upstreamPath: '/',
    remoteAddress: '10.0.0.1',
    connectionEnds: '10.0.0.1:110.0.0.2:80',
  });
  const count = 200;
  const visit = (headers: readonly [string, string][]) =>
    new Set(
      Array.from(
        { length: count },
        () => chooseStickyCluster(action, from(headers), tools).cluster,
      ),
    );
  t.equal(visit([['x-user', 'ada']]).size, 1);
  t.equal(visit([]).size, 2);
});

t.test('the cookie that a new client is given decides from the first request on', async (t) => {
  const clusters = [weightedCluster('v1', 1), weightedCluster('v2', 1)];
  const session: HashPolicy = {
    kind: 'cookie',
    name: 'sess',
    path: null,
    ttlSeconds: 0,
    attributes: [],
  };
  const model = forwardTo('', { clusters, hashPolicies: [session], stickyWeights: true });
  const action = compiledHost([route('r', {}, model)]).routes[0]?.action as CompiledForward;
  const tools = { hash64, random: new SeededRandom(1) };
  const chosen = new Set<string>();
  for (let client = 1; client <= 50; client++) {
    const request = (headers: readonly [string, string][]) => ({
      ...routeRequest('/', { headers }),
      upstreamPath: '/',
      remoteAddress: '10.0.0.1',
      connectionEnds: `10.0.0.1:${client}10.0.0.2:80`,
    });
    const fresh = request([]);
    const [line = ''] = computeHash(action, fresh, hash64).setCookies ?? [];
    const value = /^sess="(\w+)"/.exec(line)?.[1] ?? '';
    const first = chooseStickyCluster(action, fresh, tools).cluster;
    const returning = { ...request([['cookie', `sess=${value}`]]), connectionEnds: 'another' };
    t.equal(chooseStickyCluster(action, returning, tools).cluster, first);
    chosen.add(first);
  }
  t.equal(chosen.size, 2);
});
