import t from 'tap';
import { RequestBody } from '../../../src/proxy/router/request-body.ts';
import { headerList } from '../../support/header-lists.ts';
import { RecordingStream } from '../../support/recording-stream.ts';

function push(body: RequestBody, text: string): void {
  const bytes = Buffer.from(`<${text}>`, 'latin1');
  body.push(bytes, 1, bytes.length - 1);
}

t.test('what came before the connection is sent first, then what follows', async (t) => {
  const body = new RequestBody();
  const out = new RecordingStream();
  push(body, 'one ');
  push(body, 'two ');
  body.attach(out);
  push(body, 'three');
  body.end(null);
  t.equal(out.body, 'one two three');
  t.ok(body.ended);
});

t.test('the end and its trailers are told, on replay as well', async (t) => {
  const body = new RequestBody();
  const first = new RecordingStream();
  body.attach(first);
  push(body, 'a');
  t.equal(first.trailers, undefined, 'not yet');
  const trailers = headerList({ 'x-sum': '7' });
  body.end(trailers);
  t.equal(first.trailers, trailers);
  const second = new RecordingStream();
  body.attach(second);
  t.equal(second.body, 'a');
  t.equal(second.trailers, trailers);
});

t.test('a body that is kept can be sent again, also before it has ended', async (t) => {
  const body = new RequestBody();
  const first = new RecordingStream();
  body.attach(first);
  push(body, 'one ');
  body.detach();
  push(body, 'two ');
  const second = new RecordingStream();
  body.attach(second);
  push(body, 'three');
  t.equal(first.body, 'one ');
  t.equal(second.body, 'one two three');
  t.ok(body.replayable);
  t.equal(body.keptBytes, 13);
});

t.test('a forgotten body is passed on and not kept', async (t) => {
  const body = new RequestBody();
  const out = new RecordingStream();
  body.attach(out);
  push(body, 'one ');
  body.forget();
  push(body, 'two');
  t.equal(out.body, 'one two');
  t.notOk(body.replayable);
  t.equal(body.keptBytes, 0);
});

t.test('pieces outlive the buffer they were read into', async (t) => {
  for (const size of [100, 20_000]) {
    const body = new RequestBody();
    const shared = Buffer.alloc(size, 'a');
    body.push(shared, 0, size);
    shared.fill('z');
    const out = new RecordingStream();
    body.attach(out);
    t.equal(out.body, 'a'.repeat(size), `${size} bytes`);
  }
});

t.test('every byte value passes unchanged', async (t) => {
  const body = new RequestBody();
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
  const out = new RecordingStream();
  body.attach(out);
  body.push(bytes, 0, bytes.length);
  t.same(Buffer.from(out.body, 'latin1'), bytes);
});
