/** Known answers of Envoy's consistent-hash balancers and of XXH64. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { LiveEndpoint } from '../../src/cluster/live-endpoint.ts';
import { HashKey } from '../../src/cluster/load-balancing/hash-key.ts';
import { HashRing } from '../../src/cluster/load-balancing/hash-ring.ts';
import { Maglev } from '../../src/cluster/load-balancing/maglev.ts';
import { buildMaglevTable } from '../../src/cluster/load-balancing/maglev-table.ts';
import { RingHash } from '../../src/cluster/load-balancing/ring-hash.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import { anyEndpoint, ClusterFixture, hash64 } from '../cluster/cluster-fixture.ts';
import { endpointModel } from '../support/cluster-models.ts';
import { dataSet, missingData } from '../support/test-data.ts';

interface RingCase {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly weights?: readonly number[];
  readonly minimumRingSize: number;
  readonly maximumRingSize?: number;
  readonly ringSize?: number;
  readonly ring?: readonly (readonly [string, string])[];
  readonly positions?: readonly string[];
  readonly picks?: readonly (readonly [string, string])[];
  readonly histogram?: { readonly counts: readonly number[] };
}

interface MaglevCase {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly weights?: readonly number[];
  readonly hostWeights?: readonly number[];
  readonly localityWeights?: readonly number[];
  readonly tableSize: number;
  readonly table: readonly number[];
}

interface Vectors {
  readonly ringhash: readonly RingCase[];
  readonly maglev: readonly MaglevCase[];
  readonly xxhash64: Readonly<Record<string, string>>;
  readonly e2e: {
    readonly endpoints: readonly string[];
    readonly ringHash: Readonly<Record<string, string>>;
    readonly maglev: Readonly<Record<string, string>>;
    readonly ringHash_after_removing_last_endpoint: Readonly<Record<string, string>>;
  };
}

const folder = dataSet('lb-vectors');
if (folder === null) {
  t.pass(missingData('lb-vectors'), { skip: missingData('lb-vectors') });
} else {
  const text = readFileSync(join(folder, 'envoy-lb-vectors.json'), 'utf8');
  checkVectors(JSON.parse(text) as Vectors);
}

function checkVectors(vectors: Vectors): void {
  t.test('XXH64', async (t) => {
    for (const [text, hash] of Object.entries(vectors.xxhash64)) {
      t.equal(hash64.hash(text), BigInt(hash), JSON.stringify(text));
    }
  });

  for (const row of vectors.ringhash) {
    // Istio does not use MurmurHash2.
    if (!row.name.includes('Murmur')) t.test(`ring: ${row.name}`, async (t) => checkRing(t, row));
  }

  for (const row of vectors.maglev) {
    t.test(`maglev: ${row.name}`, async (t) => checkMaglev(t, row));
  }

  const { endpoints } = vectors.e2e;
  t.test('ring: whole clusters', async (t) => {
    const policy = { policy: 'RING_HASH', minimumRingSize: 1024 } as const;
    t.same(choices(endpoints, policy), vectors.e2e.ringHash);
    t.same(
      choices(endpoints.slice(0, -1), policy),
      vectors.e2e.ringHash_after_removing_last_endpoint,
    );
  });
  t.test('ring: an ejected endpoint is as good as removed', async (t) => {
    const cluster = clusterOf(endpoints, { policy: 'RING_HASH', minimumRingSize: 1024 });
    const last = cluster.endpoints.at(-1);
    if (last !== undefined) last.ejected = true;
    cluster.onHealthChanged();
    t.same(choicesOf(cluster), vectors.e2e.ringHash_after_removing_last_endpoint);
  });
  t.test('maglev: whole clusters', async (t) => {
    t.same(choices(endpoints, { policy: 'MAGLEV', tableSize: 65_537 }), vectors.e2e.maglev);
  });

  t.test('a refused choice moves on along the ring', async (t) => {
    const { ring, balancer } = ringBalancer(endpoints);
    const key = keyOf(hash64.hash('user-0'));
    for (let attempt = 0; attempt < 20; attempt++) {
      const expected = endpoints[ring.ownerAt((ring.find(key) + attempt) % ring.size)];
      t.equal(balancer.pick(key, attempt)?.key, expected);
    }
  });
  t.test('a refused choice gets another hash in a Maglev table', async (t) => {
    const table = new Maglev(65_537, hash64);
    table.update({ endpoints: endpoints.map(live), weights: endpoints.map(() => 1) });
    const hash = hash64.hash('user-0');
    for (let attempt = 1; attempt < 20; attempt++) {
      const other = BigInt.asUintN(64, hash ^ (2n ** 64n - 1n - BigInt(attempt) + 1n));
      t.equal(table.pick(keyOf(hash), attempt), table.pick(keyOf(other), 0));
    }
  });
}

function checkRing(t: Test, row: RingCase): void {
  const ring = new HashRing(
    {
      keys: row.hosts,
      weights: row.weights ?? row.hosts.map(() => 1),
      minimumSize: row.minimumRingSize,
      maximumSize: row.maximumRingSize ?? 8 * 1024 * 1024,
    },
    hash64,
  );
  const owner = (hash: bigint) => row.hosts[ring.ownerAt(ring.find(keyOf(hash)))];
  const points = Array.from({ length: ring.size }, (_, index) => index);
  if (row.ringSize !== undefined) t.equal(ring.size, row.ringSize);
  if (row.ring !== undefined) {
    t.same(
      points.map((index) => [String(ring.hashAt(index)), row.hosts[ring.ownerAt(index)]]),
      row.ring,
    );
  }
  if (row.positions !== undefined) {
    t.same(
      points.map((index) => String(ring.hashAt(index))),
      row.positions,
    );
  }
  for (const [hash, host] of row.picks ?? []) t.equal(owner(BigInt(hash)), host, hash);
  if (row.histogram !== undefined) {
    const step = (2n ** 64n - 1n) / 6000n;
    const counts = new Map(row.hosts.map((host) => [host, 0]));
    for (let index = 0n; index < 6000n; index++) {
      const host = owner(index * step) ?? '';
      counts.set(host, (counts.get(host) ?? 0) + 1);
    }
    t.same([...counts.values()], row.histogram.counts);
  }
}

/** A locality's weight is shared by its hosts; here every host has a locality of its own. */
function checkMaglev(t: Test, row: MaglevCase): void {
  const weights = row.weights ?? row.localityWeights ?? row.hosts.map(() => 1);
  const keys = row.hosts.filter((_, index) => weights[index] !== 0);
  const table = buildMaglevTable(
    { keys, weights: weights.filter((weight) => weight !== 0), size: row.tableSize },
    hash64,
  );
  t.same([...table], row.table);
}

function live(key: string): LiveEndpoint {
  const [address = '', port = ''] = key.split(':');
  return new LiveEndpoint('a', address, Number(port));
}

function keyOf(hash: bigint): HashKey {
  const key = new HashKey();
  key.set(hash);
  return key;
}

function ringBalancer(keys: readonly string[]) {
  const weights = keys.map(() => 1);
  const ring = new HashRing(
    { keys, weights, minimumSize: 1024, maximumSize: 8 * 1024 * 1024 },
    hash64,
  );
  const balancer = new RingHash(1024, hash64);
  balancer.update({ endpoints: keys.map(live), weights });
  return { ring, balancer };
}

type Policy = Cluster['loadBalancer'];

function clusterOf(keys: readonly string[], loadBalancer: Policy) {
  const endpoints = keys.map((key) => endpointModel(Number(key.split(':')[1])));
  return new ClusterFixture().create({ endpoints, loadBalancer });
}

function choices(keys: readonly string[], policy: Policy) {
  return choicesOf(clusterOf(keys, policy));
}

function choicesOf(cluster: ReturnType<typeof clusterOf>) {
  const users = Array.from({ length: 200 }, (_, index) => `user-${index}`);
  return Object.fromEntries(
    users.map((user) => [
      user,
      cluster.chooseEndpoint({ ...anyEndpoint, hash: hash64.hash(user) })?.key,
    ]),
  );
}
