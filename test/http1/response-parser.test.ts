/** Responses out of bytes: framing by status and method, 1xx, 101, the end of the connection. */

import t from 'tap';
import { ResponseParser } from '../../src/http1/response-parser.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { cut, readResponses } from './codec-probe.ts';

t.test('a plain response', async (t) => {
  const { messages, error, idle } = readResponses([
    'HTTP/1.1 200 Very  OK\r\nServer: a\r\nContent-Length: 5\r\n\r\nhello',
  ]);
  t.equal(error, null);
  t.equal(idle, true);
  t.match(messages, [{ body: 'hello', complete: true, trailers: null }]);
  t.same(messages[0]?.head, {
    status: 200,
    reason: 'Very  OK',
    minorVersion: 1,
    headers: { flat: ['server', 'a', 'content-length', '5'] },
    framing: { kind: 'length', length: 5 },
    keepAlive: true,
    connectionNames: null,
  });
});

t.test('how a body is delimited', async (t) => {
  const cases: readonly [head: string, method: string, kind: string, keepAlive: boolean][] = [
    ['HTTP/1.1 200 OK\r\ncontent-length: 0\r\n', 'GET', 'length', true],
    ['HTTP/1.1 200 OK\r\ncontent-length: 9\r\n', 'HEAD', 'none', true],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n', 'HEAD', 'none', true],
    ['HTTP/1.1 204 No Content\r\n', 'GET', 'none', true],
    ['HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n', 'GET', 'none', true],
    ['HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n', 'GET', 'none', true],
    ['HTTP/1.1 204 No Content\r\nconnection: close\r\n', 'GET', 'none', false],
    ['HTTP/1.1 204 No Content\r\nproxy-connection: close\r\n', 'GET', 'none', false],
    ['HTTP/1.0 204 No Content\r\n', 'GET', 'none', false],
    ['HTTP/1.0 204 No Content\r\nconnection: keep-alive\r\n', 'GET', 'none', true],
    ['HTTP/1.1 200\r\ncontent-length: 0\r\n', 'GET', 'length', true],
  ];
  for (const [head, method, kind, keepAlive] of cases) {
    const { messages, error, idle } = readResponses([`${head}\r\n`], { methods: [method] });
    t.equal(error, null, head);
    t.equal(idle, true, head);
    t.match(messages, [{ complete: true, head: { framing: { kind }, keepAlive } }], head);
  }
});

t.test('a body until the connection closes', async (t) => {
  const bytes = ['HTTP/1.1 200 OK\r\nconnection: keep-alive\r\n\r\nhel', 'lo'];
  const open = readResponses(bytes);
  t.match(open, { error: null, idle: false, messages: [{ body: 'hello', complete: false }] });
  t.match(open.messages[0]?.head, { framing: { kind: 'close' }, keepAlive: false });
  const closed = readResponses(bytes, { end: true });
  t.match(closed, { error: null, idle: false, messages: [{ body: 'hello', complete: true }] });
});

t.test('the end of the connection elsewhere', async (t) => {
  for (const bytes of [
    '',
    'HT',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n',
  ]) {
    const { error } = readResponses([bytes], { end: true });
    t.match(error, { code: 'premature_eof', status: 502 }, JSON.stringify(bytes));
  }
  const idle = readResponses([], { methods: [], end: true });
  t.equal(idle.error, null);
});

t.test('informational responses come before the response', async (t) => {
  const { informational, messages, error } = readResponses([
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n' +
      'HTTP/1.1 204 No Content\r\n\r\n',
  ]);
  t.equal(error, null);
  t.match(informational, [{ status: 100 }, { status: 103 }]);
  t.match(messages, [{ complete: true, head: { status: 204 } }]);
});

t.test('behind a 101 the bytes are the tunnel', async (t) => {
  const head = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n';
  const { messages, leftover, error } = readResponses([`${head}\x81\x05`, 'frame'], { end: true });
  t.equal(error, null);
  t.match(messages, [{ complete: false, head: { status: 101 } }]);
  t.equal(leftover, '\x81\x05frame');
});

t.test('bytes that nothing asked for', async (t) => {
  const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
  const early = readResponses([ok], { methods: [] });
  t.match(early, { error: { code: 'unexpected_data' }, messages: [] });

  const later = readResponses([ok, ok]);
  t.match(later, { error: { code: 'unexpected_data' }, messages: [{ complete: true }] });

  const surplus = readResponses([`${ok}${ok}`], { methods: ['GET', 'GET'] });
  t.match(surplus, { error: { code: 'unexpected_data' }, messages: [{ complete: true }] });
  t.equal(surplus.messages.length, 1);

  const inTurn = readResponses([ok, ok], { methods: ['GET', 'GET'] });
  t.match(inTurn, { error: null, idle: true, messages: [{ complete: true }, { complete: true }] });
});

t.test('a parser with surplus bytes is not idle when the response ends', async (t) => {
  const seen: boolean[] = [];
  const parser = new ResponseParser(
    {
      onInformational: () => {},
      onResponseHead: () => {},
      onResponseBody: () => {},
      onResponseEnd: () => {
        seen.push(parser.idle);
        parser.stop();
      },
      onResponseError: (error) => t.fail(error.code),
    },
    defaultLimits,
  );
  parser.expect('GET');
  const bytes = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nx');
  parser.push(bytes, 0, bytes.length);
  t.same(seen, [false]);
});

t.test('a host line means nothing in a response', async (t) => {
  const { error, messages } = readResponses([
    'HTTP/1.1 200 OK\r\nhost: a b\r\nhost: c\r\ncontent-length: 0\r\n\r\n',
  ]);
  t.equal(error, null);
  t.same(messages[0]?.head.headers.getAll('host'), ['a b', 'c']);
});

t.test('what is refused', async (t) => {
  const ok = 'HTTP/1.1 200 OK\r\n';
  const cases: readonly [bytes: string, code: string][] = [
    ['I', 'bad_status_line'],
    ['\r\nHTTP/1.1 200 OK\r\n\r\n', 'bad_status_line'],
    ['HTTP/0.9 200 OK\r\n\r\n', 'bad_status_line'],
    ['HTTP/1.2 200 OK\r\n\r\n', 'bad_status_line'],
    ['HTTP/2.0 200 OK\r\n\r\n', 'bad_status_line'],
    ['HTTP/1.1  200 OK\r\n\r\n', 'bad_status_line'],
    ['HTTP/1.1 20 OK\r\n\r\n', 'bad_status_line'],
    ['HTTP/1.1 099 OK\r\n\r\n', 'bad_status_line'],
    ['HTTP/1.1 2000 OK\r\n\r\n', 'bad_status_line'],
    ['HTTP/1.1 200OK\r\n\r\n', 'bad_status_line'],
    ['HTTP/1.1 200 OK\nx: y\r\n\r\n', 'bad_line_ending'],
    ['HTTP/1.1 200 O\0K\r\n\r\n', 'bad_line_ending'],
    [`${ok}x y: z\r\n\r\n`, 'bad_field_name'],
    [`${ok}x: a\r\n b\r\n\r\n`, 'obsolete_folding'],
    [`${ok}content-length: 1\r\ncontent-length: 1\r\n\r\n`, 'repeated_content_length'],
    [`${ok}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`, 'length_and_chunked'],
    [`${ok}transfer-encoding: gzip\r\n\r\n`, 'unknown_transfer_encoding'],
    ['HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', 'transfer_encoding_not_allowed'],
    ['HTTP/1.1 204 No\r\ntransfer-encoding: chunked\r\n\r\n', 'transfer_encoding_not_allowed'],
    ['HTTP/1.1 101 No\r\ntransfer-encoding: chunked\r\n\r\n', 'transfer_encoding_not_allowed'],
    ['HTTP/1.1 204 No\r\ncontent-length: 1\r\n\r\n', 'content_length_not_allowed'],
    ['HTTP/1.1 304 No\r\ncontent-length: 4\r\n\r\nbody', 'unexpected_data'],
    [`${ok}${'x: y\r\n'.repeat(101)}\r\n`, 'too_many_headers'],
    [`${ok}x: ${'y'.repeat(90_000)}\r\n\r\n`, 'headers_too_large'],
  ];
  for (const [bytes, code] of cases) {
    t.match(readResponses([bytes]).error, { code }, JSON.stringify(bytes.slice(0, 80)));
  }
});

t.test('every split of the bytes gives the same messages', async (t) => {
  const bytes =
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n' +
    'Date: x\r\n\r\n3\r\nabc\r\n0\r\nx-sum: 4\r\n\r\n';
  const whole = readResponses([bytes]);
  t.match(whole, {
    error: null,
    idle: true,
    messages: [{ body: 'abc', trailers: ['x-sum', '4'] }],
  });
  for (let at = 0; at <= bytes.length; at++) {
    t.same(readResponses(cut(bytes, [at])), whole, `split at ${at}`);
  }
  t.same(readResponses([...bytes]), whole, 'byte by byte');
});
