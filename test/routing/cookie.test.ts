import fc from 'fast-check';
import t from 'tap';
import { HeaderList } from '../../src/http1/header-list.ts';
import { findCookie } from '../../src/routing/cookie.ts';

function find(name: string, ...lines: string[]): string | null {
  const headers = new HeaderList();
  headers.append('x-cookie', `${name}=wrong`);
  for (const line of lines) headers.append('cookie', line);
  return findCookie(headers, name);
}

t.test('a cookie is found among others and in any line', async (t) => {
  t.equal(find('user', 'user=jason'), 'jason');
  t.equal(find('user', 'a=b; user=jason; c=d'), 'jason');
  t.equal(find('user', 'a=b;user=jason'), 'jason');
  t.equal(find('user', 'a=b', 'user=jason'), 'jason');
  t.equal(find('user', 'user=first; user=second'), 'first');
  t.equal(find('user', 'user=a=b'), 'a=b');
});

t.test('double quotes around a value do not belong to it', async (t) => {
  t.equal(find('user', 'user="jason"'), 'jason');
  t.equal(find('user', 'user="'), '"');
});

t.test('missing, similar and empty cookies are null', async (t) => {
  t.equal(find('user'), null);
  t.equal(find('user', 'xuser=1; users=2; a=user'), null);
  t.equal(find('user', 'user; a=b'), null);
  t.equal(find('user', 'user=; a=b'), null);
});

/** The rules without care for speed: `name=value` between semicolons, blanks before a name. */
function modelled(name: string, lines: readonly string[]): string | null {
  for (const line of lines) {
    for (const part of line.split(';')) {
      const text = part.replace(/^ +/, '');
      const equalsAt = text.indexOf('=');
      if (equalsAt < 0 || text.slice(0, equalsAt) !== name) continue;
      const value = text.slice(equalsAt + 1);
      const isQuoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"');
      return (isQuoted ? value.slice(1, -1) : value) || null;
    }
  }
  return null;
}

t.test('no line makes the reader throw or differ from the rules', async () => {
  const pieces = fc.constantFrom('a', 'ab', 'b', '=', ';', '; ', ' ', '"', '\t', '\xe9', ',');
  const lines = fc.array(
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
    { maxLength: 3 },
  );
  const property = fc.property(fc.constantFrom('a', 'ab', 'b', 'a '), lines, (name, given) => {
    return find(name, ...given) === modelled(name, given);
  });
  fc.assert(property, { numRuns: 3000 });
});
