/** What goes on the wire. */

import t from 'tap';
import { isFieldName, isFieldValue } from '../../src/http1/field-syntax.ts';
import { chunkHead, writeRequestHead, writeResponseHead } from '../../src/http1/head-writer.ts';
import { HeaderList } from '../../src/http1/header-list.ts';
import { reasonPhrase } from '../../src/http1/status.ts';

const headers = new HeaderList();
headers.append('host', 'a');
headers.append('x-empty', '');

t.test('heads', async (t) => {
  t.equal(
    writeRequestHead('GET', '/a?b', headers),
    'GET /a?b HTTP/1.1\r\nhost: a\r\nx-empty: \r\n\r\n',
  );
  t.equal(writeResponseHead(200, 'OK', headers), 'HTTP/1.1 200 OK\r\nhost: a\r\nx-empty: \r\n\r\n');
  t.equal(writeResponseHead(299, '', new HeaderList()), 'HTTP/1.1 299 \r\n\r\n');
});

t.test('chunks', async (t) => {
  t.equal(chunkHead(255), 'ff\r\n');
});

t.test('reason phrases', async (t) => {
  t.equal(reasonPhrase(200), 'OK');
  t.equal(reasonPhrase(426), 'Upgrade Required');
  t.equal(reasonPhrase(299), 'Unknown');
  t.equal(reasonPhrase(999), 'Unknown');
  for (const status of [102, 103, 418, 451, 509]) t.equal(reasonPhrase(status), 'Unknown');
  t.equal(reasonPhrase(599), 'Last Unassigned Server Error Code');
});

t.test('names and values that may be written', async (t) => {
  for (const name of ['host', 'X-A_b.c', "!#$%&'*+-.^_`|~"]) t.equal(isFieldName(name), true, name);
  for (const name of ['', 'a b', 'a:', 'a\r\n', 'é', '\u0100']) t.equal(isFieldName(name), false);
  for (const value of ['', 'a b\tc', 'é', '"x"']) t.equal(isFieldValue(value), true, value);
  for (const value of ['a\r\nb: c', 'a\n', 'a\0', '\x7f', '\u0100']) {
    t.equal(isFieldValue(value), false, JSON.stringify(value));
  }
});
