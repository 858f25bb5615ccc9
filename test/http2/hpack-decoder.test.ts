import t from 'tap';
import type { HpackDecoder } from '../../src/http2/hpack-decoder.ts';
import {
  ample,
  bytesOf,
  decodeBytes,
  decodeHex,
  encodeBytes,
  encoderFor,
  newDecoder,
  outcomeOf,
} from './hpack-blocks.ts';

const invalid: readonly [what: string, hex: string][] = [
  ['index 0', '80'],
  ['an index above the static table, the dynamic one being empty', 'be'],
  ['a large index', 'ffffff7f'],
  ['the name at an index of neither table, indexed', '7e0161'],
  ['the name at an index of neither table, not indexed', '0f2f0161'],
  ['an index that is cut off', 'ff'],
  ['an index that is cut off after a continuation', 'ff80'],
  ['an index of 29 bits', 'ffffffffff01'],
  ['an index of zeros without end', 'ff808080808000'],
  ['a literal without a name', '40'],
  ['a literal without a value', '400161'],
  ['a name that is cut off', '400261'],
  ['a value that is cut off', '4001610262'],
  ['a value whose length is cut off', '4001617f'],
  ['a value longer than all memory', '4001617fffffff7f62'],
  ['a value with a byte of padding', '40016181ff'],
  ['a value with padding of zeros', '4001618118'],
  ['a value with the end of string', '40016184ffffffff'],
  ['a name with a byte of padding, not indexed', '0081ff0161'],
  ['a size update behind a field', '8220'],
  ['a size update that is cut off', '3f'],
  ['a size update above the setting', '3fe21f'],
];
for (const [what, hex] of invalid) {
  t.test(`${what} is a compression error`, async (t) => {
    t.match(decodeHex(newDecoder(), hex), { code: 'compression' });
  });
}

const valid: readonly [what: string, hex: string, fields: readonly string[]][] = [
  ['an empty block', '', []],
  ['the last field of the static table', 'bd', ['www-authenticate', '']],
  ['an empty name and an empty value', '000000', ['', '']],
  ['an empty string in Huffman code', '00016180', ['a', '']],
  ['bytes above 127', '000161 02c3bc', ['a', 'Ã¼']],
  ['a size update of nothing', '2082', [':method', 'GET']],
  ['a size update of all that is allowed', '3fe11f82', [':method', 'GET']],
  ['two size updates', '203fe11f82', [':method', 'GET']],
  ['an integer with continuations that add nothing', '0f80800000', ['accept-charset', '']],
];
for (const [what, hex, fields] of valid) {
  t.test(`${what} is decoded`, async (t) => {
    t.same(decodeHex(newDecoder(), hex), fields);
  });
}

/** The fields of the dynamic table, the newest first. */
function tableOf(decoder: HpackDecoder): string[] {
  const fields: string[] = [];
  for (let index = 62; ; index++) {
    const block = index < 127 ? [0x80 | index] : [0xff, index - 127];
    const field = decodeBytes(decoder, Uint8Array.from(block));
    if (!Array.isArray(field)) return fields;
    fields.push(...field);
  }
}

/** A literal with indexing, of strings below 127 bytes. */
function indexedLiteral(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0x40, name.length]),
    Buffer.from(name, 'latin1'),
    Buffer.from([value.length]),
    Buffer.from(value, 'latin1'),
  ]);
}

t.test('the table holds what fits with 32 bytes for each field', async (t) => {
  const decoder = newDecoder(3 * 36);
  for (const name of ['a1', 'a2', 'a3']) decodeBytes(decoder, indexedLiteral(name, 'xy'));
  t.same(tableOf(decoder), ['a3', 'xy', 'a2', 'xy', 'a1', 'xy']);
  decodeBytes(decoder, indexedLiteral('a4', 'xyz'));
  t.same(tableOf(decoder), ['a4', 'xyz', 'a3', 'xy']);
});

t.test('a field larger than the table empties it, and is a field all the same', async (t) => {
  const decoder = newDecoder(64);
  decodeBytes(decoder, indexedLiteral('a', 'b'));
  const long = 'x'.repeat(40);
  t.same(decodeBytes(decoder, indexedLiteral('c', long)), ['c', long]);
  t.same(tableOf(decoder), []);
});

t.test('a field may take its name from the entry that it pushes out', async (t) => {
  const decoder = newDecoder(64);
  const name = 'n'.repeat(20);
  decodeBytes(decoder, indexedLiteral(name, 'a'));
  t.same(decodeHex(decoder, '7e 0c 626262626262626262626262'), [name, 'b'.repeat(12)]);
  t.same(tableOf(decoder), [name, 'b'.repeat(12)]);
});

t.test('the table grows to a hundred fields, and wraps around', async (t) => {
  const decoder = newDecoder();
  const fields = Array.from({ length: 400 }, (_, i) => [`n${i}`, `v${i}`]);
  for (const [name = '', value = ''] of fields) {
    decodeBytes(decoder, indexedLiteral(name, value));
  }
  const fitting = Math.floor(4096 / (32 + 8));
  t.same(tableOf(decoder), fields.toReversed().slice(0, fitting).flat());
});

t.test('a size update evicts, and a later one does not bring back', async (t) => {
  const decoder = newDecoder();
  for (const name of ['a', 'b']) decodeBytes(decoder, indexedLiteral(name, 'x'));
  t.same(decodeHex(decoder, '3f25'), [], '68 bytes');
  t.same(tableOf(decoder), ['b', 'x', 'a', 'x']);
  t.same(decodeHex(decoder, '3f24 3fe11f'), [], '67 bytes, then 4096');
  t.same(tableOf(decoder), ['b', 'x']);
});

t.test('a smaller setting has to be followed by a size update', async (t) => {
  const shrunk = () => {
    const decoder = newDecoder();
    decodeBytes(decoder, indexedLiteral('a', 'b'));
    decoder.setMaxTableBytes(100);
    return decoder;
  };
  t.equal(outcomeOf(decodeHex(shrunk(), '82')), 'compression');
  t.equal(outcomeOf(decodeHex(shrunk(), '3f46')), 'compression', '101 bytes');
  t.same(outcomeOf(decodeHex(shrunk(), '3f45 be')), ['a', 'b'], '100 bytes');
  t.same(outcomeOf(decodeHex(shrunk(), '20 82')), [':method', 'GET']);
});

t.test('a block without fields may leave the size update to the next one', async (t) => {
  const decoder = newDecoder();
  decoder.setMaxTableBytes(0);
  t.same(decodeHex(decoder, ''), []);
  t.equal(outcomeOf(decodeHex(decoder, '82')), 'compression');
});

t.test('a setting that falls and rises again asks for the smallest size', async (t) => {
  const decoder = newDecoder();
  decoder.setMaxTableBytes(0);
  decoder.setMaxTableBytes(200);
  t.same(outcomeOf(decodeHex(decoder, '203fa901 82')), [':method', 'GET']);
  decoder.setMaxTableBytes(100);
  decoder.setMaxTableBytes(4096);
  t.equal(outcomeOf(decodeHex(decoder, '3fe11f 82')), 'compression');
});

t.test('a setting that the table is below already asks for nothing', async (t) => {
  const decoder = newDecoder();
  t.same(decodeHex(decoder, '2082'), [':method', 'GET']);
  decoder.setMaxTableBytes(100);
  t.same(decodeHex(decoder, '82'), [':method', 'GET']);
});

t.test('a larger setting allows a larger table once it is asked for', async (t) => {
  const decoder = newDecoder(0);
  t.equal(outcomeOf(decodeHex(newDecoder(0), '21')), 'compression');
  decoder.setMaxTableBytes(100);
  decodeBytes(decoder, indexedLiteral('a', 'b'));
  t.same(tableOf(decoder), []);
  t.same(decodeHex(decoder, '3f45'), []);
  decodeBytes(decoder, indexedLiteral('a', 'b'));
  t.same(tableOf(decoder), ['a', 'b']);
});

t.test('a block may have all bytes and fields that the limits allow, not one more', async (t) => {
  const block = Buffer.concat([indexedLiteral('abc', 'de'), bytesOf('82')]);
  const fields = ['abc', 'de', ':method', 'GET'];
  const bytes = 32 + 5 + 32 + 10;
  const read = (maxBytes: number, maxCount: number) =>
    outcomeOf(decodeBytes(newDecoder(), block, { maxBytes, maxCount }));
  t.same(read(bytes, 2), fields);
  t.equal(read(bytes - 1, 2), 'too-large');
  t.equal(read(bytes, 1), 'too-many');
  t.equal(read(0, 0), 'too-large');
});

t.test('a block beyond the limits is read to its end: the table stays in step', async (t) => {
  for (const limits of [
    { maxBytes: 0, maxCount: 10 },
    { maxBytes: 100_000, maxCount: 0 },
  ]) {
    const decoder = newDecoder();
    const block = Buffer.concat([
      bytesOf('82'),
      indexedLiteral('a', 'b'),
      indexedLiteral('c', 'x'.repeat(126)),
      bytesOf('be000161016282'),
    ]);
    t.ok(
      ['too-large', 'too-many'].includes(String(outcomeOf(decodeBytes(decoder, block, limits)))),
    );
    t.same(tableOf(decoder), ['c', 'x'.repeat(126), 'a', 'b']);
  }
});

t.test('errors behind the limits are errors', async (t) => {
  for (const rest of ['80', '0001618118', '0081ff00', '8220', '000161']) {
    const block = Buffer.concat([indexedLiteral('abc', 'de'), bytesOf(rest)]);
    const result = decodeBytes(newDecoder(), block, { maxBytes: 10, maxCount: 10 });
    t.equal(outcomeOf(result), 'compression', rest);
  }
});

t.test('fields that refer to one large entry count in full each time', async (t) => {
  const decoder = newDecoder();
  const large = Buffer.concat([bytesOf('4001617fa11e'), Buffer.alloc(4000, 'x')]);
  t.same(decodeBytes(decoder, large), ['a', 'x'.repeat(4000)]);
  const bomb = Buffer.alloc(10_000, 0xbe);
  const result = decodeBytes(decoder, bomb, { maxBytes: 60_000, maxCount: 100_000 });
  t.equal(outcomeOf(result), 'too-large');
});

t.test('long strings in Huffman code, one after the other', async (t) => {
  const encoder = encoderFor(0);
  const decoder = newDecoder();
  for (const length of [300, 3000, 30_000, 10, 5000]) {
    const flat = ['cookie', 'abc'.repeat(length), 'accept', 'b'.repeat(length)];
    t.same(decodeBytes(decoder, encodeBytes(encoder, flat), ample), flat);
  }
});
