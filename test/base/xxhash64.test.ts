import t from 'tap';
import { LateXxHash64, loadXxHash64 } from '../../src/base/xxhash64.ts';

const hash64 = await loadXxHash64();

t.test('known answers of XXH64', async (t) => {
  t.equal(hash64.hash(''), 0xef46db3751d8e999n);
  t.equal(hash64.hash('a'), 0xd24ec4f1a98c6e5bn);
  t.equal(hash64.hash('abc'), 0x44bc2cf5ad770999n);
});

t.test('a seed changes the hash', async (t) => {
  t.not(hash64.hash('abc', 1n), hash64.hash('abc'));
  t.equal(hash64.hash('abc', 0n), hash64.hash('abc'));
});

t.test('characters of a text stand for bytes', async (t) => {
  const bytes = Uint8Array.from([0x63, 0x61, 0x66, 0xc3, 0xa9]);
  t.equal(hash64.hash('caf\xc3\xa9'), hash64.hashBytes(bytes));
  t.not(hash64.hash('caf\xe9'), hash64.hashBytes(bytes));
  t.equal(hash64.hash('\xff', 7n), hash64.hashBytes(Uint8Array.of(0xff), 7n));
});

t.test('loaded late it gives the same', async (t) => {
  const late = new LateXxHash64();
  t.throws(() => late.hash('a'), /has loaded it/);
  await Promise.all([late.load(), late.load()]);
  t.equal(late.hash('a', 7n), hash64.hash('a', 7n));
  t.equal(late.hashBytes(Uint8Array.of(1)), hash64.hashBytes(Uint8Array.of(1)));
});
