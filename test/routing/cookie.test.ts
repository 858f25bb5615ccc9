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
