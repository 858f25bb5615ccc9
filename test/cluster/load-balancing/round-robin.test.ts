import t from 'tap';
import { SeededRandom } from '../../../src/base/random.ts';
import { RoundRobin } from '../../../src/cluster/load-balancing/round-robin.ts';
import { liveEndpoints } from '../cluster-fixture.ts';

function picks(balancer: RoundRobin, count: number): number[] {
  return Array.from({ length: count }, () => balancer.pick()?.port ?? 0);
}

t.test('equal endpoints take turns in order of configuration', async (t) => {
  const balancer = new RoundRobin(null, { uint32: () => 2, fraction: () => 0 });
  balancer.update({ endpoints: liveEndpoints(3), weights: [1, 1, 1] });
  t.same(picks(balancer, 7), [3, 1, 2, 3, 1, 2, 3]);
});

t.test('the start is random', async (t) => {
  const starts = new Set<number>();
  for (let seed = 0; seed < 30; seed++) {
    for (const weights of [
      [1, 1, 1],
      [1, 2, 1],
    ]) {
      const balancer = new RoundRobin(null, new SeededRandom(seed));
      balancer.update({ endpoints: liveEndpoints(3), weights });
      starts.add((balancer.pick()?.port ?? 0) + (weights[1] === 2 ? 10 : 0));
    }
  }
  t.same([...starts].sort(), [1, 11, 12, 13, 2, 3]);
});

t.test('turns go on when an endpoint leaves', async (t) => {
  const endpoints = liveEndpoints(4);
  const balancer = new RoundRobin(null, { uint32: () => 0, fraction: () => 0 });
  balancer.update({ endpoints, weights: [1, 1, 1, 1] });
  t.same(picks(balancer, 4), [1, 2, 3, 4]);
  balancer.update({ endpoints: endpoints.slice(1), weights: [1, 1, 1] });
  t.same(picks(balancer, 4), [3, 4, 2, 3]);
});

t.test('with weights every round is exact and spread out', async (t) => {
  const balancer = new RoundRobin(null, { uint32: () => 0, fraction: () => 0 });
  balancer.update({ endpoints: liveEndpoints(2), weights: [1, 3] });
  const round = picks(balancer, 8);
  t.equal(round.filter((port) => port === 2).length, 6);
  t.notMatch(round.join(''), /11|22222/);
});
