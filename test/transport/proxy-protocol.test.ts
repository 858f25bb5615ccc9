import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import { type ProxyHeaderOutcome, parseProxyHeader } from '../../src/transport/proxy-protocol.ts';
import { proxyHeader } from '../../src/transport/proxy-protocol-writer.ts';

const signature = '\r\n\r\n\0\r\nQUIT\n';
const v4 = '\x01\x02\x03\x04\x05\x06\x07\x08\x00\x6f\x00\xde';
const ends = {
  source: { address: '1.2.3.4', port: 111 },
  destination: { address: '5.6.7.8', port: 222 },
};

function parse(text: string): ProxyHeaderOutcome {
  return parseProxyHeader(Buffer.from(text, 'latin1'));
}

const good: readonly (readonly [what: string, header: string, ends: object | null])[] = [
  ['version 1, IPv4', 'PROXY TCP4 1.2.3.4 5.6.7.8 111 222\r\n', ends],
  [
    'version 1, IPv6',
    'PROXY TCP6 2001:DB8:0:0::1 ::1 0 65535\r\n',
    {
      source: { address: '2001:db8::1', port: 0 },
      destination: { address: '::1', port: 65535 },
    },
  ],
  ['version 1, unknown', 'PROXY UNKNOWN\r\n', null],
  ['version 1, unknown with more', 'PROXY UNKNOWN ffff::1 x\r\n', null],
  ['version 2, IPv4', `${signature}\x21\x11\x00\x0c${v4}`, ends],
  ['version 2, datagrams', `${signature}\x21\x12\x00\x0c${v4}`, ends],
  [
    'version 2, with more behind the addresses',
    `${signature}\x21\x11\x00\x10${v4}\x04\x00\x01x`,
    ends,
  ],
  [
    'version 2, IPv6',
    `${signature}\x21\x21\x00\x24${'\0'.repeat(15)}\x01${'\x20\x01'.repeat(8)}\x00\x50\x01\xbb`,
    {
      source: { address: '::1', port: 80 },
      destination: { address: '2001:2001:2001:2001:2001:2001:2001:2001', port: 443 },
    },
  ],
  ['version 2, local', `${signature}\x20\x00\x00\x00`, null],
  ['version 2, local with addresses', `${signature}\x20\x11\x00\x0c${v4}`, null],
  ['version 2, of no family', `${signature}\x21\x00\x00\x02ab`, null],
];

t.test('good headers, whatever follows them', async (t) => {
  for (const [what, header, expected] of good) {
    const version = header.startsWith('PROXY') ? 1 : 2;
    const parsed = { version, length: header.length, ends: expected };
    t.same(parse(header), parsed, what);
    t.same(parse(`${header}GET / HTTP/1.1\r\n\r\n`), parsed, what);
  }
});

t.test('of a header that is not all there, nothing is said', async (t) => {
  for (const [what, header] of good) {
    for (let length = 0; length < header.length; length++) {
      if (parse(header.slice(0, length)) !== 'incomplete') t.fail(`${what}: ${length}`);
    }
  }
});

t.test('broken headers', async (t) => {
  const line = 'invalid-v1';
  const binary = 'invalid-v2';
  const rows: readonly (readonly [string, ProxyHeaderOutcome])[] = [
    ['GET / HTTP/1.1\r\n', 'not-found'],
    ['PROXYTCP4', 'not-found'],
    ['proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n', 'not-found'],
    ['\r\n\r\nX', 'not-found'],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n', line],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n', line],
    ['PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n', line],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n', line],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n', line],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n', line],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n', line],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 0x2\r\n', line],
    ['PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n', line],
    ['PROXY TCP4 1.2.3.4 ::1 1 2\r\n', line],
    ['PROXY TCP6 1.2.3.4 ::1 1 2\r\n', line],
    ['PROXY TCP6 ::g ::1 1 2\r\n', line],
    ['PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n', line],
    ['PROXY \r\n', line],
    [`PROXY UNKNOWN ${'x'.repeat(100)}`, line],
    [`PROXY UNKNOWN ${'x'.repeat(92)}\r\n`, line],
    [`${signature}\x11\x11\x00\x0c${v4}`, binary],
    [`${signature}\x31`, binary],
    [`${signature}\x22\x11\x00\x0c${v4}`, binary],
    [`${signature}\x21\x31\x00\xd8${'a'.repeat(216)}`, binary],
    [`${signature}\x21\x13\x00\x0c${v4}`, binary],
    [`${signature}\x21\x11\x00\x0b${v4}`, binary],
    [`${signature}\x21\x21\x00\x0c${v4}`, binary],
  ];
  for (const [header, expected] of rows) t.equal(parse(header), expected, JSON.stringify(header));
});

t.test('whatever the bytes are, it answers', async (t) => {
  const random = new SeededRandom(3);
  for (let round = 0; round < 20_000; round++) {
    const [, header = ''] = good[random.uint32() % good.length] ?? [];
    const bytes = Buffer.from(header, 'latin1');
    for (let i = random.uint32() % 4; i > 0; i--) {
      bytes[random.uint32() % bytes.length] = random.uint32() & 0xff;
    }
    const outcome = parseProxyHeader(bytes);
    if (typeof outcome === 'object' && outcome.length > bytes.length) t.fail(bytes.toString('hex'));
  }
});

t.test('what is written is what is read', async (t) => {
  const addresses: readonly (readonly [string, string])[] = [
    ['1.2.3.4', '255.0.0.1'],
    ['::', '::1'],
    ['2001:db8::a:0:1', 'fe80::1'],
    ['1:2:3:4:5:6:7:8', '::8'],
    ['1::', '1:0:3::'],
    ['64:ff9b::1.2.3.4', '::2'],
  ];
  for (const [source, destination] of addresses) {
    for (const version of ['V1', 'V2'] as const) {
      const told = {
        source: { address: source, port: 1 },
        destination: { address: destination, port: 65535 },
      };
      const bytes = Buffer.from(proxyHeader(version, told), 'latin1');
      const parsed = parseProxyHeader(bytes);
      if (typeof parsed === 'string') {
        t.fail(`${version} ${source}: ${parsed}`);
        continue;
      }
      t.equal(parsed.length, bytes.length);
      t.equal(parsed.ends?.source.port, 1);
      t.equal(parsed.ends?.destination.port, 65535);
      const again = proxyHeader(version, parsed.ends ?? told);
      t.same(parseProxyHeader(Buffer.from(again, 'latin1')), parsed, `${version} ${source}`);
    }
  }
});

t.test('ends that do not go together are not told', async (t) => {
  const mixed = { source: ends.source, destination: { address: '::1', port: 1 } };
  t.equal(proxyHeader('V1', mixed), 'PROXY UNKNOWN\r\n');
  t.match(parse(proxyHeader('V2', mixed)), { version: 2, length: 16, ends: null });
});
