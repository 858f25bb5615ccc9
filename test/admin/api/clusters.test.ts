import t from 'tap';
import type { AdminEndpoint } from '../../../src/admin/admin-endpoint.ts';
import { clusterList, endpointList } from '../../../src/admin/api/clusters.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { LiveCluster } from '../../../src/cluster/live-cluster.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import { clusterModel, endpointModels, outlierDetection } from '../../support/cluster-models.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { testState } from '../running-state-fixture.ts';

function liveCluster(changes: Partial<Cluster>): LiveCluster {
  const hash64 = { hash: () => 0n, hashBytes: () => 0n };
  const tools = { clock: new ManualClock(), random: new SeededRandom(1), hash64 };
  const cluster = new LiveCluster(clusterModel(changes), null, tools);
  cluster.adopt(null);
  return cluster;
}

async function read<T>(endpoint: AdminEndpoint, clusters: LiveCluster[], query = ''): Promise<T> {
  const state = { ...testState(), clusters: () => clusters };
  const request = { query: new URLSearchParams(query), variables: {}, headers: {}, body: '' };
  const { status, body } = await endpoint.handle({ ...request, isLocal: true }, state);
  t.equal(status, 200);
  return JSON.parse(String(body));
}

t.test('the subset is the third part of a name with four', async (t) => {
  const rows: readonly (readonly [name: string, subset: string])[] = [
    ['outbound|80|v1|a.default.svc.cluster.local', 'v1'],
    ['outbound|80||a.default.svc.cluster.local', ''],
    ['inbound|80||', ''],
    ['PassthroughCluster', ''],
    ['a|b|c', ''],
    ['a|b|c|d|e', ''],
  ];
  for (const [name, subset] of rows) {
    t.match(await read(clusterList, [liveCluster({ name })]), { clusters: [{ name, subset }] });
  }
});

t.test('policies are told where there are any', async (t) => {
  const policy = outlierDetection({ consecutive5xx: 3, intervalMs: 2000 });
  const clusters = [
    liveCluster({ name: 'with', outlierDetection: policy }),
    liveCluster({ name: 'without' }),
  ];
  t.match(await read(clusterList, clusters), {
    clusters: [
      { outlierDetection: { consecutive5xx: 3, intervalMs: 2000 }, healthCheck: null, tls: false },
      { outlierDetection: null, loadBalancer: 'LEAST_REQUEST', connectTimeoutMs: 10_000 },
    ],
  });
});

t.test('counters have the names of Envoy, without the cluster', async (t) => {
  const cluster = liveCluster({ endpoints: endpointModels(2) });
  const [first] = cluster.endpoints;
  if (first !== undefined) first.ejected = true;
  const { clusters } = await read<{
    clusters: { endpoints: number; healthyEndpoints: number; counters: Record<string, number> }[];
  }>(clusterList, [cluster]);
  t.match(clusters, [{ endpoints: 2, activeRequests: 0 }]);
  t.equal(clusters[0]?.counters['upstream_rq_total'], 0);
  for (const name of Object.keys(clusters[0]?.counters ?? {})) t.match(name, /^[a-z0-9_.]+$/);
});

t.test('one cluster can be asked for by its whole name', async (t) => {
  const clusters = [
    liveCluster({ name: 'a', endpoints: endpointModels(1) }),
    liveCluster({ name: 'a|b', endpoints: endpointModels(2) }),
  ];
  const listed = async (query: string) => {
    const list = await read<{ endpoints: object[] }>(endpointList, clusters, query);
    return list.endpoints.length;
  };
  t.equal(await listed(''), 3);
  t.equal(await listed('cluster=a'), 1);
  t.equal(await listed('cluster=b'), 0);
});
