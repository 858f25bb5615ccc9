import t from 'tap';
import { HpackEncoder } from '../../src/http2/hpack-encoder.ts';
import { decodeBytes, encodeBytes, encodeHex, encoderFor, newDecoder } from './hpack-blocks.ts';

/** How the only field of a block is written. */
function formOf(block: Buffer): string {
  const byte = block[0] ?? 0;
  if (byte >= 0x80) return 'indexed';
  if (byte >= 0x40) return 'into the table';
  if (byte >= 0x20) return 'size update';
  return byte >= 0x10 ? 'never indexed' : 'not indexed';
}

const choices: readonly [name: string, value: string, first: string, second: string][] = [
  [':method', 'GET', 'indexed', 'indexed'],
  [':method', 'PATCH', 'into the table', 'indexed'],
  [':status', '200', 'indexed', 'indexed'],
  [':status', '404', 'indexed', 'indexed'],
  [':status', '418', 'into the table', 'indexed'],
  [':scheme', 'https', 'indexed', 'indexed'],
  [':authority', 'a.example', 'into the table', 'indexed'],
  [':path', '/', 'indexed', 'indexed'],
  [':path', '/a', 'not indexed', 'not indexed'],
  ['accept', '', 'indexed', 'indexed'],
  ['accept-encoding', 'gzip, deflate', 'indexed', 'indexed'],
  ['accept-encoding', 'gzip', 'into the table', 'indexed'],
  ['user-agent', 'curl', 'into the table', 'indexed'],
  ['date', 'Mon, 21 Oct 2013 20:13:21 GMT', 'into the table', 'indexed'],
  ['content-length', '12', 'not indexed', 'not indexed'],
  ['etag', '"a"', 'not indexed', 'not indexed'],
  ['location', '/b', 'not indexed', 'not indexed'],
  ['x-tenant', 'blue', 'into the table', 'indexed'],
  ['x-request-id', '4bf92f35', 'into the table', 'not indexed'],
  ['traceparent', '00-1-2-01', 'into the table', 'not indexed'],
  ['authorization', 'Basic YTpi', 'never indexed', 'never indexed'],
  ['authorization', 'x'.repeat(300), 'never indexed', 'never indexed'],
  ['proxy-authorization', 'Basic YTpi', 'never indexed', 'never indexed'],
  ['cookie', 'a=0123456789abcdefg', 'never indexed', 'never indexed'],
  ['cookie', 'a=0123456789abcdefgh', 'into the table', 'indexed'],
  ['set-cookie', 'a=0123456789abcdefg', 'never indexed', 'never indexed'],
  ['set-cookie', 'a=0123456789abcdefgh', 'not indexed', 'not indexed'],
  ['x-huge', 'x'.repeat(3034), 'into the table', 'indexed'],
  ['x-huge', 'x'.repeat(3035), 'not indexed', 'not indexed'],
];
for (const [name, value, first, second] of choices) {
  t.test(
    `${name}: ${value.slice(0, 30)} (${value.length}) is ${first}, then ${second}`,
    async (t) => {
      const encoder = new HpackEncoder();
      t.equal(formOf(encodeBytes(encoder, [name, value])), first);
      t.equal(formOf(encodeBytes(encoder, [name, value])), second);
    },
  );
}

t.test('a name that the table has is not written again', async (t) => {
  const encoder = new HpackEncoder();
  encodeBytes(encoder, ['x-request-id', '111']);
  // Without indexing, the name at index 62.
  t.equal(encodeHex(encoder, ['x-request-id', '\x01\x02']), '0f2f020102');
  encodeBytes(encoder, ['x-tenant', 'blue']);
  // With indexing, the name at index 62; that of the identifier is at 63 now.
  t.equal(encodeHex(encoder, ['x-tenant', '\x01']), '7e0101');
  t.equal(encodeHex(encoder, ['x-request-id', '\x01']), '0f310101');
});

t.test('a peer without a table gets literals that are not indexed', async (t) => {
  const encoder = encoderFor(0);
  t.equal(formOf(encodeBytes(encoder, ['x-tenant', 'blue'])), 'not indexed');
  t.equal(formOf(encodeBytes(encoder, ['x-tenant', 'blue'])), 'not indexed');
  t.equal(formOf(encodeBytes(encoder, [':method', 'GET'])), 'indexed');
});

const settings: readonly [what: string, settings: readonly number[], updates: string][] = [
  ['4096, as before the first settings', [4096], ''],
  ['above 4096, of which we use no more', [65_536], ''],
  ['smaller', [100], '3f45'],
  ['nothing', [0], '20'],
  ['smaller, and smaller', [200, 100], '3f45'],
  ['smaller, and larger', [100, 200], '3f453fa901'],
  ['smaller, and as before', [100, 4096], '3f453fe11f'],
  ['smaller, and above 4096', [0, 65_536], '203fe11f'],
];
for (const [what, values, updates] of settings) {
  t.test(`size updates for a table that becomes ${what}`, async (t) => {
    const encoder = new HpackEncoder();
    for (const value of values) encoder.setMaxTableBytes(value);
    t.equal(encodeHex(encoder, [':method', 'GET']), `${updates}82`);
    t.equal(encodeHex(encoder, [':method', 'GET']), '82', 'once');
  });
}

t.test('what a smaller table does not hold is not referred to', async (t) => {
  const encoder = new HpackEncoder();
  const decoder = newDecoder();
  const fields = ['x-a', 'one', 'x-b', 'two', 'x-c', 'three'];
  t.same(decodeBytes(decoder, encodeBytes(encoder, fields)), fields);
  t.equal(encodeHex(encoder, fields), 'c0bfbe');
  // The last two stay, and the first becomes the newest.
  encoder.setMaxTableBytes(80);
  encoder.setMaxTableBytes(4096);
  t.same(decodeBytes(decoder, encodeBytes(encoder, fields)), fields);
  t.equal(encodeHex(encoder, fields), 'bec0bf');
});

t.test('the table is searched after thousands of insertions', async (t) => {
  const encoder = new HpackEncoder();
  const decoder = newDecoder();
  let bytes = 0;
  for (let i = 0; i < 5000; i++) {
    const fields = [`x-${i % 7}`, `value ${i % 30}`, 'x-always', 'the same', 'x-new', String(i)];
    const block = encodeBytes(encoder, fields);
    bytes += block.length;
    if (String(decodeBytes(decoder, block)) !== String(fields)) t.fail(`block ${i}`);
  }
  // Most often: an indexed name with a new value, twice, and a field in one byte.
  t.ok(bytes < 5000 * 18, `${bytes} bytes`);
});

t.test('values are latin-1, whatever their characters', async (t) => {
  const decoder = newDecoder();
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('latin1');
  const fields = ['x-all', bytes, 'x-some', bytes.slice(250), 'x-name', 'ü'];
  t.same(decodeBytes(decoder, encodeBytes(new HpackEncoder(), fields)), fields);
});
