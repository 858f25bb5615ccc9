import t from 'tap';
import { chunkedBody } from '../../../src/http1/message-head.ts';
import { sendUpstreamHead } from '../../../src/proxy/headers/upstream-head.ts';
import type { UpstreamHead } from '../../../src/transport/upstream-stream.ts';
import { headerList } from '../../support/header-lists.ts';
import { RecordingStream, requestHead } from '../../support/recording-stream.ts';

/** The header lines that are sent, names and values in turn. */
function sent(changes: Partial<UpstreamHead>): readonly string[] {
  const stream = new RecordingStream();
  sendUpstreamHead(stream, requestHead(changes));
  return stream.heads[0]?.headers.flat ?? [];
}

t.test('a head is sent with the lines that it has', async (t) => {
  t.same(sent({}), ['host', 'a.example']);
});

t.test('the absence of a body is said for methods that mean something by one', async (t) => {
  for (const method of ['POST', 'PUT', 'PATCH', 'OPTIONS']) {
    t.same(sent({ method }), ['host', 'a.example', 'content-length', '0'], method);
  }
  for (const method of ['GET', 'HEAD', 'DELETE', 'TRACE']) {
    t.same(sent({ method }), ['host', 'a.example'], method);
  }
  t.same(sent({ method: 'POST', upgrading: true }), ['host', 'a.example'], 'upgrade');
});

t.test('the length that is said is that of the body', async (t) => {
  const headers = { host: 'a.example', 'content-length': '7' };
  const framing = { kind: 'length', length: 3 } as const;
  t.same(sent({ headers: headerList(headers), framing }), [
    'host',
    'a.example',
    'content-length',
    '3',
  ]);
});

t.test(
  'a body of unknown length has no line of its own: its framing is the protocol’s',
  async (t) => {
    const headers = { host: 'a.example', 'content-length': '7', 'transfer-encoding': 'gzip' };
    t.same(sent({ method: 'POST', headers: headerList(headers), framing: chunkedBody }), [
      'host',
      'a.example',
    ]);
  },
);
