import t from 'tap';
import type { HttpMatchRequest, HttpRoute } from '../../src/config/schema/virtual-service.ts';
import { behindPatterns } from '../../src/convert/behind-patterns.ts';
import type { PlacedRule } from '../../src/convert/made-hosts.ts';

const extension = { semantics: 'ingress' } as const;

function uris(...specs: readonly HttpRoute[]): unknown[] {
  // Where a rule was made is for nobody here.
  const rules = specs.map((spec) => ({ spec, path: [] }) as unknown as PlacedRule);
  return behindPatterns(rules).map(({ spec }) => spec.match?.map(({ uri }) => uri));
}

const pattern: HttpRoute = { match: [{ uri: { regex: '(?i)/users/[0-9]+/orders$' } }], extension };
const rule = (...match: HttpMatchRequest[]): HttpRoute => ({ match, extension });
const own = [{ regex: '(?i)/users/[0-9]+/orders$' }];

t.test('what covers a pattern that goes first is a pattern, too', (t) => {
  const nginx = { extension: { ...extension, plainPrefixes: true } };
  t.strictSame(
    uris(
      pattern,
      rule({ uri: { prefix: '/users' } }),
      { ...rule({ uri: { prefix: '/u.' }, ignoreUriCase: true }), ...nginx },
      { ...rule({ uri: { prefix: '/u' }, ignoreUriCase: true }), ...nginx },
      rule({}),
    ),
    [
      own,
      [{ regex: '/users(?:|/.*)' }],
      [{ prefix: '/u.' }],
      [{ regex: '(?i)/u.*' }],
      [{ regex: '/.*' }],
    ],
  );
  t.end();
});

t.test('what has nothing to do with it stays, and what goes before it', (t) => {
  const apart = rule({ uri: { prefix: '/shop' } });
  const before = rule({ uri: { prefix: '/users' }, headers: { a: { exact: 'b' } } });
  t.strictSame(uris(before, pattern, apart), [[{ prefix: '/users' }], own, [{ prefix: '/shop' }]]);
  t.end();
});

t.test('an exact path, and a prefix that is taken away', (t) => {
  const exact = rule({ uri: { exact: '/users/1/orders' } });
  const cut = { ...rule({ uri: { prefix: '/' } }), rewrite: { uri: '/inner/' } };
  const quoted = [{ regex: '/users/1/orders' }];
  t.strictSame(uris(pattern, exact, cut), [own, quoted, [{ prefix: '/' }]]);
  t.end();
});
