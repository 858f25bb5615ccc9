/** Properties of the codec: splits mean nothing, nothing throws, what is written is read again. */

import fc from 'fast-check';
import t from 'tap';
import { chunkEnd, chunkHead, writeRequestHead } from '../../src/http1/head-writer.ts';
import { HeaderList } from '../../src/http1/header-list.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { cut, readRequests, readResponses } from './codec-probe.ts';

interface Message {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly chunks: readonly string[];
  readonly framing: 'none' | 'length' | 'chunked';
  readonly trailers: readonly (readonly [string, string])[];
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789-_.!';
const name = fc
  .string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 20 })
  .map((text) => `x-${text}`);
const value = fc
  .string({ unit: fc.constantFrom(...'abc ;=",/\t\xe9\xff'), maxLength: 40 })
  .map((text) => text.trim());
const fields = fc.array(fc.tuple(name, value), { maxLength: 8 });
const message: fc.Arbitrary<Message> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PURGE', 'PROPFIND'),
  target: fc.constantFrom('/', '/a/b?c=d', '/%20%ff'),
  fields,
  chunks: fc.array(fc.string({ unit: fc.constantFrom('\r', '\n', 'G', ':', '0'), minLength: 1 })),
  framing: fc.constantFrom('none', 'length', 'chunked'),
  trailers: fields,
});

function write(item: Message): string {
  const headers = new HeaderList();
  headers.append('host', 'a.example');
  for (const [key, text] of item.fields) headers.append(key, text);
  const body = item.chunks.join('');
  if (item.framing === 'length') headers.append('content-length', String(body.length));
  if (item.framing === 'chunked') headers.append('transfer-encoding', 'chunked');
  const head = writeRequestHead(item.method, item.target, headers);
  if (item.framing === 'none') return head;
  if (item.framing === 'length') return head + body;
  const chunks = item.chunks.map((chunk) => chunkHead(chunk.length) + chunk + chunkEnd);
  // Nothing of the proxy writes trailers, but clients do.
  const trailers = item.trailers.map(([key, text]) => `${key}: ${text}\r\n`);
  return `${head + chunks.join('')}0\r\n${trailers.join('')}\r\n`;
}

t.test('what the writer writes, the parser reads, however it is split', async (t) => {
  const property = fc.property(
    fc.array(message, { minLength: 1, maxLength: 4 }),
    fc.array(fc.nat(2000), { maxLength: 12 }),
    (items, positions) => {
      const bytes = items.map(write).join('');
      const whole = readRequests([bytes]);
      const split = readRequests(
        cut(
          bytes,
          positions.filter((at) => at < bytes.length),
        ),
      );
      const read = whole.messages.map(({ head, body, trailers, complete }) => ({
        start: [head.method, head.target, head.framing.kind, complete],
        fields: head.headers.flat.filter((_, i, flat) => flat[i - (i % 2)]?.startsWith('x-')),
        body,
        trailers: trailers ?? [],
      }));
      const written = items.map((item) => ({
        start: [item.method, item.target, item.framing, true],
        fields: item.fields.flat(),
        body: item.framing === 'none' ? '' : item.chunks.join(''),
        trailers: item.framing === 'chunked' ? item.trailers.flat() : [],
      }));
      if (JSON.stringify(split) !== JSON.stringify(whole)) return false;
      return whole.error === null && JSON.stringify(read) === JSON.stringify(written);
    },
  );
  fc.assert(property, { numRuns: 200 });
  t.pass('200 runs');
});

t.test('no bytes make a parser throw, and it stays within its limits', async (t) => {
  const piece = fc.oneof(
    fc.constantFrom('GET / HTTP/1.1\r\n', 'HTTP/1.1 200 OK\r\n', 'host: a\r\n', '\r\n', '\n', '\r'),
    fc.constantFrom(
      'transfer-encoding: chunked\r\n',
      'content-length: 3\r\n',
      '0',
      '3\r\n',
      ';a="',
    ),
    fc.string({ unit: 'binary-ascii', maxLength: 20 }),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
  const limits = { ...defaultLimits, requestHeadBytes: 100, responseHeadBytes: 100 };
  const property = fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
    readRequests(pieces, limits);
    readResponses(pieces, { methods: ['GET', 'HEAD', 'GET'], end: true, limits });
  });
  fc.assert(property, { numRuns: 2000 });
  t.pass('2000 runs');
});

t.test('damaged requests are refused or mean one thing, however they are split', async (t) => {
  const damage = fc.tuple(fc.nat(300), fc.constantFrom('\0', ' ', '\r', '\n', '\t', ':', '\x80'));
  const property = fc.property(message, damage, fc.nat(300), (item, [at, byte], position) => {
    const text = write(item);
    const bytes = `${text.slice(0, at)}${byte}${text.slice(at)}`;
    const whole = readRequests([bytes]);
    const split = readRequests(cut(bytes, [Math.min(position, bytes.length)]));
    // Which error comes first may depend on the split; that there is one must not.
    const complete = (transcript: typeof whole) => transcript.messages.filter((m) => m.complete);
    return JSON.stringify(complete(whole)) === JSON.stringify(complete(split));
  });
  fc.assert(property, { numRuns: 1000 });
  t.pass('1000 runs');
});
