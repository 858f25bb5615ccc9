/** What every load balancing policy must do, seen through the cluster that uses it. */

import fc from 'fast-check';
import t from 'tap';
import type { LiveCluster } from '../../../src/cluster/live-cluster.ts';
import type { LiveEndpoint } from '../../../src/cluster/live-endpoint.ts';
import type { LoadBalancerPolicy } from '../../../src/model/cluster-policy.ts';
import { endpointModel } from '../../support/cluster-models.ts';
import { anyEndpoint, ClusterFixture, endpointAt } from '../cluster-fixture.ts';

const policies: readonly LoadBalancerPolicy[] = [
  { policy: 'ROUND_ROBIN', slowStart: null },
  { policy: 'LEAST_REQUEST', slowStart: null },
  { policy: 'RANDOM' },
  { policy: 'RING_HASH', minimumRingSize: 1024 },
  { policy: 'MAGLEV', tableSize: 65_537 },
];

function clusterOf(fixture: ClusterFixture, loadBalancer: LoadBalancerPolicy, weights: number[]) {
  const endpoints = weights.map((weight, index) => endpointModel(index + 1, { weight }));
  return fixture.create({ loadBalancer, endpoints });
}

function setEjected(cluster: LiveCluster, endpoint: LiveEndpoint, ejected: boolean): void {
  endpoint.ejected = ejected;
  cluster.onHealthChanged();
}

/** Within 4 standard deviations, and 4 % for hash tables, whose places are not quite even. */
function isShare(count: number, of: number, share: number): boolean {
  return Math.abs(count - of * share) < 4 * Math.sqrt(of * share * (1 - share)) + of * 0.04;
}

for (const policy of policies) {
  t.test(policy.policy, async (t) => {
    t.test('without endpoints there is none to choose', async (t) => {
      const fixture = new ClusterFixture();
      t.equal(clusterOf(fixture, policy, []).chooseEndpoint(anyEndpoint), null);
    });

    t.test('the only endpoint is always chosen, even if tried before', async (t) => {
      const fixture = new ClusterFixture();
      const cluster = clusterOf(fixture, policy, [3]);
      t.same([...fixture.tally(cluster, 10)], [[1, 10]]);
      const tried = [endpointAt(cluster, 1)];
      t.equal(cluster.chooseEndpoint({ ...anyEndpoint, tried }), tried[0]);
    });

    t.test('equal endpoints get equal shares', async (t) => {
      const fixture = new ClusterFixture();
      const tally = fixture.tally(clusterOf(fixture, policy, [1, 1, 1, 1]), 4_000);
      for (const port of [1, 2, 3, 4]) t.ok(isShare(tally.get(port) ?? 0, 4_000, 0.25));
    });

    // Envoy's RANDOM does not look at the weights of endpoints.
    const weighed = policy.policy !== 'RANDOM';
    t.test(weighed ? 'shares follow weights' : 'weights do not count', async (t) => {
      const fixture = new ClusterFixture();
      const tally = fixture.tally(clusterOf(fixture, policy, [1, 2, 5]), 8_000);
      const shares = weighed ? [1 / 8, 2 / 8, 5 / 8] : [1 / 3, 1 / 3, 1 / 3];
      for (const [index, share] of shares.entries()) {
        const count = tally.get(index + 1) ?? 0;
        t.ok(isShare(count, 8_000, share), `${count}`);
      }
    });

    t.test('an ejected endpoint is not chosen until it is back', async (t) => {
      const fixture = new ClusterFixture();
      const cluster = clusterOf(fixture, policy, [1, 1, 4]);
      const third = endpointAt(cluster, 3);
      setEjected(cluster, third, true);
      const without = fixture.tally(cluster, 1_000);
      t.same([...without.keys()].sort(), [1, 2]);
      t.ok(isShare(without.get(1) ?? 0, 1_000, 0.5));
      setEjected(cluster, third, false);
      t.ok(fixture.tally(cluster, 1_000).has(3));
    });

    t.test('an endpoint that failed its health check is not chosen', async (t) => {
      const fixture = new ClusterFixture();
      const cluster = clusterOf(fixture, policy, [1, 1]);
      endpointAt(cluster, 1).unhealthy = true;
      cluster.onHealthChanged();
      t.same([...fixture.tally(cluster, 50).keys()], [2]);
    });

    t.test('a removed endpoint is not chosen', async (t) => {
      const fixture = new ClusterFixture();
      const cluster = clusterOf(fixture, policy, [1, 1, 1]);
      cluster.updateEndpoints([endpointModel(1), endpointModel(3)]);
      t.same([...fixture.tally(cluster, 200).keys()].sort(), [1, 3]);
    });

    t.test('tried endpoints are avoided as far as the attempts reach', async (t) => {
      const fixture = new ClusterFixture();
      const cluster = clusterOf(fixture, policy, [1, 1, 1]);
      const tried = [endpointAt(cluster, 1), endpointAt(cluster, 2)];
      let untried = 0;
      for (let count = 0; count < 300; count++) {
        const chosen = cluster.chooseEndpoint({ ...anyEndpoint, tried, maxAttempts: 40 });
        if (chosen?.port === 3) untried++;
      }
      t.equal(untried, 300);
      const chosen = cluster.chooseEndpoint({
        ...anyEndpoint,
        tried: [...cluster.endpoints],
      });
      t.ok(chosen, 'the last one counts when all were tried');
    });

    t.test('whatever is ejected, only the others are chosen', async (t) => {
      fc.assert(
        fc.property(
          fc.array(fc.record({ weight: fc.integer({ min: 1, max: 9 }), out: fc.boolean() }), {
            minLength: 1,
            maxLength: 8,
          }),
          fc.array(fc.nat({ max: 20 }), { maxLength: 8 }),
          (rows, active) => {
            const fixture = new ClusterFixture();
            const weights = rows.map((row) => row.weight);
            const cluster = clusterOf(fixture, policy, weights);
            for (const [index, endpoint] of cluster.endpoints.entries()) {
              endpoint.ejected = rows[index]?.out ?? false;
              endpoint.activeRequests = active[index] ?? 0;
            }
            cluster.onHealthChanged();
            for (let count = 0; count < 20; count++) {
              const chosen = cluster.chooseEndpoint(anyEndpoint);
              if (chosen === null) return rows.every((row) => row.out);
              if (chosen.ejected) return false;
            }
            return true;
          },
        ),
        { numRuns: policy.policy === 'MAGLEV' ? 10 : 50 },
      );
    });
  });
}
