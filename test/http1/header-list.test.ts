/** The header list: order, repeated names, and changes in place. */

import t from 'tap';
import { HeaderList } from '../../src/http1/header-list.ts';

function list(...flat: string[]): HeaderList {
  const headers = new HeaderList();
  for (let i = 0; i < flat.length; i += 2) headers.append(flat[i] ?? '', flat[i + 1] ?? '');
  return headers;
}

t.test('reading', async (t) => {
  const headers = list('a', '1', 'b', '2', 'a', '3');
  t.equal(headers.size, 3);
  t.equal(headers.get('a'), '1');
  t.equal(headers.get('1'), undefined, 'a value is not a name');
  t.equal(headers.has('b'), true);
  t.same(headers.getAll('a'), ['1', '3']);
});

t.test('changing', async (t) => {
  const removed = list('a', '1', 'b', '2', 'a', '3');
  removed.remove('a');
  t.same(removed.flat, ['b', '2']);

  const replaced = list('a', '1', 'b', '2', 'a', '3');
  replaced.replace('a', '4');
  t.same(replaced.flat, ['b', '2', 'a', '4']);

  const set = list('a', '1', 'b', '2', 'a', '3', 'a', '5');
  set.set('a', '4');
  t.same(set.flat, ['a', '4', 'b', '2']);
  set.set('c', '5');
  t.same(set.flat, ['a', '4', 'b', '2', 'c', '5']);

  const copy = set.clone();
  copy.append('d', '6');
  t.equal(set.has('d'), false);
});
