import t from 'tap';
import { RequestBody } from '../../src/proxy/request-body.ts';
import { headerList } from '../support/header-lists.ts';
import { recordingWriter } from '../support/recording-writer.ts';

function push(body: RequestBody, text: string): void {
  const bytes = Buffer.from(`<${text}>`, 'latin1');
  body.push(bytes, 1, bytes.length - 1);
}

t.test('what came before the connection is sent first, then what follows', async (t) => {
  const body = new RequestBody(false);
  const out = recordingWriter();
  push(body, 'one ');
  push(body, 'two ');
  body.attach(out.writer);
  push(body, 'three');
  body.end(null);
  t.equal(out.text(), 'one two three');
  t.ok(body.ended);
});

t.test('a chunked body is framed anew, piece by piece', async (t) => {
  const body = new RequestBody(true);
  const out = recordingWriter();
  push(body, '0123456789');
  body.attach(out.writer);
  push(body, 'ab');
  body.end(null);
  t.equal(out.text(), 'a\r\n0123456789\r\n2\r\nab\r\n0\r\n\r\n');
});

t.test('trailers end a chunked body, on replay as well', async (t) => {
  const body = new RequestBody(true);
  const first = recordingWriter();
  body.attach(first.writer);
  push(body, 'a');
  body.end(headerList({ 'x-sum': '7' }));
  const expected = '1\r\na\r\n0\r\nx-sum: 7\r\n\r\n';
  t.equal(first.text(), expected);
  const second = recordingWriter();
  body.attach(second.writer);
  t.equal(second.text(), expected);
});

t.test('a body that is kept can be sent again, also before it has ended', async (t) => {
  const body = new RequestBody(false);
  const first = recordingWriter();
  body.attach(first.writer);
  push(body, 'one ');
  body.detach();
  push(body, 'two ');
  const second = recordingWriter();
  body.attach(second.writer);
  push(body, 'three');
  t.equal(first.text(), 'one ');
  t.equal(second.text(), 'one two three');
  t.ok(body.replayable);
  t.equal(body.keptBytes, 13);
});

t.test('a forgotten body is passed on and not kept', async (t) => {
  const body = new RequestBody(false);
  const out = recordingWriter();
  body.attach(out.writer);
  push(body, 'one ');
  body.forget();
  push(body, 'two');
  t.equal(out.text(), 'one two');
  t.notOk(body.replayable);
  t.equal(body.keptBytes, 0);
});

t.test('pieces outlive the buffer they were read into', async (t) => {
  for (const size of [100, 20_000]) {
    const body = new RequestBody(false);
    const shared = Buffer.alloc(size, 'a');
    body.push(shared, 0, size);
    shared.fill('z');
    const out = recordingWriter();
    body.attach(out.writer);
    t.equal(out.text(), 'a'.repeat(size), `${size} bytes`);
  }
});

t.test('every byte value passes unchanged', async (t) => {
  const body = new RequestBody(false);
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
  const out = recordingWriter();
  body.attach(out.writer);
  body.push(bytes, 0, bytes.length);
  t.same(Buffer.from(out.text(), 'latin1'), bytes);
});
