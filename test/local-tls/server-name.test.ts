import t from 'tap';
import { parseServerName } from '../../src/local-tls/server-name.ts';

t.test('a host has one spelling', async (t) => {
  const table = [
    ['www.example.com', 'www.example.com'],
    ['WWW.Example.COM', 'www.example.com'],
    ['www.example.com.', 'www.example.com'],
    ['localhost', 'localhost'],
    ['my_service.ns.svc.cluster.local', 'my_service.ns.svc.cluster.local'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
    ['1.example', '1.example'],
  ] as const;
  for (const [text, name] of table) {
    t.same(parseServerName(text), { kind: 'dns', name }, text);
  }
});

t.test('an address has its bytes', async (t) => {
  const table: readonly [string, string, readonly number[]][] = [
    ['127.0.0.1', '127.0.0.1', [127, 0, 0, 1]],
    ['::ffff:127.0.0.1', '127.0.0.1', [127, 0, 0, 1]],
    ['::FFFF:10.1.2.3', '10.1.2.3', [10, 1, 2, 3]],
    ['::1', '::1', [...new Array(15).fill(0), 1]],
    ['::', '::', new Array(16).fill(0)],
    [
      '2001:DB8::A:0102',
      '2001:db8::a:102',
      [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 1, 2],
    ],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ['fe80::', 'fe80::', [0xfe, 0x80, ...new Array(14).fill(0)]],
    [
      '64:ff9b::10.0.0.1',
      '64:ff9b::a00:1',
      [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1],
    ],
  ];
  for (const [text, name, bytes] of table) {
    t.same(parseServerName(text), { kind: 'ip', name, bytes: Uint8Array.from(bytes) }, text);
  }
});

t.test('what is no name gets no certificate', async (t) => {
  const table = [
    '',
    '.',
    'a..b',
    '.example.com',
    '*.example.com',
    '-a.example',
    'a-.example',
    'a b.example',
    'a\0.example',
    'a/b',
    'bücher.example',
    'example.com:443',
    '[::1]',
    'fe80::1%eth0',
    '1.2.3',
    '1.2.3.4.5',
    '127.1',
    `${'a'.repeat(64)}.example`,
    Array(64).fill('abc').join('.'),
    'a\nb.example',
    'a.example\n',
  ];
  for (const text of table) t.equal(parseServerName(text), null, JSON.stringify(text));
});
