import t from 'tap';
import type { Mesh } from '../../src/model/mesh.ts';
import { ManagerStats } from '../../src/runtime/manager-stats.ts';
import { testMesh } from '../admin/running-state-fixture.ts';
import { clusterModel } from '../support/cluster-models.ts';
import { listenerModel } from '../support/mesh-models.ts';

const now = { listeners: 2, drainingListeners: 1, clusters: 3, warmingClusters: 0 };

function valuesOf(stats: ManagerStats): Record<string, number> {
  return Object.fromEntries([...stats.samples(now)].map(({ name, value }) => [name, value]));
}

function meshOf(
  listeners: readonly string[],
  clusters: readonly (readonly [string, number])[],
): Mesh {
  return {
    ...testMesh(),
    listeners: listeners.map((name) => listenerModel({ name })),
    clusters: clusters.map(([name, connectTimeoutMs]) => {
      const model = clusterModel({ name });
      return { ...model, connection: { ...model.connection, connectTimeoutMs } };
    }),
  };
}

t.test('what comes, changes and goes is counted', (t) => {
  const stats = new ManagerStats();
  const first = meshOf(
    ['a', 'b'],
    [
      ['x', 1],
      ['y', 1],
    ],
  );
  stats.published(null, first, 1);
  stats.published(
    first,
    meshOf(
      ['b', 'c'],
      [
        ['x', 2],
        ['y', 1],
        ['z', 1],
      ],
    ),
    0,
  );
  t.match(valuesOf(stats), {
    'listener_manager.listener_added': 3,
    'listener_manager.listener_modified': 0,
    'listener_manager.listener_removed': 1,
    'listener_manager.listener_create_success': 2,
    'listener_manager.listener_create_failure': 1,
    'listener_manager.total_listeners_active': 2,
    'listener_manager.total_listeners_draining': 1,
    'cluster_manager.cluster_added': 3,
    'cluster_manager.cluster_modified': 1,
    'cluster_manager.cluster_removed': 0,
    'cluster_manager.active_clusters': 3,
  });
  t.end();
});
