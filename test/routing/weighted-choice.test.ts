import fc from 'fast-check';
import t from 'tap';
import { type Random, SeededRandom } from '../../src/base/random.ts';
import type { CompiledForward } from '../../src/routing/compiled-route.ts';
import { chooseCluster } from '../../src/routing/weighted-choice.ts';
import { compiledHost, forwardTo, route, weightedCluster } from '../support/route-models.ts';

function split(...weights: number[]): CompiledForward {
  const clusters = weights.map((weight, index) => weightedCluster(String(index), weight));
  const host = compiledHost([route('r', {}, forwardTo('', { clusters }))]);
  return host.routes[0]?.action as CompiledForward;
}

function fixed(fraction: number): Random {
  return { uint32: () => Math.floor(fraction * 2 ** 32), fraction: () => fraction };
}

t.test('a single cluster draws no randomness', async (t) => {
  const never: Random = {
    uint32: () => t.fail('drawn') as never,
    fraction: () => t.fail('drawn') as never,
  };
  t.equal(chooseCluster(split(0), never).cluster, '0');
});

t.test('each cluster has its share of the range', async (t) => {
  const action = split(1, 2, 1);
  const chosen = [0, 0.24, 0.25, 0.74, 0.75, 0.999_999].map(
    (fraction) => chooseCluster(action, fixed(fraction)).cluster,
  );
  t.same(chosen, ['0', '0', '1', '1', '2', '2']);
});

t.test('a cluster without weight is never chosen, wherever the draw falls', async () => {
  const weights = fc
    .array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1000 })), {
      minLength: 2,
      maxLength: 6,
    })
    .filter((given) => given.some((weight) => weight > 0));
  const highest = (2 ** 32 - 1) / 2 ** 32;
  const fractions = fc.oneof(
    fc.constantFrom(0, highest),
    fc.double({ min: 0, max: highest, noNaN: true }),
  );
  const property = fc.property(weights, fractions, (given, fraction) => {
    const { cluster } = chooseCluster(split(...given), fixed(fraction));
    return given[Number(cluster)] !== 0;
  });
  fc.assert(property, { numRuns: 2000 });
});

t.test('shares follow the weights, whatever their sum', async () => {
  const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 6 });
  const property = fc.property(weights, fc.integer(), (given, seed) => {
    const action = split(...given);
    const random = new SeededRandom(seed);
    const draws = 4000;
    const counts = given.map(() => 0);
    for (let i = 0; i < draws; i++) {
      const index = Number(chooseCluster(action, random).cluster);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    const sum = given.reduce((total, weight) => total + weight, 0);
    return given.every((weight, index) => {
      const share = weight / sum;
      const deviation = Math.sqrt(share * (1 - share) * draws);
      return Math.abs((counts[index] ?? 0) - share * draws) <= 6 * deviation + 1;
    });
  });
  fc.assert(property, { numRuns: 50 });
});
