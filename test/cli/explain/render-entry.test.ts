import t from 'tap';
import {
  filterChainLines,
  listenerLines,
  tlsLines,
} from '../../../src/cli/explain/render-entry.ts';
import { painter } from '../../../src/cli/output/color.ts';
import type { ConsideredFilterChain, ExplainedTls } from '../../../src/explain/explained-entry.ts';
import type { Origin } from '../../../src/model/origin.ts';

const plain = painter(false);
const origin: Origin = {
  kind: 'Gateway',
  namespace: 'prod',
  name: 'shop',
  file: 'gw.yaml',
  line: 7,
};

function chain(name: string, changes: Partial<ConsideredFilterChain> = {}): ConsideredFilterChain {
  const base = { kind: 'tcp', chosen: false, match: [], reason: 'is for b.test' } as const;
  return { name, ...base, origin: null, ...changes };
}

t.test('the chosen listener stands first, with its filter chain and its place', async (t) => {
  const listeners = [
    { name: 'a', chosen: false, reason: 'takes no https', origin: null },
    { name: 'b', chosen: true, reason: 'knows the host', origin },
  ];
  t.same(listenerLines(listeners, 'web', plain), [
    'Listener',
    '  ✓ b, filter chain web: knows the host  gw.yaml:7',
    '  ✗ a: takes no https',
  ]);
  t.match(listenerLines(listeners, null, plain)[1], /✓ b: knows the host/);
});

t.test('of many filter chains the chosen one is shown and twelve others', async (t) => {
  const others = Array.from({ length: 14 }, (_, index) => chain(`c${index}`));
  const chosen = chain('web', { chosen: true, reason: 'server name a.test', origin });
  const lines = filterChainLines({ filterChains: [...others, chosen], tls: null }, plain);
  t.equal(lines[1], '  ✗ c0: is for b.test');
  t.equal(lines.length, 1 + 12 + 1 + 1);
  t.equal(lines.at(-2), '  ✓ web of Gateway prod/shop: server name a.test  gw.yaml:7');
  t.equal(lines.at(-1), '  and 2 more that do not take it');
  const few = filterChainLines({ filterChains: [chosen], tls: null }, plain);
  t.equal(few.length, 2, 'nothing is left out');
});

const tls: ExplainedTls = {
  clientCertificate: 'required',
  certificates: ['server'],
  missingCertificates: [],
  trustedCa: 'authority',
  subjectAltNames: ['a.test', 'b.test'],
  client: { subject: '', issuer: 'CN=authority', subjectAltNames: [] },
  accepted: false,
  reason: 'the name does not fit',
};

t.test('TLS says what is asked of the client, and what it shows', async (t) => {
  t.same(tlsLines({ filterChains: [], tls: null }, plain), []);
  t.same(tlsLines({ filterChains: [], tls }, plain), [
    'TLS of the client',
    '  ✗ the name does not fit',
    '      signed by an authority of authority',
    '      for a.test or b.test',
    '      it shows no subject (no name) of CN=authority',
  ]);
  const asksNothing: ExplainedTls = {
    ...{ ...tls, clientCertificate: 'none', client: null },
    ...{ accepted: true, reason: 'nothing is asked' },
  };
  const lines = tlsLines({ filterChains: [], tls: asksNothing }, plain);
  t.same(lines, ['TLS of the client', '  ✓ nothing is asked']);
});

t.test('names of others bring no control characters to a terminal', async (t) => {
  const evil = '\u001b[2J';
  const client = { subject: evil, issuer: evil, subjectAltNames: [evil] };
  const lines = [
    ...listenerLines([{ name: evil, chosen: true, reason: evil, origin: null }], evil, plain),
    ...filterChainLines({ filterChains: [chain(evil, { reason: evil })], tls: null }, plain),
    ...tlsLines({ filterChains: [], tls: { ...tls, client, reason: evil } }, plain),
  ];
  t.notMatch(lines.join('\n'), '\u001b');
});
