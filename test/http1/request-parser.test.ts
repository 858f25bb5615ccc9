/** Requests out of bytes: what is taken, what is refused and with which words, pipelining, limits. */

import t from 'tap';
import { RequestParser } from '../../src/http1/request-parser.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { cut, readRequests } from './codec-probe.ts';

const host = 'Host: shop.example.com\r\n';

t.test('a plain request', async (t) => {
  const { messages, error, idle } = readRequests([
    `GET /a?b=c HTTP/1.1\r\n${host}X-Tenant: \t blue  \r\nACCEPT:*/*\r\nempty:\r\n\r\n`,
  ]);
  t.equal(error, null);
  t.equal(idle, true);
  t.match(messages, [{ complete: true, body: '', trailers: null }]);
  t.same(messages[0]?.head, {
    method: 'GET',
    target: '/a?b=c',
    scheme: null,
    minorVersion: 1,
    headers: {
      flat: ['host', 'shop.example.com', 'x-tenant', 'blue', 'accept', '*/*', 'empty', ''],
    },
    host: 'shop.example.com',
    framing: { kind: 'none' },
    keepAlive: true,
    upgrade: null,
    connectionNames: null,
  });
});

t.test('what the fields say about the connection', async (t) => {
  const cases: readonly [fields: string, expected: object][] = [
    ['connection: close\r\n', { keepAlive: false, connectionNames: null }],
    ['connection: Keep-Alive , CLOSE\r\n', { keepAlive: false }],
    ['Proxy-Connection: x, Close\r\n', { keepAlive: false }],
    ['proxy-connection: keep-alive\r\n', { keepAlive: true }],
    [
      'connection: keep-alive\r\nConnection: X-Hop,,x-other\r\n',
      {
        keepAlive: true,
        connectionNames: ['x-hop', 'x-other'],
      },
    ],
    ['connection: Upgrade\r\nupgrade: WebSocket\r\n', { upgrade: 'websocket' }],
    ['connection: upgrade, http2-settings\r\nupgrade: h2c\r\n', { upgrade: 'h2c' }],
    ['upgrade: websocket\r\n', { upgrade: null }],
    ['connection: upgrade\r\n', { upgrade: null }],
    ['', { host: undefined }],
    ['Host:\r\n', { host: '' }],
    ['host: user@[::1]:80\r\n', { host: 'user@[::1]:80' }],
  ];
  for (const [fields, expected] of cases) {
    const { messages, error } = readRequests([`GET / HTTP/1.1\r\n${fields}\r\n`]);
    t.equal(error, null, fields);
    t.match(messages[0]?.head, expected, fields);
  }
});

t.test('targets', async (t) => {
  const taken: readonly [line: string, target: string][] = [
    ['GET /a#fragment', '/a'],
    ['GET  /', '/'],
    ['GET /"<>{}|\\^`', '/"<>{}|\\^`'],
    ['OPTIONS *', '*'],
    ['CONNECT a.example:443', 'a.example:443'],
    ['PURGE /', '/'],
    ['PROPFIND /', '/'],
  ];
  for (const [line, target] of taken) {
    const { messages, error } = readRequests([`${line} HTTP/1.1\r\n${host}\r\n`]);
    t.equal(error, null, line);
    t.equal(messages[0]?.head.target, target, line);
    t.equal(messages[0]?.head.host, 'shop.example.com', line);
  }
});

t.test('the authority of an absolute-form target replaces the host line', async (t) => {
  const cases: readonly [target: string, scheme: string, host: string, path: string][] = [
    ['http://a.example', 'http', 'a.example', '/'],
    ['HTTPS://a.example:8443/x?y#z', 'https', 'a.example:8443', '/x?y'],
    ['http://u:p@[::1]:80?q', 'http', '[::1]:80', '?q'],
    ['http://a.example/#f', 'http', 'a.example', '/'],
  ];
  for (const [line, scheme, authority, target] of cases) {
    for (const lines of [host, '']) {
      const { messages } = readRequests([`GET ${line} HTTP/1.1\r\n${lines}\r\n`]);
      t.match(messages[0]?.head, { scheme, host: authority, target }, line);
    }
  }
});

t.test('bodies', async (t) => {
  const length = readRequests([`POST / HTTP/1.1\r\n${host}content-length: 005\r\n\r\nhello`]);
  t.match(length, { error: null, idle: true, messages: [{ body: 'hello', complete: true }] });
  t.same(length.messages[0]?.head.framing, { kind: 'length', length: 5 });

  const empty = readRequests([`POST / HTTP/1.1\r\n${host}content-length: 0\r\n\r\n`]);
  t.match(empty, { error: null, idle: true, messages: [{ body: '', complete: true }] });

  const chunked = readRequests([
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: Chunked\r\n\r\n` +
      '3;ext=1; other="a;\\"b"\r\n' +
      'abc\r\n0A\r\n0123456789\r\n000\r\nX-Sum: 1\r\nx-b:\r\n\r\n',
  ]);
  t.match(chunked, {
    error: null,
    idle: true,
    messages: [{ body: 'abc0123456789', trailers: ['x-sum', '1', 'x-b', ''], complete: true }],
  });
});

t.test('what is refused, in the words of Envoy', async (t) => {
  const chunked = `POST / HTTP/1.1\r\n${host}transfer-encoding: chunked\r\n\r\n`;
  const get = `GET / HTTP/1.1\r\n${host}`;
  const post = `POST / HTTP/1.1\r\n${host}`;
  const codec = 'http1.codec_error';
  const cases: readonly [bytes: string, code: string, status: number, details: string][] = [
    [`get / HTTP/1.1\r\n${host}\r\n`, 'bad_method', 400, codec],
    [`BREW / HTTP/1.1\r\n${host}\r\n`, 'bad_method', 400, codec],
    [`M-SEARCH / HTTP/1.1\r\n${host}\r\n`, 'bad_method', 400, codec],
    [`G@T / HTTP/1.1\r\n${host}\r\n`, 'bad_method', 400, codec],
    [`GET\t/ HTTP/1.1\r\n${host}\r\n`, 'bad_method', 400, codec],
    ['\x16\x03\x01', 'bad_method', 400, codec],
    [`\r\n${get}\r\n`, 'bad_method', 400, codec],
    [`GET /\x80\xff HTTP/1.1\r\n${host}\r\n`, 'bad_target', 400, codec],
    [`GET /a\tb HTTP/1.1\r\n${host}\r\n`, 'bad_target', 400, codec],
    [`GET foo HTTP/1.1\r\n${host}\r\n`, 'bad_target', 400, codec],
    [`GET /a b HTTP/1.1\r\n${host}\r\n`, 'bad_version', 400, codec],
    [`GET / HTTP/1.1 \r\n${host}\r\n`, 'bad_version', 400, codec],
    [`GET / HTTP/1.10\r\n${host}\r\n`, 'bad_version', 400, codec],
    [`GET / http/1.1\r\n${host}\r\n`, 'bad_version', 400, codec],
    [`GET /  HTTP/1.1\r\n${host}\r\n`, 'bad_version', 400, codec],
    [`GET * HTTP/1.1\r\n${host}\r\n`, 'bad_target_form', 400, 'http1.invalid_url'],
    [`GET ftp://a/ HTTP/1.1\r\n${host}\r\n`, 'bad_target_form', 400, 'http1.invalid_url'],
    [`GET http://a:99999/ HTTP/1.1\r\n\r\n`, 'bad_target_form', 400, 'http1.invalid_url'],
    [`GET http://a#f HTTP/1.1\r\n\r\n`, 'bad_target_form', 400, 'http1.invalid_url'],
    [`GET http:///x HTTP/1.1\r\n\r\n`, 'bad_target_form', 400, 'http1.invalid_url'],
    [`GET http://a@b@c/ HTTP/1.1\r\n\r\n`, 'bad_target_form', 400, 'http1.invalid_url'],
    [`CONNECT / HTTP/1.1\r\n${host}\r\n`, 'bad_target_form', 400, 'http1.invalid_url'],
    [`CONNECT http://a:80 HTTP/1.1\r\n\r\n`, 'bad_target_form', 400, 'http1.invalid_url'],
    ['GET / HTTP/1.0\r\n\r\n', 'low_version', 426, 'low_version'],
    ['GET /\r\n\r\n', 'low_version', 426, 'low_version'],
    [`GET / HTTP/1.2\r\n${host}\r\n`, 'low_version', 426, 'low_version'],
    [`GET / HTTP/2.0\r\n${host}\r\n`, 'low_version', 426, 'low_version'],
    [
      'POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n',
      'transfer_encoding_not_allowed',
      400,
      'http1.transfer_encoding_not_allowed',
    ],
    [`${get}bad header: x\r\n\r\n`, 'bad_field_name', 400, codec],
    [`${get}x-a : x\r\n\r\n`, 'bad_field_name', 400, codec],
    [`${get}: x\r\n\r\n`, 'bad_field_name', 400, codec],
    [`${get}novalue\r\n\r\n`, 'bad_field_name', 400, codec],
    [`${get}x\xe4: x\r\n\r\n`, 'bad_field_name', 400, codec],
    [`${get}x-a: b\r\n folded\r\n\r\n`, 'obsolete_folding', 400, codec],
    [`GET / HTTP/1.1\r\n x: folded\r\n\r\n`, 'obsolete_folding', 400, codec],
    [`${get}x-nul: a\0b\r\n\r\n`, 'bad_field_value', 400, 'http1.invalid_characters'],
    [`${get}x-del: a\x7f\r\n\r\n`, 'bad_field_value', 400, 'http1.invalid_characters'],
    [`${get}x: a\nb: c\r\n\r\n`, 'bad_line_ending', 400, codec],
    [`${get}x: a\rb: c\r\n\r\n`, 'bad_line_ending', 400, codec],
    [`${get}\rx\n\r\n`, 'bad_line_ending', 400, codec],
    ['GET / HTTP/1.1\nHost: a\n\n', 'bad_line_ending', 400, codec],
    ['GET / HTTP/1.1\rHost: a\r\n\r\n', 'bad_line_ending', 400, codec],
    ['GET /\nHost: a\r\n\r\n', 'bad_line_ending', 400, codec],
    ['GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 'repeated_host', 400, codec],
    ['GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 'bad_host', 400, 'http.invalid_authority'],
    ['GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 'bad_host', 400, 'http.invalid_authority'],
    [
      `${post}content-length: 3\r\ncontent-length: 3\r\n\r\n`,
      'repeated_content_length',
      400,
      codec,
    ],
    ...['abc', '-1', '+1', '1 1', '3,3', '0x1', '', '9007199254740992', '1e3'].map(
      (value): [string, string, number, string] => [
        `${post}content-length: ${value}\r\n\r\n`,
        'bad_content_length',
        400,
        codec,
      ],
    ),
    [
      `${post}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n`,
      'length_and_chunked',
      400,
      'http1.content_length_and_chunked_not_allowed',
    ],
    ...['gzip, chunked', 'identity', 'chunked, chunked', 'xchunked', 'chunked;q=1', '', '"chunked"']
      .map((value): [string, string, number, string] => [
        `${post}transfer-encoding: ${value}\r\n\r\n`,
        'unknown_transfer_encoding',
        501,
        'http1.invalid_transfer_encoding',
      ])
      .concat([
        [
          `${post}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`,
          'unknown_transfer_encoding',
          501,
          'http1.invalid_transfer_encoding',
        ],
      ]),
    [
      'CONNECT a:80 HTTP/1.1\r\ncontent-length: 1\r\n\r\n',
      'content_length_not_allowed',
      400,
      'http1.content_length_not_allowed',
    ],
    [
      `${get}connection: x-forwarded-for\r\n\r\n`,
      'connection_header_rejected',
      400,
      'http1.connection_header_rejected',
    ],
    ...[
      'zz',
      '',
      '-1',
      '1 ',
      ' 1',
      '0x1',
      '1;',
      '1;=a',
      '1;a=',
      '1;a="b',
      '20000000000000',
      '1\n',
    ].map((line): [string, string, number, string] => [
      `${chunked}${line}\r\nabc\r\n0\r\n\r\n`,
      'bad_chunk',
      400,
      codec,
    ]),
    [`${chunked}1\r\nabc\r\n0\r\n\r\n`, 'bad_chunk', 400, codec],
    [`${chunked}1\r\na\n0\r\n\r\n`, 'bad_chunk', 400, codec],
    [`${chunked}0\r\n\rx`, 'bad_chunk', 400, codec],
    [`${chunked}0\r\nbad trailer\r\n\r\n`, 'bad_field_name', 400, codec],
    [`${chunked}0\r\nx: a\r\n b\r\n\r\n`, 'obsolete_folding', 400, codec],
    [`${chunked}0\r\nContent-Length: 1\r\n\r\n`, 'bad_trailer', 400, codec],
    [`${chunked}0\r\nHost: a\r\n\r\n`, 'bad_trailer', 400, codec],
  ];
  for (const [bytes, code, status, details] of cases) {
    const { error, messages } = readRequests([bytes]);
    const name = JSON.stringify(bytes);
    t.same(error, { code, status, details }, name);
    t.notOk(
      messages.some((message) => message.complete),
      `${name} is not complete`,
    );
  }
});

t.test('limits', async (t) => {
  const pass = (fields: string, limits = {}) =>
    readRequests([`GET / HTTP/1.1\r\n${fields}\r\n`], { ...defaultLimits, ...limits }).error;
  const lines = (count: number) =>
    Array.from({ length: count }, (_, i) => `x-${i}: v\r\n`).join('');
  t.equal(pass(`x: ${'a'.repeat(50_000)}\r\n`), null, '50,000 bytes');
  t.match(pass(`x: ${'a'.repeat(70_000)}\r\n`), { code: 'headers_too_large', status: 431 });
  t.equal(pass(lines(100)), null, '100 lines');
  t.match(pass(lines(101)), { code: 'too_many_headers', status: 431 });
  t.match(pass(lines(2), { requestHeadBytes: 20 }), { code: 'headers_too_large' });

  const endless = new Array(70).fill('x'.repeat(1000));
  t.match(readRequests(['GET /', ...endless]).error, { code: 'headers_too_large', status: 431 });

  const chunked = 'POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n';
  const longLine = readRequests([`${chunked}1;${'a'.repeat(5000)}\r\na\r\n0\r\n\r\n`]);
  t.match(longLine.error, { code: 'chunk_line_too_long', status: 400 });
  const zeros = readRequests([`${chunked}${'0'.repeat(5000)}\r\n\r\n`]);
  t.match(zeros.error, { code: 'chunk_line_too_long' });
  const trailers = readRequests([`${chunked}0\r\nx: ${'a'.repeat(70_000)}\r\n\r\n`]);
  t.match(trailers.error, { code: 'headers_too_large', status: 431 });
  const manyTrailers = readRequests([`${chunked}0\r\n${lines(101)}\r\n`]);
  t.match(manyTrailers.error, { code: 'too_many_headers', status: 431 });
});

t.test('every split of the bytes gives the same messages', async (t) => {
  const bytes =
    `POST /a HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n` +
    '3;x="y"\r\nabc\r\n1\r\nd\r\n0\r\nx-sum: 4\r\n\r\n' +
    `PUT /b HTTP/1.1\r\n${host}Content-Length: 2\r\n\r\nhiGET /c HTTP/1.1\r\n${host}\r\n`;
  const whole = readRequests([bytes]);
  t.equal(whole.error, null);
  t.equal(whole.messages.length, 3);
  for (let at = 0; at <= bytes.length; at++) {
    t.same(readRequests(cut(bytes, [at])), whole, `split at ${at}`);
  }
  t.same(readRequests([...bytes]), whole, 'byte by byte');
});

t.test('pipelined requests are handed on one at a time', async (t) => {
  const heard: string[] = [];
  const parser = new RequestParser(
    {
      onRequestHead: (head) => heard.push(head.target),
      onRequestBody: () => {},
      onRequestEnd: () => heard.push('end'),
      onRequestError: (error) => heard.push(error.code),
    },
    defaultLimits,
  );
  const bytes = Buffer.from('GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HT');
  t.equal(parser.idle, true);
  parser.push(bytes, 0, bytes.length);
  bytes.fill(0);
  t.same(heard, ['/1', 'end']);
  t.equal(parser.idle, false);
  t.equal(parser.bufferedBytes, 28);
  parser.push(Buffer.from('TP/1.1\r\n\r\n'), 0, 10);
  t.equal(parser.bufferedBytes, 38);
  parser.next();
  t.same(heard, ['/1', 'end', '/2', 'end']);
  parser.next();
  t.same(heard, ['/1', 'end', '/2', 'end', '/3', 'end']);
  t.equal(parser.idle, false);
  parser.next();
  t.equal(parser.idle, true);
  t.equal(parser.bufferedBytes, 0);
  parser.push(Buffer.from('GE'), 0, 2);
  t.equal(parser.inHead, true);
  t.equal(parser.idle, false);
});

t.test('small chunks that come together are one piece', async (t) => {
  const pieces: string[] = [];
  const parser = new RequestParser(
    {
      onRequestHead: () => {},
      onRequestBody: (bytes, start, end) => pieces.push(bytes.toString('latin1', start, end)),
      onRequestEnd: () => pieces.push('end'),
      onRequestError: (error) => pieces.push(error.code),
    },
    defaultLimits,
  );
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  const large = 'x'.repeat(3000);
  const chunks = `3\r\nabc\r\n2;x=y\r\nde\r\nbb8\r\n${large}\r\n1\r\nf\r\n4\r\ngh`;
  const bytes = Buffer.from(head + chunks);
  parser.push(bytes, 0, bytes.length);
  t.same(pieces, [`abcde${large}`, 'fgh']);
  const rest = Buffer.from('ij\r\n1\r\nk\r\n0\r\n\r\n');
  parser.push(rest, 0, rest.length);
  t.same(pieces.slice(2), ['ijk', 'end']);
});

t.test('what follows a small chunk is wrong, and the chunk is handed on', async (t) => {
  const { messages, error } = readRequests([
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\nzz\r\n',
  ]);
  t.equal(messages[0]?.body, 'ab');
  t.match(error, { status: 400 });
});

t.test('thousands of pipelined requests do not deepen the stack', async (t) => {
  const count = 50_000;
  const bytes = Buffer.from('GET / HTTP/1.1\r\n\r\n'.repeat(count));
  for (const early of [true, false]) {
    let ends = 0;
    const parser = new RequestParser(
      {
        onRequestHead: () => {
          if (early) parser.next();
        },
        onRequestBody: () => {},
        onRequestEnd: () => {
          ends++;
          if (!early) parser.next();
        },
        onRequestError: (error) => t.fail(error.code),
      },
      defaultLimits,
    );
    parser.push(bytes, 0, bytes.length);
    while (parser.mustWait) parser.goOn();
    t.equal(ends, count);
    t.equal(parser.idle, true);
  }
});

t.test('no more is handed on at once than one turn of the event loop is for', async (t) => {
  const limits = { ...defaultLimits, requestsPerTurn: 2, framesPerTurn: 100 };
  const get = (count: number) => 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(count);
  const post = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  const cases: readonly [what: string, bytes: string, turns: readonly string[]][] = [
    ['requests', get(5), ['h.h.', 'h.h.', 'h.']],
    ['as many as there may be', get(2), ['h.h.']],
    ['chunks', `${post}${'1\r\na\r\n'.repeat(300)}0\r\n\r\n`, ['hbb', 'bb', 'b.']],
    [
      'one large piece',
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123456789`,
      ['hb.'],
    ],
  ];
  for (const [what, text, turns] of cases) {
    let heard = '';
    const parser = new RequestParser(
      {
        onRequestHead: () => {
          heard += 'h';
        },
        onRequestBody: () => {
          heard += 'b';
        },
        onRequestEnd: () => {
          heard += '.';
          parser.next();
        },
        onRequestError: (error) => t.fail(error.code),
      },
      limits,
    );
    const bytes = Buffer.from(`${text}GE`);
    parser.push(bytes, 0, bytes.length);
    // What comes meanwhile is kept behind the rest.
    const more = Buffer.from(get(1).slice(2));
    parser.push(more, 0, more.length);
    const seen = [heard];
    while (parser.mustWait) {
      heard = '';
      parser.goOn();
      seen.push(heard);
    }
    t.equal(seen.join(''), `${turns.join('')}h.`, what);
    for (const each of seen) t.ok(each.replaceAll(/[b.]/g, '').length <= 2, each);
    for (const each of seen) t.ok(each.replaceAll(/[h.]/g, '').length <= 3, each);
    if (turns.length > 1) t.same(seen.slice(0, turns.length - 1), turns.slice(0, -1), what);
    t.equal(parser.idle, true, what);
  }
});

t.test('after stop nothing is parsed, and what was read is handed over', async (t) => {
  for (const moment of ['head', 'end', 'later'] as const) {
    const heard: string[] = [];
    let leftover = '';
    const stopAt = (now: string) => {
      if (now !== moment) return;
      parser.stop();
      leftover = parser.takeLeftover().toString();
    };
    const parser = new RequestParser(
      {
        onRequestHead: (head) => {
          heard.push(head.target);
          stopAt('head');
        },
        onRequestBody: () => heard.push('body'),
        onRequestEnd: () => stopAt('end'),
        onRequestError: () => heard.push('error'),
      },
      defaultLimits,
    );
    const bytes = Buffer.from('GET /ws HTTP/1.1\r\n\r\n\x81\x05frame');
    parser.push(bytes, 0, bytes.length);
    stopAt('later');
    parser.push(Buffer.from('more'), 0, 4);
    parser.next();
    t.same(heard, ['/ws'], moment);
    t.equal(leftover, '\x81\x05frame', moment);
    t.equal(parser.takeLeftover().length, 0, moment);
  }
});
