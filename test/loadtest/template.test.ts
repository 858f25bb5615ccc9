import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import { RequestMix } from '../../src/loadtest/request-mix.ts';
import type { RequestKind } from '../../src/loadtest/scenario.ts';
import { compileTemplate } from '../../src/loadtest/template.ts';

function rendered(text: string): string {
  const template = compileTemplate(text, true);
  if (!template.ok) return `refused: ${template.error}`;
  return template.value({ random: new SeededRandom(5), key: 'user-3', sequence: 7 });
}

for (const [text, expected] of [
  ['', /^$/],
  ['/plain', /^\/plain$/],
  ['/{{key}}/{{ sequence }}', /^\/user-3\/7$/],
  ['{{random.int 3 5}}', /^[345]$/],
  ['{{random.choice red green}}', /^(red|green)$/],
  ['{{random.uuid}}', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
  ['{{random.int 5}}', /^refused: .*two whole numbers/],
  ['{{random.choice}}', /^refused: .*needs words/],
  ['{{nothing}}', /^refused: \{\{nothing\}\} is not known/],
] as const) {
  t.test(`"${text}" is ${expected}`, async (t) => t.match(rendered(text), expected));
}

const kind = (name: string, weight: number): RequestKind => ({
  fieldPath: ['requests', 0],
  ...{ name, weight, method: 'GET', host: '', path: `/${name}`, headers: [], body: null },
  keys: { count: 3, prefix: 'k', zipf: 0 },
});

t.test('requests are drawn by weight, keys evenly, the same with the same seed', async (t) => {
  const draw = () => {
    const mix = new RequestMix([kind('a', 1), kind('b', 3), kind('c', 0)], new SeededRandom(1));
    return Array.from({ length: 8000 }, () => mix.next(false));
  };
  const drawn = draw();
  t.strictSame(draw(), drawn);
  const share = (path: string) => drawn.filter((request) => request.path === path).length / 8000;
  t.ok(Math.abs(share('/a') - 0.25) < 0.03, `${share('/a')}`);
  t.equal(share('/c'), 0);
  for (const key of [0, 1, 2]) {
    const part = drawn.filter((request) => request.key === key).length / 8000;
    t.ok(Math.abs(part - 1 / 3) < 0.03, `key ${key}: ${part}`);
  }
});

t.test('requests of the warm-up are marked', async (t) => {
  const mix = new RequestMix([kind('a', 1)], new SeededRandom(1));
  t.strictSame(mix.next(true).headers, { 'x-loadtest-warm-up': '1' });
  t.strictSame(mix.next(false).headers, {});
});
