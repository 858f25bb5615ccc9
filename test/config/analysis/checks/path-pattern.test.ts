/** Expressions for paths whose signs are not what they look like at first. */

import t from 'tap';
import { pathNeverMatches } from '../../../../src/config/analysis/checks/path-pattern.ts';

const mayMatch: readonly string[] = [
  '[[:alpha:]/].*',
  '[[:^alpha:]]x',
  '/[[:alnum:]|]+',
  '/\\Qa$b\\E',
  '/\\Qa\\?b|c\\E',
  '\\Q/a|b\\E|/c',
];

const never: readonly string[] = ['[[:alpha:]].*', '[[:alpha:]_]+|/b', '/a$b', '/\\Qa\\E$b'];

t.test('expressions that paths may match', async (t) => {
  for (const pattern of mayMatch) t.equal(pathNeverMatches(pattern), null, pattern);
});

t.test('expressions of which all or a part matches no path', async (t) => {
  for (const pattern of never) t.not(pathNeverMatches(pattern), null, pattern);
});
