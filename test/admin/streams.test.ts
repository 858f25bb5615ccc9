/** Bodies that are streamed, answers that come later, bodies of requests. Real sockets. */

import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import t, { type Test } from 'tap';
import {
  type AdminEndpoint,
  type AdminResponse,
  json,
  text,
} from '../../src/admin/admin-endpoint.ts';
import { AdminServer } from '../../src/admin/admin-server.ts';
import type { StreamingResponse } from '../../src/admin/streaming-response.ts';
import { testState } from './running-state-fixture.ts';

interface Handled extends Partial<AdminEndpoint> {
  readonly handle: AdminEndpoint['handle'];
}

async function start(t: Test, { path = '/tested', ...endpoint }: Handled, idleMs = 90_000) {
  const errors: string[] = [];
  const server = new AdminServer(testState(), {
    idleMs,
    onError: (error) => void errors.push(error.message),
    endpoints: [{ path, mutation: false, help: '', parameters: [], ...endpoint }],
  });
  const bound = await server.listen('127.0.0.1', 0);
  if (!bound.ok) throw bound.error;
  t.teardown(() => server.close());
  const { port } = bound.value;
  const call = (asked: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}${asked}`, init);
  return { server, port, call, errors };
}

function streamed(body: (stream: StreamingResponse) => void): Handled {
  return { handle: () => ({ status: 200, contentType: 'text/event-stream', body }) };
}

/** A client that reads nothing until `restOf`. */
async function openSilently(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  socket.on('error', () => undefined);
  socket.write('GET /tested HTTP/1.1\r\nHost: localhost\r\n\r\n');
  return socket;
}

/** How many bytes come before the end, which is the server's. */
async function restOf(socket: Socket): Promise<number> {
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
  return socket.bytesRead;
}

t.test('an answer may come later, and in bytes', async (t) => {
  const bytes = Uint8Array.of(0, 255, 10);
  const later = async (): Promise<AdminResponse> => {
    await new Promise((resolve) => setImmediate(resolve));
    return {
      status: 201,
      contentType: 'application/x-bytes',
      body: bytes,
      headers: { 'content-encoding': 'identity', 'cache-control': 'no-store' },
    };
  };
  const { call } = await start(t, { handle: later });
  const response = await call('/tested');
  t.equal(response.status, 201);
  t.equal(response.headers.get('content-length'), '3');
  t.equal(response.headers.get('content-encoding'), 'identity');
  t.equal(response.headers.get('cache-control'), 'no-store');
  t.same(new Uint8Array(await response.arrayBuffer()), bytes);
});

t.test('one that fails later answers 500, too', async (t) => {
  const fail = () => Promise.reject(new Error('no luck'));
  const { call, errors } = await start(t, { handle: fail });
  t.equal((await call('/tested')).status, 500);
  t.same(errors, ['no luck']);
});

t.test('a handler gets segments, query, headers and body', async (t) => {
  const { call } = await start(t, {
    path: '/of/{kind}/{name}',
    byPost: true,
    handle: ({ variables, query, headers, body, isLocal }) =>
      json({ variables, query: [...query], accept: headers.accept, body, isLocal }),
  });
  const response = await call('/of/a/b%2Fc%7C?q=1', {
    method: 'POST',
    headers: { accept: 'text/x', 'content-type': 'text/plain' },
    body: 'é',
  });
  t.same(await response.json(), {
    variables: { kind: 'a', name: 'b/c|' },
    query: [['q', '1']],
    accept: 'text/x',
    body: 'é',
    isLocal: true,
  });
  for (const path of ['/of/a', '/of/a/', '/of/a/b/c', '/of/a/%zz', '/off/a/b']) {
    t.equal((await call(path)).status, 404, path);
  }
});

t.test('fields of a form are parameters', async (t) => {
  const { call } = await start(t, {
    mutation: true,
    parameters: ['a', 'b'],
    handle: ({ query }) => json([...query]),
  });
  const response = await call('/tested?a=1', {
    method: 'POST',
    body: new URLSearchParams({ b: '2 3' }),
  });
  t.same(await response.json(), [
    ['a', '1'],
    ['b', '2 3'],
  ]);
});

t.test('a misspelt parameter of what changes something is refused without effect', async (t) => {
  let handled = 0;
  const handle = () => text(`${++handled}`);
  const { call } = await start(t, { mutation: true, parameters: ['graceful'], handle });
  const response = await call('/tested?gracefull', { method: 'POST' });
  t.equal(response.status, 400);
  t.equal(await response.text(), 'there is no parameter "gracefull": there are graceful\n');
  t.equal(handled, 0);
  t.equal((await call('/tested?graceful', { method: 'POST' })).status, 200);
});

t.test('a body beyond 1 MiB is refused, and the connection goes on', async (t) => {
  let handled = 0;
  const handle = () => text(`${++handled}`);
  const { call } = await start(t, { mutation: true, handle });
  const post = (length: number) => call('/tested', { method: 'POST', body: 'x'.repeat(length) });
  t.equal((await post(1024 * 1024 + 1)).status, 413);
  t.equal((await post(1024 * 1024)).status, 200);
  t.equal(handled, 1);
});

t.test('a stream is written on until its end', async (t) => {
  let closed = 0;
  const { call } = await start(
    t,
    streamed((stream) => {
      stream.onClose(() => closed++);
      stream.write('data: 1\n\n');
      stream.write(Buffer.from('data: 2\n\n'));
      setImmediate(() => {
        stream.end();
        stream.write('never');
      });
    }),
  );
  const response = await call('/tested');
  t.equal(response.headers.get('content-type'), 'text/event-stream');
  t.equal(await response.text(), 'data: 1\n\ndata: 2\n\n');
  t.equal(closed, 1);
  const head = await call('/tested', { method: 'HEAD' });
  t.equal(await head.text(), '');
  t.equal(closed, 1, 'nothing is streamed for HEAD');
});

t.test('a source is piped, and one that breaks off is seen not to be whole', async (t) => {
  const { call } = await start(
    t,
    streamed((stream) => stream.pipe(Readable.from(['a', 'b']))),
  );
  t.equal(await (await call('/tested')).text(), 'ab');
  const broken = await start(
    t,
    streamed((stream) => {
      const source = new Readable({ read: () => undefined });
      stream.pipe(source);
      source.push('a');
      setImmediate(() => source.destroy(new Error('broken')));
    }),
  );
  await t.rejects(async () => (await broken.call('/tested')).text());
});

t.test('the writer is told when its reader leaves', async (t) => {
  let closed = 0;
  const left = Promise.withResolvers<StreamingResponse>();
  const { call } = await start(
    t,
    streamed((stream) => {
      stream.onClose(() => {
        closed++;
        left.resolve(stream);
      });
      stream.write('first');
    }),
  );
  const controller = new AbortController();
  await call('/tested', { signal: controller.signal });
  t.equal(closed, 0, 'it is here');
  controller.abort();
  const stream = await left.promise;
  stream.write('second');
  stream.end();
  t.equal(stream.unreadBytes, 0, 'nothing is kept for one that has left');
  t.equal(closed, 1);
});

t.test('a reader that leaves 1 MiB unread is cut off', async (t) => {
  const mib = 1024 * 1024;
  const chunk = Buffer.alloc(mib / 4);
  /** Before each write, until one of them cut the reader off. */
  const unread: number[] = [];
  const cut = Promise.withResolvers<void>();
  const { port } = await start(
    t,
    streamed((stream) => {
      let open = true;
      stream.onClose(() => {
        open = false;
        cut.resolve();
      });
      const more = (): void => {
        if (!open) return;
        unread.push(stream.unreadBytes);
        stream.write(chunk);
        setImmediate(more);
      };
      more();
    }),
  );
  const socket = await openSilently(port);
  await cut.promise;
  const most = Math.max(...unread);
  t.ok(most <= mib, `${most} bytes unread, and still open`);
  t.ok(most > mib - 2 * chunk.length, `${most} bytes unread are few enough`);
  t.ok((await restOf(socket)) < unread.length * chunk.length, 'what was unread is dropped');
});

t.test('a stream on which nothing moves is ended', async (t) => {
  const idleMs = 50;
  const ended = Promise.withResolvers<number>();
  const quiet = streamed((stream) => {
    const begun = performance.now();
    stream.write('quiet from here on');
    stream.onClose(() => ended.resolve(performance.now() - begun));
  });
  const { port } = await start(t, quiet, idleMs);
  const socket = await openSilently(port);
  const openMs = await ended.promise;
  // Node's timers round down to whole milliseconds.
  t.ok(openMs > idleMs - 2, `after ${openMs} ms`);
  t.ok((await restOf(socket)) > 0, 'and the reader has what was written before');
});

t.test('32 streams may be open at once', async (t) => {
  const streams: StreamingResponse[] = [];
  const { call } = await start(
    t,
    streamed((stream) => {
      streams.push(stream);
      stream.write('open');
    }),
  );
  const open = await Promise.all(Array.from({ length: 32 }, () => call('/tested')));
  t.same(new Set(open.map(({ status }) => status)), new Set([200]));
  const refused = await call('/tested');
  t.equal(refused.status, 503);
  t.match(await refused.text(), /too many/);
  const [first] = streams;
  const [response] = open;
  const closed = new Promise<void>((resolve) => first?.onClose(resolve));
  first?.end();
  t.equal(await response?.text(), 'open');
  await closed;
  t.equal((await call('/tested')).status, 200);
});

t.test('what is open ends with the API', async (t) => {
  const { server, call } = await start(
    t,
    streamed((stream) => stream.write('open')),
  );
  const response = await call('/tested');
  await server.close();
  t.equal(await response.text(), 'open', 'and is whole');
});
