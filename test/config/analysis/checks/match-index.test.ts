/** What covers a match is found among many, and by few questions. */

import t from 'tap';
import { coverable } from '../../../../src/config/analysis/checks/covering.ts';
import { MatchIndex } from '../../../../src/config/analysis/checks/match-index.ts';
import type { HttpMatchRequest } from '../../../../src/config/schema/virtual-service.ts';
import type { HttpRule } from '../../../../src/config/translate/rules/virtual-services.ts';

// The index hands rules on, and never looks into them.
const rule = {} as HttpRule;

function indexOf(matches: readonly HttpMatchRequest[]): MatchIndex {
  const index = new MatchIndex();
  for (const match of matches) index.add({ match: coverable(match), rule });
  return index;
}

const many = Array.from({ length: 5_000 }, (_, index) => index);

t.test('the longest text that covers is found, patterns too', async (t) => {
  const index = indexOf([
    { uri: { prefix: '/a' } },
    { uri: { prefix: '/a/b' } },
    { uri: { regex: '/c/.*' } },
    { uri: { regex: '.*z' } },
  ]);
  const covering = (match: HttpMatchRequest) => index.covering(coverable(match))?.match.path.value;
  t.equal(covering({ uri: { exact: '/a/b/c' } }), '/a/b');
  t.equal(covering({ uri: { exact: '/a/c' } }), '/a');
  t.equal(covering({ uri: { prefix: '/c/d' } }), '/c/.*');
  t.equal(covering({ uri: { exact: '/z' } }), '.*z');
  t.equal(covering({ uri: { exact: '/b' } }), undefined);
});

t.test('a pattern among thousands is asked for paths with its start alone', async (t) => {
  const index = indexOf(many.map((number) => ({ uri: { regex: `/${number}/.*` } })));
  const found = index.covering(coverable({ uri: { exact: '/4999/x' } }));
  t.equal(found?.match.path.value, '/4999/.*');
});

t.test('of thousands with one path the first twenty are asked', async (t) => {
  const index = indexOf(
    many.map((number) => ({ uri: { prefix: '/x' }, headers: { a: { exact: `v${number}` } } })),
  );
  const covering = (number: number) =>
    index.covering(coverable({ uri: { exact: '/x/y' }, headers: { a: { exact: `v${number}` } } }));
  t.not(covering(19), null);
  t.equal(covering(20), null);
});

t.test('a long path costs as much as there are lengths', async (t) => {
  const long = `/${'a'.repeat(200_000)}`;
  const index = indexOf([{ uri: { prefix: long } }]);
  t.not(index.covering(coverable({ uri: { exact: `${long}b` } })), null);
});
