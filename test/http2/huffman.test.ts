import fc from 'fast-check';
import t from 'tap';
import { codeLengths, codes, endOfString } from '../../src/http2/huffman-code.ts';
import { huffmanDecode, huffmanRoom } from '../../src/http2/huffman-decoder.ts';
import { huffmanEncode, huffmanLength } from '../../src/http2/huffman-encoder.ts';
import { bytesOf } from './hpack-blocks.ts';

function decode(hex: string): string | null {
  const bytes = bytesOf(hex);
  const target = Buffer.alloc(huffmanRoom(bytes.length));
  const length = huffmanDecode(bytes, 0, bytes.length, target);
  return length < 0 ? null : target.toString('latin1', 0, length);
}

function encode(text: string): string {
  const target = Buffer.alloc(text.length * 4 + 8);
  const end = huffmanEncode(text, target, 0);
  return end < 0 ? 'longer' : target.toString('hex', 0, end);
}

t.test('the code is complete: every row of bits begins with one symbol', async (t) => {
  t.equal(codes.length, endOfString + 1);
  const share = codeLengths.reduce((sum, length) => sum + 2 ** -length, 0);
  t.equal(share, 1);
});

t.test('codes are those of RFC 7541 appendix B', async (t) => {
  const rows: readonly [symbol: number, code: number, length: number][] = [
    [0x00, 0x1ff8, 13],
    [0x09, 0xffffea, 24],
    [0x0a, 0x3ffffffc, 30],
    [0x16, 0x3ffffffe, 30],
    [0x20, 0x14, 6],
    [0x30, 0x0, 5],
    [0x3c, 0x7ffc, 15],
    [0x5c, 0x7fff0, 19],
    [0x61, 0x3, 5],
    [0x7a, 0x7b, 7],
    [0x7f, 0xffffffc, 28],
    [0x80, 0xfffe6, 20],
    [0xc7, 0x1ffffec, 25],
    [0xf9, 0xffffffe, 28],
    [0xff, 0x3ffffee, 26],
    [endOfString, 0x3fffffff, 30],
  ];
  for (const [symbol, code, length] of rows) {
    t.equal(codes[symbol], code, `symbol ${symbol}`);
    t.equal(codeLengths[symbol], length, `symbol ${symbol}`);
  }
});

const strings: readonly [text: string, hex: string][] = [
  ['www.example.com', 'f1e3c2e5f23a6ba0ab90f4ff'],
  ['no-cache', 'a8eb10649cbf'],
  ['custom-key', '25a849e95ba97d7f'],
  ['custom-value', '25a849e95bb8e8b4bf'],
  ['302', '6402'],
  ['private', 'aec3771a4b'],
  ['Mon, 21 Oct 2013 20:13:21 GMT', 'd07abe941054d444a8200595040b8166e082a62d1bff'],
  ['https://www.example.com', '9d29ad171863c78f0b97c8e9ae82ae43d3'],
  ['gzip', '9bd9ab'],
];
for (const [text, hex] of strings) {
  t.test(`'${text}' of RFC 7541 appendix C`, async (t) => {
    t.equal(decode(hex), text);
    t.equal(encode(text), hex);
    t.equal(huffmanLength(text), hex.length / 2);
  });
}

const invalid: readonly [what: string, hex: string][] = [
  ['a byte of padding alone', 'ff'],
  ['padding of eleven bits', '1fff'],
  ['padding with a zero', '18'],
  ['a code that is cut off', 'fffe'],
  ['the end of string', 'ffffffff'],
  ['the end of string, then a symbol', 'fffffffc00'],
  ['a symbol, then the end of string', '1fffffffff'],
];
for (const [what, hex] of invalid) {
  t.test(`${what} is refused`, async (t) => {
    t.equal(decode(hex), null);
  });
}

const paddings: readonly [bits: number, text: string, hex: string][] = [
  [0, '', ''],
  [0, '&', 'f8'],
  [1, ':', 'b9'],
  [3, '0', '07'],
  [6, '00', '003f'],
  [7, '00000', '0000007f'],
];
for (const [bits, text, hex] of paddings) {
  t.test(`${bits} bits of padding end '${text}'`, async (t) => {
    t.equal(decode(hex), text);
  });
}

t.test('a text that the code makes no shorter is not encoded', async (t) => {
  t.equal(encode(''), 'longer');
  t.equal(encode('307'), 'longer');
  t.equal(encode('\n'), 'longer');
  t.equal(encode('\xff'.repeat(200)), 'longer');
});

t.test('each byte survives the way there and back', async (t) => {
  for (let byte = 0; byte < 256; byte++) {
    const text = `${'0'.repeat(12)}${String.fromCharCode(byte)}${'e'.repeat(12)}`;
    t.equal(decode(encode(text)), text, `byte ${byte}`);
  }
});

t.test('what is encoded is decoded again, and as long as foretold', async (t) => {
  // Zeros make up for what characters of long codes take.
  const text = fc
    .uint8Array({ maxLength: 60 })
    .map((bytes) => Buffer.from(bytes).toString('latin1').replaceAll('', '00000000'));
  const property = fc.property(text, (text) => {
    const hex = encode(text);
    return hex.length === huffmanLength(text) * 2 && decode(hex) === text;
  });
  fc.assert(property, { numRuns: 500 });
  t.pass('500 runs');
});

t.test('what is decoded is encoded as it was: there is one way to write a string', async (t) => {
  const property = fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    const hex = Buffer.from(bytes).toString('hex');
    const text = decode(hex);
    if (text === null) return true;
    if (text.length > huffmanRoom(bytes.length)) return false;
    return huffmanLength(text) >= text.length || encode(text) === hex;
  });
  fc.assert(property, { numRuns: 5000 });
  t.pass('5000 runs');
});
