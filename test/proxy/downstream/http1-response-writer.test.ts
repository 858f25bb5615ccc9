import t from 'tap';
import type { ResponseHead } from '../../../src/http1/message-head.ts';
import { DateHeader } from '../../../src/proxy/downstream/date-header.ts';
import { Http1ResponseWriter } from '../../../src/proxy/downstream/http1-response-writer.ts';
import type { ResponseFraming } from '../../../src/proxy/downstream/response-writer.ts';
import { headerList } from '../../support/header-lists.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { sidecarSettings } from '../../support/mesh-models.ts';
import { recordingWriter } from '../../support/recording-writer.ts';
import { testStreamInfo } from '../../telemetry/stream-info-fixture.ts';

function setUp(method = 'GET') {
  const out = recordingWriter();
  const info = testStreamInfo();
  info.method = method;
  info.status = 0;
  info.bytesSent = 0;
  const response = new Http1ResponseWriter(out.writer, info, {
    settings: sidecarSettings(),
    date: new DateHeader(new ManualClock()),
  });
  const body = (text: string): void => {
    const bytes = Buffer.from(text, 'latin1');
    response.body(bytes, 0, bytes.length);
  };
  /** Without the lines that every response has. */
  const sent = (): string =>
    out
      .text()
      .replace(/date: .*?\r\n/, '')
      .replace(/server: .*?\r\n/, '');
  return { response, info, body, sent, writes: out.writes };
}

t.test('framing of the head by method, status and body', async (t) => {
  const chunked = 'transfer-encoding: chunked\r\n';
  const empty = 'content-length: 0\r\n';
  const rows: readonly (readonly [string, number, ResponseFraming, string])[] = [
    ['GET', 200, 'chunked', chunked],
    ['GET', 200, 'close', chunked],
    ['GET', 200, 'length', ''],
    ['GET', 200, 'none', ''],
    ['GET', 200, 'empty', empty],
    ['GET', 204, 'none', ''],
    ['GET', 204, 'empty', ''],
    ['GET', 304, 'none', ''],
    ['GET', 304, 'empty', ''],
    ['HEAD', 200, 'none', chunked],
    ['HEAD', 200, 'length', ''],
    ['HEAD', 204, 'none', ''],
    ['HEAD', 304, 'none', ''],
  ];
  for (const [method, status, framing, expected] of rows) {
    const { response, sent } = setUp(method);
    response.head(status, headerList(), framing);
    const fields = sent()
      .replace(/^[^\r]*\r\n/, '')
      .slice(0, -2);
    t.equal(fields, expected, `${method} ${status} ${framing}`);
  }
});

t.test('a HEAD response keeps the length that it was given', async (t) => {
  const { response, sent } = setUp('HEAD');
  response.head(200, headerList({ 'content-length': '7' }), 'none');
  response.end();
  t.equal(sent(), 'HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n');
});

t.test('a body without a length is chunked and ended', async (t) => {
  const { response, body, sent, info } = setUp();
  response.head(200, headerList(), 'close');
  body('0123456789');
  body('ab');
  response.end();
  const [, rest] = sent().split('\r\n\r\n', 2);
  t.equal(rest, 'a\r\n0123456789\r\n2\r\nab\r\n0');
  t.equal(info.bytesSent, 12, 'framing does not count');
});

t.test('trailers do not travel over HTTP/1.1', async (t) => {
  const { response, sent } = setUp();
  response.head(200, headerList(), 'chunked');
  response.end();
  t.ok(sent().endsWith('\r\n\r\n0\r\n\r\n'));
});

t.test('a body with a length is passed as it is', async (t) => {
  const { response, body, sent, writes } = setUp();
  response.head(200, headerList({ 'content-length': '4' }), 'length');
  body('half');
  response.end();
  t.ok(sent().endsWith('\r\n\r\nhalf'));
  t.equal(writes.length, 1, 'head and body leave together');
});

t.test('closing is announced', async (t) => {
  const { response, sent } = setUp();
  response.close = true;
  response.head(204, headerList(), 'none');
  t.equal(sent(), 'HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n');
});

function informational(status: number, reason: string): ResponseHead {
  return {
    status,
    reason,
    minorVersion: 1,
    headers: headerList({ connection: 'keep-alive', link: '</a.css>' }),
    framing: { kind: 'none' },
    keepAlive: true,
    connectionNames: null,
  };
}

t.test('interim responses pass before the final head, and never after it', async (t) => {
  const { response, sent, info } = setUp();
  response.informational(informational(103, 'Early Hints'));
  t.notOk(response.started);
  t.equal(info.status, 0);
  response.head(204, headerList(), 'none');
  response.informational(informational(103, 'Early Hints'));
  t.equal(sent(), 'HTTP/1.1 103 Unknown\r\nlink: </a.css>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n');
});

t.test('what was sent is recorded', async (t) => {
  const { response, info } = setUp();
  const headers = headerList({ 'content-length': '3' });
  response.head(503, headers, 'length');
  response.text('abc');
  t.ok(response.started);
  t.equal(info.status, 503);
  t.equal(info.responseHeaders, headers);
  t.equal(info.bytesSent, 3);
});
