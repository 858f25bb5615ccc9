/** Known names are found in any case, and nothing else is. */

import t from 'tap';
import { fieldId, findKnownField } from '../../src/http1/known-fields.ts';

function find(text: string) {
  const bytes = Buffer.from(`:${text}:`, 'latin1');
  return findKnownField(bytes, 1, bytes.length - 1);
}

t.test('fields the codec acts on', async (t) => {
  const names = [
    ...['Host', 'Content-Length', 'Transfer-Encoding', 'Connection', 'Upgrade'],
    'Proxy-Connection',
  ];
  const ids = names.map((name) => find(name)?.id);
  t.same(ids, [1, 2, 3, 4, 5, 6]);
});

t.test('any case gives the one shared name', async (t) => {
  for (const name of ['user-agent', 'x-request-id', 'accept', 'te', 'x-b3-traceid', 'b3']) {
    t.equal(find(name)?.name, name);
    t.equal(find(name.toUpperCase())?.name, name);
    t.equal(find(name)?.id, fieldId.other);
  }
});

t.test('names that are almost known are not', async (t) => {
  for (const name of ['x', 'hos', 'hosts', 'content_length', 'content-lengtH2', 'x-tenant', '~']) {
    t.equal(find(name), null, name);
  }
  // Bytes that differ from a letter in bit 5 only.
  t.equal(find('transfer\reencoding'), null);
  t.equal(find('content^length'), null);
});
