import t from 'tap';
import { findQueryParameter } from '../../src/routing/query-string.ts';

t.test('the first parameter of a name counts, as it is written', async (t) => {
  t.equal(findQueryParameter('a=1&b=2&a=3', 'a'), '1');
  t.equal(findQueryParameter('a=1&b=2', 'b'), '2');
  t.equal(findQueryParameter('v=%31&w=x=y', 'v'), '%31');
  t.equal(findQueryParameter('v=1&w=x=y', 'w'), 'x=y');
  t.equal(findQueryParameter('%76=1', 'v'), null);
});

t.test('a parameter without = has the empty value', async (t) => {
  t.equal(findQueryParameter('a', 'a'), '');
  t.equal(findQueryParameter('a&b=1', 'a'), '');
  t.equal(findQueryParameter('a=', 'a'), '');
});

t.test('what is not there is null', async (t) => {
  t.equal(findQueryParameter(null, 'a'), null);
  t.equal(findQueryParameter('', 'a'), null);
  t.equal(findQueryParameter('ab=1&ba=2', 'a'), null);
  t.equal(findQueryParameter('b=a', 'a'), null);
  t.equal(findQueryParameter('a&b', 'a&b'), null);
});
