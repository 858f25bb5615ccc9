import fc from 'fast-check';
import t from 'tap';
import { SeededRandom } from '../../../src/base/random.ts';
import { EdfScheduler } from '../../../src/cluster/load-balancing/edf-scheduler.ts';
import { liveEndpoints } from '../cluster-fixture.ts';

t.test('equal weights need no schedule', async (t) => {
  const schedule = new EdfScheduler((_, weight) => weight, null, new SeededRandom(1));
  t.equal(schedule.next(), null);
  schedule.update({ endpoints: liveEndpoints(3), weights: [2, 2, 2] });
  t.equal(schedule.next(), null);
  schedule.update({ endpoints: liveEndpoints(1), weights: [2] });
  t.equal(schedule.next(), null);
});

t.test('every endpoint gets its share, to within a few picks', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 12 }),
      fc.integer(),
      (weights, seed) => {
        const endpoints = liveEndpoints(weights.length);
        const schedule = new EdfScheduler((_, weight) => weight, null, new SeededRandom(seed));
        schedule.update({ endpoints, weights });
        const sum = weights.reduce((total, weight) => total + weight, 0);
        for (let pick = 1; pick <= 300; pick++) {
          const endpoint = schedule.next();
          if (endpoint === null) return new Set(weights).size === 1;
          endpoint.requestsTotal++;
        }
        return endpoints.every((endpoint, index) => {
          const share = (300 * (weights[index] ?? 0)) / sum;
          return Math.abs(endpoint.requestsTotal - share) < weights.length + 1;
        });
      },
    ),
  );
});

t.test('weights are asked for at every pick', async (t) => {
  const endpoints = liveEndpoints(2);
  const schedule = new EdfScheduler(
    (endpoint, weight) => weight / (endpoint.activeRequests + 1),
    null,
    new SeededRandom(1),
  );
  schedule.update({ endpoints, weights: [1, 2] });
  const [first] = endpoints;
  if (first !== undefined) first.activeRequests = 999_999;
  const picked = Array.from({ length: 100 }, () => schedule.next());
  t.ok(picked.filter((endpoint) => endpoint === first).length <= 2);
});
