/** How a string is compared, in words. */

import t from 'tap';
import { stringMatchText } from '../../src/routing/string-match-text.ts';

t.test('the kind and the value; no value for what only has to be there', async (t) => {
  t.equal(stringMatchText({ kind: 'exact', value: 'canary' }), 'exact "canary"');
  t.equal(stringMatchText({ kind: 'prefix', value: '' }), 'prefix ""');
  t.equal(stringMatchText({ kind: 'present' }), 'present');
});
