import t from 'tap';
import { distinguishedName, parseAltNames } from '../../src/transport/tls-alt-names.ts';

t.test('alternative names, as Node shows them', (t) => {
  const rows: readonly [string | undefined, readonly [string, string][]][] = [
    [undefined, []],
    ['', []],
    ['DNS:a.example', [['DNS', 'a.example']]],
    [
      'URI:spiffe://a/b, DNS:a, IP Address:::1, email:x@y',
      [
        ['URI', 'spiffe://a/b'],
        ['DNS', 'a'],
        ['IP Address', '::1'],
        ['email', 'x@y'],
      ],
    ],
    [
      'URI:"http://a/?x=1,DNS:evil", DNS:b',
      [
        ['URI', 'http://a/?x=1,DNS:evil'],
        ['DNS', 'b'],
      ],
    ],
    ['DNS:"a\\"b"', [['DNS', 'a"b']]],
    ['othername:UPN::x, DNS:a', [['DNS', 'a']]],
    ['URI:"spiffe://a\\r\\nx: y", DNS:"d\\u0000", DNS:a', [['DNS', 'a']]],
    ['URI:"spiffe://a, b", email:"zoë@a", DNS:"a\\tb", DNS:a', [['DNS', 'a']]],
    ['DNS:"broken', []],
    ['nonsense', []],
  ];
  for (const [text, names] of rows) {
    const expected = names.map(([kind, value]) => ({ kind, value }));
    t.same(parseAltNames(text), expected, text ?? 'none');
  }
  t.end();
});

t.test('a distinguished name by RFC 2253', (t) => {
  const rows = [
    ['', ''],
    ['CN=a', 'CN=a'],
    ['O=sluice test\nCN=good client', 'CN=good client,O=sluice test'],
    ['C=DE\nO=x + OU=y\nCN=a', 'CN=a,OU=y+O=x,C=DE'],
    ['CN=Zoë\\, caller', 'CN=Zo\\C3\\AB\\, caller'],
    ['CN=a \\+ b', 'CN=a \\+ b'],
  ] as const;
  for (const [lines, expected] of rows) t.equal(distinguishedName(lines), expected);
  t.end();
});
