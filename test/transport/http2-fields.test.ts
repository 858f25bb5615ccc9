// What a header block becomes on its way between HTTP/1.1 and HTTP/2.

import t from 'tap';
import { HeaderList } from '../../src/http1/header-list.ts';
import { noBody } from '../../src/http1/message-head.ts';
import {
  http2RequestFields,
  http2Trailers,
  responseHeadOf,
  switchingProtocolsHead,
  trailersOf,
} from '../../src/transport/http2-fields.ts';

function block(...lines: readonly (readonly [string, string])[]): HeaderList {
  const headers = new HeaderList();
  for (const [name, value] of lines) headers.append(name, value);
  return headers;
}

function fieldsOf(lines: readonly (readonly [string, string])[], upgrading = false): string[] {
  const headers = block(...lines);
  const line = { method: 'GET', path: '/a?b', scheme: 'http', isHttp2: false } as const;
  return http2RequestFields({ ...line, headers, framing: noBody, upgrading });
}

const pseudo = [':authority', 'shop', ':path', '/a?b', ':method', 'GET', ':scheme', 'http'];

t.test('the request line and the host become pseudo-header fields', async (t) => {
  t.same(
    fieldsOf([
      ['host', 'shop'],
      ['x-a', '1'],
    ]),
    [...pseudo, 'x-a', '1'],
  );
});

t.test('for clients of HTTP/2 pseudo-header fields have the order that those send', async (t) => {
  const line = { method: 'GET', path: '/', scheme: 'https', isHttp2: true } as const;
  const headers = block(['host', 'shop'], ['x-a', '1']);
  t.same(http2RequestFields({ ...line, headers, framing: noBody, upgrading: false }), [
    ...[':method', 'GET', ':scheme', 'https', ':path', '/', ':authority', 'shop', 'x-a', '1'],
  ]);
});

t.test('what concerns one connection stays behind', async (t) => {
  const connection = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding'];
  const lines = [...connection, 'upgrade'].map((name) => [name, 'x'] as const);
  t.same(fieldsOf([['host', 'shop'], ...lines, ['te', 'gzip']]), pseudo);
  t.same(
    fieldsOf([
      ['host', 'shop'],
      ['te', 'trailers'],
    ]),
    [...pseudo, 'te', 'trailers'],
  );
});

t.test('several cookie lines become one, at the place of the first', async (t) => {
  t.same(
    fieldsOf([
      ['host', 'shop'],
      ['cookie', 'a=1'],
      ['x-a', '1'],
      ['cookie', 'b=2'],
    ]),
    [...pseudo, 'cookie', 'a=1; b=2', 'x-a', '1'],
  );
});

t.test('an upgrade becomes an extended CONNECT', async (t) => {
  t.same(
    fieldsOf(
      [
        ['host', 'shop'],
        ['connection', 'upgrade'],
        ['upgrade', 'websocket'],
      ],
      true,
    ),
    [
      ...[':authority', 'shop', ':path', '/a?b', ':method', 'CONNECT', ':scheme', 'http'],
      ...[':protocol', 'websocket'],
    ],
  );
});

t.test('its success becomes a 101', async (t) => {
  const head = switchingProtocolsHead([':status', '200', 'x-a', '1'], 'websocket', null);
  t.equal(head.status, 101);
  t.same(head.headers.flat, ['x-a', '1', 'upgrade', 'websocket', 'connection', 'upgrade']);
});

t.test('its success answers the key of a WebSocket, unless the endpoint did', async (t) => {
  // The example of RFC 6455, section 1.3.
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  const answered = switchingProtocolsHead([':status', '200'], 'websocket', key);
  t.equal(answered.headers.get('sec-websocket-accept'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  const own = [':status', '200', 'sec-websocket-accept', 'own'];
  const { headers } = switchingProtocolsHead(own, 'websocket', key);
  t.same(headers.getAll('sec-websocket-accept'), ['own']);
});

t.test('the framing of a response is said by its length, if it has one', async (t) => {
  const raw = [':status', '200', 'content-length', '7'];
  t.same(responseHeadOf(raw, 200, false).framing, { kind: 'length', length: 7 });
  t.same(responseHeadOf(raw.slice(0, 2), 200, false).framing, { kind: 'chunked' });
  t.same(responseHeadOf(raw, 200, true).framing, { kind: 'none' });
});

t.test('pseudo-header fields are no headers', async (t) => {
  const { headers } = responseHeadOf([':status', '200', 'x-a', '1', 'x-a', '2'], 200, true);
  t.same(headers.flat, ['x-a', '1', 'x-a', '2']);
  t.same(
    fieldsOf([
      ['host', 'shop'],
      [':path', '/other'],
      [':unknown', 'x'],
    ]),
    pseudo,
  );
});

t.test('trailers keep all lines of a name', async (t) => {
  const trailers = block(['x-a', '1'], ['grpc-status', '0'], ['x-a', '2'], ['connection', 'x']);
  const fields = ['x-a', '1', 'grpc-status', '0', 'x-a', '2'];
  t.same(http2Trailers(trailers), fields);
  t.same(trailersOf(fields).flat, fields);
});
