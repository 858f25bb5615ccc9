import * as fc from 'fast-check';
import t from 'tap';
import { ContentDigest } from '../../src/base/content-digest.ts';

function digest(...pieces: readonly Uint8Array[]): string {
  const content = new ContentDigest();
  for (const piece of pieces) content.update(piece);
  return content.digest();
}

t.test('FNV-1a is the first half', async (t) => {
  const known = [
    ['', '811c9dc5'],
    ['a', 'e40c292c'],
    ['foobar', 'bf9cf968'],
  ] as const;
  for (const [text, first] of known) t.equal(digest(Buffer.from(text)).slice(0, 8), first);
});

t.test('how content is cut does not matter, any other byte does', async (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (bytes, place, change) => {
        const at = place % bytes.length;
        const other = Uint8Array.from(bytes);
        other[at] = (bytes[at] as number) ^ change;
        const whole = digest(bytes);
        return (
          /^[\da-f]{16}$/.test(whole) &&
          digest(bytes.subarray(0, at), bytes.subarray(at)) === whole &&
          digest(other) !== whole
        );
      },
    ),
  );
  t.end();
});

t.test('a hundred thousand texts that differ little have digests of their own', async (t) => {
  const seen = new Set<string>();
  for (let i = 0; i < 100_000; i++) seen.add(digest(Buffer.from(`weight: ${i}\n`)));
  t.equal(seen.size, 100_000);
});
