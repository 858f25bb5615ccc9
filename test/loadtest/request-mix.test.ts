import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import { RequestMix, warmUpHeader } from '../../src/loadtest/request-mix.ts';
import type { RequestKind } from '../../src/loadtest/scenario.ts';
import { page } from './load-run.ts';

const drawMany = 20_000;

function draw(kinds: readonly RequestKind[]) {
  const mix = new RequestMix(kinds, new SeededRandom(3));
  return Array.from({ length: drawMany }, () => mix.next(false));
}

function shares(values: Iterable<number>): Map<number, number> {
  const groups = Map.groupBy(values, (value) => value);
  return new Map([...groups].map(([value, { length }]) => [value, length / drawMany]));
}

t.test('templates are filled in, and only requests of the warm-up say so', async (t) => {
  const kind: RequestKind = {
    ...{ ...page, path: '/{{key}}', body: '{{sequence}}' },
    keys: { count: 1, prefix: 'user-', zipf: 0 },
  };
  const mix = new RequestMix([kind], new SeededRandom(1));
  t.match(mix.next(true), { path: '/user-0', body: '0', headers: { [warmUpHeader]: '1' } });
  t.strictSame(mix.next(false).headers, { 'x-load': '1' });
});

for (const zipf of [0, 1, 2]) {
  t.test(`keys come by Zipf's law with the exponent ${zipf}`, async (t) => {
    const keys = { count: 50, prefix: 'k', zipf };
    const found = shares(draw([{ ...page, keys }]).map(({ key }) => key));
    const weights = Array.from({ length: keys.count }, (_, index) => (index + 1) ** -zipf);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [key, weight] of weights.entries()) {
      const expected = weight / total;
      // Five standard deviations.
      const by = 5 * Math.sqrt((expected * (1 - expected)) / drawMany);
      const says = `key ${key}: ${found.get(key) ?? 0}, not ${expected.toFixed(4)}`;
      t.ok(Math.abs((found.get(key) ?? 0) - expected) <= by, says);
    }
    t.ok(Math.max(...found.keys()) < keys.count);
  });
}
