import t from 'tap';
import { randomHex16 } from '../../src/base/hex.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { createUuid } from '../../src/base/uuid.ts';

t.test('is a version 4 UUID of the RFC variant', (t) => {
  const random = new SeededRandom(3);
  const wrong: string[] = [];
  for (let i = 0; i < 1000; i++) {
    const uuid = createUuid(random);
    if (!/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid)) {
      wrong.push(uuid);
    }
  }
  t.same(wrong, []);
  t.end();
});

t.test('the same seed gives the same ids, and ids do not repeat', (t) => {
  const make = (): string[] => {
    const random = new SeededRandom(5);
    return Array.from({ length: 10_000 }, () => createUuid(random));
  };
  const ids = make();
  t.same(make(), ids);
  t.equal(new Set(ids).size, ids.length);
  t.end();
});

t.test('every digit of the 122 random bits varies', (t) => {
  const random = new SeededRandom(9);
  const seen = Array.from({ length: 36 }, () => new Set<string>());
  for (let i = 0; i < 2000; i++) {
    for (const [place, digit] of [...createUuid(random)].entries()) seen[place]?.add(digit);
  }
  const sizes = seen.map((digits) => digits.size);
  const wanted = [...'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'].map((kind) =>
    kind === 'x' ? 16 : kind === 'y' ? 4 : 1,
  );
  t.same(sizes, wanted);
  t.end();
});

t.test('a span id is never all zero', (t) => {
  t.equal(randomHex16({ uint32: () => 0, fraction: () => 0 }), '0000000000000001');
  t.match(randomHex16(new SeededRandom(1)), /^[0-9a-f]{16}$/);
  t.end();
});
