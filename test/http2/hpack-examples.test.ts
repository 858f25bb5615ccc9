/** The examples of RFC 7541 appendix C. */

import t from 'tap';
import { HpackReader } from '../../src/http2/hpack-reader.ts';
import { writeInteger } from '../../src/http2/hpack-writer.ts';
import { bytesOf, decodeHex, encodeHex, encoderFor, newDecoder } from './hpack-blocks.ts';

const integers: readonly [section: string, value: number, prefix: number, hex: string][] = [
  ['C.1.1', 10, 0x1f, '0a'],
  ['C.1.2', 1337, 0x1f, '1f9a0a'],
  ['C.1.3', 42, 0xff, '2a'],
];
for (const [section, value, prefix, hex] of integers) {
  t.test(`${section}: the integer ${value}`, async (t) => {
    const bytes = bytesOf(hex);
    const reader = new HpackReader();
    reader.begin(bytes, 0, bytes.length);
    t.equal(reader.readInteger(prefix), value);
    t.equal(reader.peek(), -1);
    const target = Buffer.alloc(8);
    const end = writeInteger({ pattern: 0, prefix }, value, target, 0);
    t.equal(target.toString('hex', 0, end), hex);
  });
}

interface Step {
  readonly hex: string;
  readonly fields: readonly string[];
  /** The dynamic table afterwards, the newest field first. */
  readonly table: readonly string[];
}

const authority = [':authority', 'www.example.com'];
const noCache = ['cache-control', 'no-cache'];
const custom = ['custom-key', 'custom-value'];
const getHttp = [':method', 'GET', ':scheme', 'http', ':path', '/'];

const requestSteps: readonly Omit<Step, 'hex'>[] = [
  { fields: [...getHttp, ...authority], table: authority },
  { fields: [...getHttp, ...authority, ...noCache], table: [...noCache, ...authority] },
  {
    fields: [
      ...[':method', 'GET', ':scheme', 'https', ':path', '/index.html'],
      ...authority,
      ...custom,
    ],
    table: [...custom, ...noCache, ...authority],
  },
];

const privately = ['cache-control', 'private'];
const date21 = ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'];
const date22 = ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'];
const location = ['location', 'https://www.example.com'];
const gzip = ['content-encoding', 'gzip'];
const cookie = ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'];

const responseSteps: readonly Omit<Step, 'hex'>[] = [
  {
    fields: [':status', '302', ...privately, ...date21, ...location],
    table: [...location, ...date21, ...privately, ':status', '302'],
  },
  {
    fields: [':status', '307', ...privately, ...date21, ...location],
    table: [':status', '307', ...location, ...date21, ...privately],
  },
  {
    fields: [':status', '200', ...privately, ...date22, ...location, ...gzip, ...cookie],
    table: [...cookie, ...gzip, ...date22],
  },
];

function withBytes(steps: readonly Omit<Step, 'hex'>[], blocks: readonly string[]): Step[] {
  return steps.map((step, i) => ({ ...step, hex: blocks[i] ?? '' }));
}

interface Example {
  readonly section: string;
  readonly tableBytes: number;
  readonly steps: readonly Step[];
}

const examples: readonly Example[] = [
  {
    section: 'C.2.1: literal with indexing',
    tableBytes: 4096,
    steps: [
      {
        hex: '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572',
        fields: ['custom-key', 'custom-header'],
        table: ['custom-key', 'custom-header'],
      },
    ],
  },
  {
    section: 'C.2.2: literal without indexing',
    tableBytes: 4096,
    steps: [
      {
        hex: '040c 2f73 616d 706c 652f 7061 7468',
        fields: [':path', '/sample/path'],
        table: [],
      },
    ],
  },
  {
    section: 'C.2.3: literal never indexed',
    tableBytes: 4096,
    steps: [
      {
        hex: '1008 7061 7373 776f 7264 0673 6563 7265 74',
        fields: ['password', 'secret'],
        table: [],
      },
    ],
  },
  {
    section: 'C.2.4: indexed',
    tableBytes: 4096,
    steps: [{ hex: '82', fields: [':method', 'GET'], table: [] }],
  },
  {
    section: 'C.3: requests without Huffman coding',
    tableBytes: 4096,
    steps: withBytes(requestSteps, [
      '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '8286 84be 5808 6e6f 2d63 6163 6865',
      '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
    ]),
  },
  {
    section: 'C.4: requests with Huffman coding',
    tableBytes: 4096,
    steps: withBytes(requestSteps, [
      '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
      '8286 84be 5886 a8eb 1064 9cbf',
      '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
    ]),
  },
  {
    section: 'C.5: responses without Huffman coding',
    tableBytes: 256,
    steps: withBytes(responseSteps, [
      `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133
       2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70
       6c65 2e63 6f6d`,
      '4803 3330 37c1 c0bf',
      `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d
       54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049
       5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e
       3d31`,
    ]),
  },
  {
    section: 'C.6: responses with Huffman coding',
    tableBytes: 256,
    steps: withBytes(responseSteps, [
      `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6
       2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3`,
      '4883 640e ffc1 c0bf',
      `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab
       77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f
       9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
    ]),
  },
];

for (const { section, tableBytes, steps } of examples) {
  t.test(`${section}, decoded`, async (t) => {
    const decoder = newDecoder(tableBytes);
    for (const { hex, fields, table } of steps) {
      t.same(decodeHex(decoder, hex), fields);
      const indexes = table.filter((_, i) => i % 2 === 0).map((_, i) => 0x80 | (62 + i));
      const all = Buffer.from(indexes).toString('hex');
      t.same(decodeHex(decoder, all), table);
    }
    const beyond = (0x80 | (62 + (steps.at(-1)?.table.length ?? 0) / 2)).toString(16);
    t.match(decodeHex(decoder, beyond), { code: 'compression' });
  });
}

// What an encoder puts into its table is its own choice: of the responses, those fields are
// compared of which ours chooses as the examples do.
t.test('C.4, encoded', async (t) => {
  const encoder = encoderFor(4096);
  for (const { hex, fields } of examples[5]?.steps ?? []) {
    t.equal(encodeHex(encoder, fields), hex.replaceAll(' ', ''));
  }
});

t.test('C.6.1 but its location, encoded', async (t) => {
  const hex =
    '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff';
  const fields = [':status', '302', ...privately, ...date21];
  t.equal(encodeHex(encoderFor(256), fields), hex.replaceAll(' ', ''));
});
