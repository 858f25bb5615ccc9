/**
 * Nanoseconds for each header block of ten fields, encoded and decoded: as the first block of a
 * connection has them, and as later ones do. Run it with `node bench/micro/hpack.ts`.
 */

import { HpackDecoder } from '../../src/http2/hpack-decoder.ts';
import { HpackEncoder } from '../../src/http2/hpack-encoder.ts';

const rounds = 7;
const iterations = 100_000;

const limits = { maxBytes: 60 * 1024, maxCount: 100 };

/** What a block has of a request that stays the same, and what changes from request to request. */
const constant = [
  ...[':method', 'GET', ':scheme', 'https', ':authority', 'shop.example.com'],
  ...['user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0'],
  ...['accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ...['accept-language', 'en-US,en;q=0.5', 'accept-encoding', 'gzip, deflate, br, zstd'],
  ...['cookie', 'session=c0ffee1234567890; user=jason; theme=dark'],
];
const request = [
  ...constant,
  ...[':path', '/api/v1/products/0/reviews?page=2&sort=newest'],
  ...['x-request-id', '4bf92f35-77b3-4da6-a3ce-929d0e0e4736'],
];
const repeating = [...constant, ':path', '/', 'x-tenant-name', 'blue'];
const response = [
  ...[':status', '200', 'server', 'istio-envoy', 'date', 'Sun, 01 Mar 2026 10:00:00 GMT'],
  ...['content-type', 'application/json', 'content-length', '1234', 'vary', 'accept-encoding'],
  ...['cache-control', 'no-cache', 'etag', '"5f3a-11c"', 'x-content-type-options', 'nosniff'],
  ...['x-envoy-upstream-service-time', '3'],
];

let sink = 0;

function measure(name: string, work: () => void): void {
  for (let i = 0; i < iterations; i++) work();
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < iterations; i++) work();
    times.push(Number(process.hrtime.bigint() - start) / iterations);
  }
  times.sort((a, b) => a - b);
  const median = times[rounds >> 1] as number;
  const least = times[0] as number;
  console.log(`${name.padEnd(44)} ${median.toFixed(0).padStart(6)} ns (least ${least.toFixed(0)})`);
}

function measureDecode(name: string, decoder: HpackDecoder, block: Buffer): void {
  measure(`decode ${name}, ${block.length} bytes`, () => {
    const fields = decoder.decode(block, 0, block.length, limits);
    if (!Array.isArray(fields)) throw new Error(fields.message);
    sink += fields.length;
  });
}

/** The block that `encoder` makes of `flat`, to be decoded any number of times. */
function blockOf(encoder: HpackEncoder, flat: readonly string[]): Buffer {
  const target = Buffer.alloc(encoder.sizeBound(flat));
  return target.subarray(0, encoder.encode(flat, target, 0));
}

/** A pair that has met `flat` before, and the block of it that comes next. */
function warm(flat: readonly string[]): { decoder: HpackDecoder; block: Buffer } {
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder({ maxTableBytes: 4096 });
  const first = blockOf(encoder, flat);
  decoder.decode(first, 0, first.length, limits);
  return { decoder, block: blockOf(encoder, flat) };
}

function measureEncode(name: string, flat: readonly string[], tableBytes: number): void {
  const encoder = new HpackEncoder();
  encoder.setMaxTableBytes(tableBytes);
  const target = Buffer.alloc(encoder.sizeBound(flat));
  measure(`encode ${name}`, () => {
    sink += encoder.encode(flat, target, encoder.sizeBound(flat) - target.length);
  });
}

const indexed = warm(repeating);
measureDecode('10 indexed fields', indexed.decoder, indexed.block);
const usual = warm(request);
measureDecode('a request, 8 fields indexed', usual.decoder, usual.block);
const cold = new HpackEncoder();
cold.setMaxTableBytes(0);
measureDecode(
  'a request in literals',
  new HpackDecoder({ maxTableBytes: 4096 }),
  blockOf(cold, request),
);
measureDecode(
  'a request in indexed literals',
  new HpackDecoder({ maxTableBytes: 4096 }),
  blockOf(new HpackEncoder(), request),
);

measureEncode('10 indexed fields', repeating, 4096);
measureEncode('a request, 8 fields indexed', request, 4096);
measureEncode('a response, 7 fields indexed', response, 4096);
measureEncode('a request in literals', request, 0);
if (sink === 0) console.log('nothing was read');
