/** Properties of header compression: what is encoded is decoded, and no bytes do any harm. */

import fc from 'fast-check';
import t from 'tap';
import { HpackEncoder } from '../../src/http2/hpack-encoder.ts';
import { decodeBytes, encodeBytes, newDecoder } from './hpack-blocks.ts';

const name = fc.oneof(
  fc.constantFrom(':method', ':path', ':status', ':authority', 'cookie', 'set-cookie', 'date'),
  fc.constantFrom('authorization', 'accept-encoding', 'x-request-id', 'traceparent', 'x-a', 'x-b'),
  fc.string({ unit: fc.constantFrom(...'abcxyz019-_'), minLength: 1, maxLength: 40 }),
);
const anyBytes = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const value = fc.oneof(
  fc.constantFrom('', '/', 'GET', '200', 'gzip, deflate', 'one', 'two', 'a longer value, 20'),
  anyBytes(40),
  fc.tuple(anyBytes(5), fc.nat(200)).map(([text, times]) => text.repeat(times)),
);
const flat = fc.array(fc.tuple(name, value), { maxLength: 12 }).map((fields) => fields.flat());

/** The settings that become known before a block, and its fields. */
const step = fc.tuple(
  fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(fc.nat(5000), { maxLength: 3 })),
  flat,
);

t.test('what is encoded is decoded again, while the table changes its size', async (t) => {
  const property = fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
    const encoder = new HpackEncoder();
    const decoder = newDecoder();
    for (const [settings, fields] of steps) {
      for (const bytes of settings) {
        decoder.setMaxTableBytes(bytes);
        encoder.setMaxTableBytes(bytes);
      }
      const decoded = decodeBytes(decoder, encodeBytes(encoder, fields));
      if (JSON.stringify(decoded) !== JSON.stringify(fields)) return false;
    }
    return true;
  });
  fc.assert(property, { numRuns: 500 });
  t.pass('500 runs');
});

t.test('blocks that are refused for their size leave the table in step', async (t) => {
  const blocks = fc.array(fc.tuple(flat, fc.nat(600), fc.nat(8)), { maxLength: 20 });
  const property = fc.property(blocks, (blocks) => {
    const encoder = new HpackEncoder();
    const decoder = newDecoder();
    for (const [fields, maxBytes, maxCount] of blocks) {
      const decoded = decodeBytes(decoder, encodeBytes(encoder, fields), { maxBytes, maxCount });
      const bytes = fields.reduce((sum, text) => sum + text.length + 16, 0);
      const fits = bytes <= maxBytes && fields.length / 2 <= maxCount;
      if (fits !== Array.isArray(decoded)) return false;
      if (fits && JSON.stringify(decoded) !== JSON.stringify(fields)) return false;
      if (!Array.isArray(decoded) && decoded.code === 'compression') return false;
    }
    return true;
  });
  fc.assert(property, { numRuns: 500 });
  t.pass('500 runs');
});

/** Bytes that are likely to mean something. */
const piece = fc.oneof(
  fc.constantFrom('82', 'be', 'bf', '40', '00', '10', '20', '3fe11f', '7e', '0f2f', 'ff', '0161'),
  fc.constantFrom('80', '0181ff', '8180', '8107', '84ffffffff', 'ffffff', '7f', '400161026263'),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('hex')),
);

t.test('no bytes make the decoder throw, or give more than the limits allow', async (t) => {
  const property = fc.property(fc.array(fc.array(piece), { maxLength: 4 }), (blocks) => {
    const decoder = newDecoder(256);
    for (const pieces of blocks) {
      const decoded = decodeBytes(decoder, Buffer.from(pieces.join(''), 'hex'), {
        maxBytes: 300,
        maxCount: 6,
      });
      if (!Array.isArray(decoded)) continue;
      const bytes = decoded.reduce((sum, text) => sum + text.length + 16, 0);
      if (bytes > 300 || decoded.length > 12 || decoded.length % 2 !== 0) return false;
    }
    return true;
  });
  fc.assert(property, { numRuns: 5000 });
  t.pass('5000 runs');
});

t.test('a block that is cut off is an error, or ends behind a field', async (t) => {
  const property = fc.property(flat, fc.nat(), (fields, at) => {
    const block = encodeBytes(new HpackEncoder(), fields);
    const decoded = decodeBytes(newDecoder(), block.subarray(0, at % (block.length + 1)));
    if (!Array.isArray(decoded)) return decoded.code === 'compression';
    return JSON.stringify(decoded) === JSON.stringify(fields.slice(0, decoded.length));
  });
  fc.assert(property, { numRuns: 1000 });
  t.pass('1000 runs');
});
