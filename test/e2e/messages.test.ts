/** HTTP/1.1 semantics through the real command: what the origin gets and what the client gets. */

import t from 'tap';
import { within } from '../support/deadline.ts';
import { headerValue, headerValues, type ReadRequest } from '../support/http-reader.ts';
import type { Origin } from '../support/origin.ts';
import { exchange, getRequest, RawConnection } from '../support/raw-client.ts';
import { answerByScript, methodAndPath, ok, type Script } from '../support/scripted-origin.ts';
import { SharedEdge } from '../support/shared-edge.ts';

interface Rig {
  readonly origin: Origin;
  /** What the origin has answered. */
  readonly requests: readonly ReadRequest[];
  readonly port: number;
}

const edges = await SharedEdge.start(7);
t.teardown(() => edges.stop());

function start(script: Script): Rig {
  const { handler, requests } = answerByScript(script);
  return { ...edges.next(handler), requests };
}

const echo: Script = (request) => ok(request.body.toString('latin1'));

t.test('request bodies', async (t) => {
  const { requests, port } = start(echo);

  t.test('of known length', async (t) => {
    const bytes = 'POST /l HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello';
    const response = await exchange(bytes, { port });
    t.equal(response.body.toString(), 'hello');
    t.equal(headerValue(requests.at(-1)?.headers ?? [], 'content-length'), '5');
  });

  t.test('in chunks, however they are cut', async (t) => {
    const connection = await RawConnection.connect({ port });
    t.teardown(() => connection.destroy());
    const bytes =
      'POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '3\r\nabc\r\n0a\r\n0123456789\r\n0\r\n\r\n';
    for (const byte of bytes) connection.write(byte);
    const response = await connection.readResponse();
    t.equal(response.body.toString(), 'abc0123456789');
    const { headers = [] } = requests.at(-1) ?? {};
    t.equal(headerValue(headers, 'transfer-encoding')?.toLowerCase(), 'chunked');
    t.equal(headerValue(headers, 'content-length'), null);
  });

  t.test('of a POST without any get content-length 0', async (t) => {
    await exchange('POST /e HTTP/1.1\r\nHost: a\r\n\r\n', { port });
    t.equal(headerValue(requests.at(-1)?.headers ?? [], 'content-length'), '0');
  });
});

t.test('Expect: 100-continue comes from the origin', async (t) => {
  const { origin, port } = start((request) => ok(request.body.toString('latin1')));
  const connection = await RawConnection.connect({ port });
  t.teardown(() => connection.destroy());
  connection.write(
    'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n',
  );
  // The scripted origin answers complete requests only: send its 100 by hand.
  const upstream = await within(5000, 'the head at the origin', firstData(origin));
  upstream.write('HTTP/1.1 100 Continue\r\n\r\n');
  const response = await connection.readResponse({ onInterim: () => connection.write('ok') });
  t.same(response.interim, [100]);
  t.equal(response.body.toString(), 'ok');
});

t.test('responses', async (t) => {
  const { port } = start((request, { socket }) => {
    switch (methodAndPath(request)) {
      case 'GET /chunked':
        return 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
      case 'GET /until-close':
        socket.end('HTTP/1.1 200 OK\r\n\r\nto the end', 'latin1');
        return null;
      case 'HEAD /head':
        return 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n';
      case 'GET /204':
        return 'HTTP/1.1 204 No Content\r\n\r\n';
      case 'GET /304':
        return 'HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n';
      default:
        return ok('fine', 'Connection: X-Private\r\nKeep-Alive: timeout=5\r\n');
    }
  });
  const connection = await RawConnection.connect({ port });
  t.teardown(() => connection.destroy());
  const ask = (line: string) => {
    connection.write(`${line} HTTP/1.1\r\nHost: a\r\n\r\n`);
    return connection.readResponse({ method: line.split(' ')[0] ?? '' });
  };

  t.test('without a body leave the connection in step', async (t) => {
    const head = await ask('HEAD /head');
    t.equal(headerValue(head.headers, 'content-length'), '1234');
    t.equal((await ask('GET /204')).status, 204);
    t.equal((await ask('GET /304')).status, 304);
    t.equal((await ask('GET /')).body.toString(), 'fine', 'the next answer is its own');
  });

  t.test('in chunks', async (t) => {
    const response = await ask('GET /chunked');
    t.equal(response.body.toString(), 'abc');
    t.equal(response.truncated, false);
  });

  t.test('delimited by the close of the upstream connection', async (t) => {
    const response = await ask('GET /until-close');
    t.equal(response.body.toString(), 'to the end');
    t.equal(response.truncated, false);
  });

  t.test('lose their hop-by-hop headers', async (t) => {
    const other = await exchange(getRequest('/', 'a'), { port });
    t.equal(headerValue(other.headers, 'keep-alive'), null);
    t.not(headerValue(other.headers, 'connection')?.toLowerCase(), 'x-private');
  });
});

t.test('pipelined requests are answered in order', async (t) => {
  const { port, requests } = start((request) => ok(methodAndPath(request)));
  const connection = await RawConnection.connect({ port });
  t.teardown(() => connection.destroy());
  const paths = Array.from({ length: 20 }, (_, index) => `/p${index}`);
  connection.write(paths.map((path) => getRequest(path, 'a')).join(''));
  const answers: string[] = [];
  for (const _ of paths) answers.push((await connection.readResponse()).body.toString());
  t.same(
    answers,
    paths.map((path) => `GET ${path}`),
  );
  t.equal(requests.length, paths.length);
});

t.test('what is not forwarded as it came', async (t) => {
  const { port, requests } = start(() => ok(''));
  const last = () => requests.at(-1)?.headers ?? [];

  t.test('hop-by-hop headers and those named in Connection', async (t) => {
    await exchange(
      getRequest('/', 'a', [
        ['Connection', 'X-Hop, keep-alive'],
        ['X-Hop', '1'],
        ['Keep-Alive', 'timeout=5'],
        ['Proxy-Connection', 'keep-alive'],
        ['TE', 'trailers, deflate'],
        ['X-Kept', 'yes'],
      ]),
      { port },
    );
    for (const name of ['x-hop', 'keep-alive', 'proxy-connection']) {
      t.same(headerValues(last(), name), [], `${name} is gone`);
    }
    t.equal(headerValue(last(), 'te'), 'trailers');
    t.equal(headerValue(last(), 'x-kept'), 'yes');
  });

  t.test('absolute-form targets', async (t) => {
    await exchange('GET http://other.test/p?q=1 HTTP/1.1\r\nHost: a\r\n\r\n', { port });
    t.equal(methodAndPath(requests.at(-1) ?? raise()), 'GET /p?q=1');
    t.equal(headerValue(last(), 'host'), 'other.test');
  });

  t.test('the client address and a request id are added', async (t) => {
    await exchange(getRequest('/', 'a'), { port, localAddress: '127.0.0.3' });
    t.equal(headerValue(last(), 'x-forwarded-for'), '127.0.0.3');
    t.equal(headerValue(last(), 'x-forwarded-proto'), 'http');
    t.match(headerValue(last(), 'x-request-id'), /^[0-9a-f-]{36}$/);
  });
});

t.test('what is refused', async (t) => {
  const { port, requests } = start(() => ok(''));
  const table: readonly (readonly [what: string, bytes: string, status: number])[] = [
    ['HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a\r\n\r\n', 426],
    ['OPTIONS *', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', 404],
    ['GET *', 'GET * HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n', 404],
    ['an unknown method', 'FOO / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400],
    ['obsolete folding', 'GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n', 400],
    ['bare LF', 'GET / HTTP/1.1\nHost: a\n\n', 400],
    [
      'an unknown transfer coding',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n',
      501,
    ],
    [
      'both framings',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n' +
        'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
  ];
  for (const [what, bytes, status] of table) {
    const response = await exchange(bytes, { port });
    t.equal(response.status, status, what);
  }
  t.equal(requests.length, 0, 'none of them reaches the origin');
});

t.test('a WebSocket upgrade becomes a tunnel', async (t) => {
  const { port } = start((_, { socket }) => {
    socket.on('data', (data) => socket.write(data));
    return 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  });
  const connection = await RawConnection.connect({ port });
  t.teardown(() => connection.destroy());
  const headers = [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAA=='],
    ['Sec-WebSocket-Version', '13'],
  ] as const;
  connection.write(getRequest('/ws', 'a', headers));
  const response = await connection.readResponse();
  t.equal(response.status, 101);
  connection.write('ping over the tunnel');
  t.equal((await connection.readBytes(20)).toString(), 'ping over the tunnel');
});

/** The socket of the first connection on which anything arrived. */
async function firstData(origin: Origin) {
  for (;;) {
    const found = origin.connections.find((connection) => connection.received().length > 0);
    if (found !== undefined) return found.socket;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function raise(): never {
  throw new Error('no request reached the origin');
}
