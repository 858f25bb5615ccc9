/**
 * HPACK (RFC 7541) for tests, apart from the code under test: writes headers as they are given,
 * never indexed and without Huffman coding; reads everything that a peer may send in text.
 */

import type { HeaderPair } from './http-reader.ts';

/** A header block of literals that are never indexed; strings are latin1. */
export function encodeHeaderBlock(headers: readonly HeaderPair[]): Buffer {
  const parts = headers.flatMap(([name, value]) => [
    Buffer.from([0x10]),
    encodeString(name),
    encodeString(value),
  ]);
  return Buffer.concat(parts);
}

function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([encodeInteger(bytes.length, 7), bytes]);
}

function encodeInteger(value: number, prefixBits: number): Buffer {
  const limit = 2 ** prefixBits - 1;
  if (value < limit) return Buffer.from([value]);
  const bytes = [limit];
  let left = value - limit;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return Buffer.from([...bytes, left]);
}

/** Decodes the header blocks of one connection, in the order in which they came. */
export class HeaderBlockReader {
  readonly #dynamic: HeaderPair[] = [];
  #capacity = 4096;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  read(block: Buffer): HeaderPair[] {
    this.#bytes = block;
    this.#at = 0;
    const headers: HeaderPair[] = [];
    while (this.#at < block.length) {
      const first = block.readUInt8(this.#at);
      if (first >= 0x80) headers.push(this.#entry(this.#integer(7)));
      else if (first >= 0x40) headers.push(this.#remember(this.#literal(6)));
      else if (first >= 0x20) this.#resize(this.#integer(5));
      else headers.push(this.#literal(4));
    }
    return headers;
  }

  #literal(prefixBits: number): HeaderPair {
    const index = this.#integer(prefixBits);
    const name = index === 0 ? this.#string() : this.#entry(index)[0];
    return [name, this.#string()];
  }

  #integer(prefixBits: number): number {
    const limit = 2 ** prefixBits - 1;
    let value = this.#byte() & limit;
    if (value < limit) return value;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  #string(): string {
    const huffman = this.#bytes.readUInt8(this.#at) >= 0x80;
    const length = this.#integer(7);
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return huffman ? decodeHuffman(bytes) : bytes.toString('latin1');
  }

  #byte(): number {
    const byte = this.#bytes.readUInt8(this.#at);
    this.#at += 1;
    return byte;
  }

  #entry(index: number): HeaderPair {
    const found = staticTable[index - 1] ?? this.#dynamic[index - 1 - staticTable.length];
    if (found === undefined) throw new Error(`HPACK index ${index} out of the tables`);
    return found;
  }

  #remember(header: HeaderPair): HeaderPair {
    this.#dynamic.unshift(header);
    this.#resize(this.#capacity);
    return header;
  }

  #resize(capacity: number): void {
    this.#capacity = capacity;
    const size = (): number =>
      this.#dynamic.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
    while (size() > capacity) this.#dynamic.pop();
  }
}

/**
 * The symbols by code length. The code of RFC 7541, appendix B is canonical, so lengths make it;
 * symbols that no text holds have longer codes than those here.
 */
const symbolsByLength: readonly (readonly [number, string])[] = [
  [5, '012aceiost'],
  [6, ' %-./3456789=A_bdfghlmnpru'],
  [7, ':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz'],
  [8, '&*,;XZ'],
  [10, '!"()?'],
  [11, "'+|"],
  [12, '#>'],
  [13, '\0$@[]~'],
  [14, '^}'],
  [15, '<`{'],
  [19, '\\'],
];

const huffmanCodes = makeCodes();

/** By `length:code`. */
function makeCodes(): ReadonlyMap<string, string> {
  const codes = new Map<string, string>();
  let next = 0;
  let before = 0;
  for (const [length, symbols] of symbolsByLength) {
    next *= 2 ** (length - before);
    before = length;
    for (const symbol of symbols) {
      codes.set(`${length}:${next}`, symbol);
      next += 1;
    }
  }
  return codes;
}

function decodeHuffman(bytes: Buffer): string {
  let text = '';
  let code = 0;
  let length = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1);
      length += 1;
      const symbol = huffmanCodes.get(`${length}:${code}`);
      if (symbol === undefined) continue;
      text += symbol;
      code = 0;
      length = 0;
    }
  }
  if (length > 7) throw new Error('Huffman code of a symbol that is no text');
  return text;
}

/** RFC 7541, appendix A; entries without value stand for their name. */
const staticTable: readonly HeaderPair[] = [
  ':authority',
  ':method GET',
  ':method POST',
  ':path /',
  ':path /index.html',
  ':scheme http',
  ':scheme https',
  ':status 200',
  ':status 204',
  ':status 206',
  ':status 304',
  ':status 400',
  ':status 404',
  ':status 500',
  'accept-charset',
  'accept-encoding gzip, deflate',
  'accept-language',
  'accept-ranges',
  'accept',
  'access-control-allow-origin',
  'age',
  'allow',
  'authorization',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'etag',
  'expect',
  'expires',
  'from',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'link',
  'location',
  'max-forwards',
  'proxy-authenticate',
  'proxy-authorization',
  'range',
  'referer',
  'refresh',
  'retry-after',
  'server',
  'set-cookie',
  'strict-transport-security',
  'transfer-encoding',
  'user-agent',
  'vary',
  'via',
  'www-authenticate',
].map((entry): HeaderPair => {
  const space = entry.indexOf(' ');
  return space < 0 ? [entry, ''] : [entry.slice(0, space), entry.slice(space + 1)];
});
