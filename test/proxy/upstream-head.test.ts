import t from 'tap';
import { chunkedBody, noBody } from '../../src/http1/message-head.ts';
import { buildUpstreamHead, type UpstreamHead } from '../../src/proxy/upstream-head.ts';
import { headerList } from '../support/header-lists.ts';

function build(changes: Partial<UpstreamHead>): string {
  return buildUpstreamHead({
    method: 'GET',
    path: '/a?b=1',
    headers: headerList({ host: 'a.example' }),
    framing: noBody,
    upgrading: false,
    ...changes,
  });
}

t.test('a head is written from its parts', async (t) => {
  t.equal(build({}), 'GET /a?b=1 HTTP/1.1\r\nhost: a.example\r\n\r\n');
});

t.test('the absence of a body is said for methods that mean something by one', async (t) => {
  for (const method of ['POST', 'PUT', 'PATCH', 'OPTIONS']) {
    t.match(build({ method }), 'content-length: 0\r\n', method);
  }
  for (const method of ['GET', 'HEAD', 'DELETE', 'TRACE']) {
    t.notMatch(build({ method }), 'content-length', method);
  }
  t.notMatch(build({ method: 'POST', upgrading: true }), 'content-length', 'upgrade');
});

t.test('a chunked body is announced once, however often the head is built', async (t) => {
  const headers = headerList({ host: 'a' });
  const head = { method: 'POST', headers, framing: chunkedBody };
  const first = build(head);
  t.equal(first, 'POST /a?b=1 HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n');
  t.equal(build(head), first);
});
