import fc from 'fast-check';
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

/** The rules without care for speed: the first part between ampersands with that name. */
function modelled(query: string, name: string): string | null {
  for (const part of query.split('&')) {
    const equalsAt = part.indexOf('=');
    const key = equalsAt < 0 ? part : part.slice(0, equalsAt);
    if (key === name) return equalsAt < 0 ? '' : part.slice(equalsAt + 1);
  }
  return null;
}

t.test('no query makes the reader throw or differ from the rules', async () => {
  const pieces = fc.constantFrom('a', 'ab', 'b', '=', '&', '%', '%26', '+', ';', '?', '\xe9');
  const queries = fc.array(pieces, { maxLength: 14 }).map((parts) => parts.join(''));
  const property = fc.property(queries, fc.constantFrom('a', 'ab', 'b', 'a%26'), (query, name) => {
    return findQueryParameter(query, name) === modelled(query, name);
  });
  fc.assert(property, { numRuns: 3000 });
});
