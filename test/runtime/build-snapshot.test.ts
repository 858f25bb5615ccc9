import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import { buildSnapshot, emptySnapshot } from '../../src/runtime/build-snapshot.ts';
import { hash64 } from '../cluster/cluster-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { clusterOf, meshOf, retryPolicy } from '../support/mesh-models.ts';
import { forwardTo, route, weightedCluster } from '../support/route-models.ts';

const dependencies = { clock: new ManualClock(), random: new SeededRandom(1), hash64 };

t.test('a snapshot has every table, route and cluster of its mesh', async (t) => {
  const mesh = meshOf({ clusters: [clusterOf('a', [1]), clusterOf('b', [2])] });
  const snapshot = buildSnapshot(mesh, null, dependencies);
  t.equal(snapshot.version, 1);
  t.equal(snapshot.mesh, mesh);
  t.same([...snapshot.routeTables.keys()], ['http.80']);
  t.same([...snapshot.clusters.keys()], ['a', 'b']);
  const routes = mesh.routeTables.flatMap((table) => table.virtualHosts.flatMap((v) => v.routes));
  for (const model of routes) t.ok(snapshot.routes.has(model));
});

t.test('clusters of the same name share what must outlive a change', async (t) => {
  const first = buildSnapshot(meshOf({ clusters: [clusterOf('a', [1])] }), null, dependencies);
  const second = buildSnapshot(meshOf({ clusters: [clusterOf('a', [1, 2])] }), first, dependencies);
  const [before, after] = [first.clusters.get('a'), second.clusters.get('a')];
  t.equal(second.version, 2);
  t.not(before, after);
  t.equal(before?.breaker, after?.breaker);
  t.equal(before?.stats, after?.stats);
  t.equal(before?.endpoints[0], after?.endpoints[0]);
});

t.test('what a route does not have is null', async (t) => {
  const empty = { set: [], add: [], remove: [] };
  const none = retryPolicy({ numRetries: 0 });
  const clusters = [{ ...weightedCluster('a'), requestHeaders: empty }];
  const plain = {
    ...route('plain', {}, forwardTo('a', { retryPolicy: none, clusters })),
    requestHeaders: empty,
  };
  const snapshot = buildSnapshot(meshOf({ routes: [plain] }), null, dependencies);
  t.match(snapshot.routes.get(plain), {
    requestHeaders: null,
    responseHeaders: null,
    fault: null,
    cors: null,
    retryPolicy: null,
    clusters: null,
  });
});

t.test('a proxy without configuration has nothing', async (t) => {
  const snapshot = emptySnapshot(meshOf({ clusters: [clusterOf('a', [1])] }));
  t.equal(snapshot.version, 0);
  t.equal(snapshot.clusters.size + snapshot.routes.size + snapshot.routeTables.size, 0);
});
