import t from 'tap';
import { SeededRandom } from '../../../src/base/random.ts';
import type { LiveEndpoint } from '../../../src/cluster/live-endpoint.ts';
import { LeastRequest } from '../../../src/cluster/load-balancing/least-request.ts';
import { liveEndpoints } from '../cluster-fixture.ts';

/** Every request stays in flight. */
function load(balancer: LeastRequest, count: number): void {
  for (let request = 0; request < count; request++) {
    const endpoint = balancer.pick();
    if (endpoint !== null) endpoint.activeRequests++;
  }
}

function spread(endpoints: readonly LiveEndpoint[]): number {
  const active = endpoints.map((endpoint) => endpoint.activeRequests);
  return Math.max(...active) - Math.min(...active);
}

t.test('requests in flight stay level over equal endpoints', async (t) => {
  const endpoints = liveEndpoints(10);
  const balancer = new LeastRequest(null, new SeededRandom(1));
  balancer.update({ endpoints, weights: endpoints.map(() => 1) });
  load(balancer, 1_000);
  t.ok(spread(endpoints) <= 6, `spread ${spread(endpoints)}`);
});

t.test('of two drawn endpoints the less busy one is taken, the first on a tie', async (t) => {
  const endpoints = liveEndpoints(3);
  const draws = [0, 2, 0, 2, 1, 1];
  const balancer = new LeastRequest(null, { uint32: () => draws.shift() ?? 0, fraction: () => 0 });
  balancer.update({ endpoints, weights: [1, 1, 1] });
  t.equal(balancer.pick(), endpoints[0]);
  (endpoints[0] as LiveEndpoint).activeRequests = 1;
  t.equal(balancer.pick(), endpoints[2]);
  t.equal(balancer.pick(), endpoints[1]);
});

t.test('with weights a busy endpoint gets less than its weight', async (t) => {
  const endpoints = liveEndpoints(2);
  const balancer = new LeastRequest(null, new SeededRandom(1));
  balancer.update({ endpoints, weights: [1, 3] });
  (endpoints[1] as LiveEndpoint).activeRequests = 2;
  const picks = Array.from({ length: 400 }, () => balancer.pick()?.port);
  const second = picks.filter((port) => port === 2).length;
  t.ok(Math.abs(second - 200) < 5, `weight 3 with three shares of load: ${second} of 400`);
});
