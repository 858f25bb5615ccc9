import t from 'tap';
import type { HttpRoute } from '../../src/config/schema/virtual-service.ts';
import { plainRules } from '../../src/convert/plain-rules.ts';

const ingress = { extension: { semantics: 'ingress' } } as const;
const gatewayApi = { extension: { semantics: 'gateway-api' } } as const;
const route = [{ destination: { host: 'web' } }];

function prefixed(prefix: string): HttpRoute {
  return { match: [{ uri: { prefix } }], route };
}

t.test('a prefix that stops at a slash is the path and all below it', async (t) => {
  for (const prefix of ['/foo', '/foo/']) {
    t.strictSame(plainRules({ ...prefixed(prefix), ...ingress }), [
      { match: [{ uri: { exact: '/foo' } }, { uri: { prefix: '/foo/' } }], route },
    ]);
  }
});

t.test('other conditions stay with both', async (t) => {
  const match = [{ uri: { prefix: '/foo' }, port: 80, headers: { x: { exact: 'y' } } }];
  const [rule, ...others] = plainRules({ match, route, ...ingress });
  t.strictSame(others, []);
  t.strictSame(
    rule?.match?.map(({ port, headers }) => [port, headers]),
    [
      [80, { x: { exact: 'y' } }],
      [80, { x: { exact: 'y' } }],
    ],
  );
});

t.test('what means the same stays as it is', async (t) => {
  for (const rule of [prefixed('/'), { route }, { match: [{ uri: { exact: '/foo' } }], route }]) {
    t.strictSame(plainRules({ ...rule, ...ingress }), [rule]);
  }
});

t.test('a prefix of nginx is plain text already', async (t) => {
  const extension = { semantics: 'ingress', plainPrefixes: true } as const;
  t.strictSame(plainRules({ ...prefixed('/foo'), extension }), [prefixed('/foo')]);
});

t.test('a new prefix is written with a slash for what is below the old one', async (t) => {
  const rewritten = { ...prefixed('/foo'), rewrite: { uri: '/' } };
  const itself = { match: [{ uri: { exact: '/foo' } }], route, rewrite: { uri: '/' } };
  const below = { match: [{ uri: { prefix: '/foo/' } }], route };
  t.strictSame(plainRules({ ...rewritten, ...ingress }), [
    itself,
    { ...below, rewrite: { uri: '//' } },
  ]);
  t.strictSame(plainRules({ ...rewritten, ...gatewayApi }), [
    itself,
    { ...below, rewrite: { uri: '/' } },
  ]);
});
