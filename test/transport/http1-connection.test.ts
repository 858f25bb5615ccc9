import t from 'tap';
import { chunkedBody } from '../../src/http1/message-head.ts';
import { requestHead } from '../support/recording-stream.ts';
import { PoolFixture } from './pool-fixture.ts';

t.test('what a response is made of is told in order', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection, exchange } = await f.acquire();
  connection.sendHead(requestHead());
  f.origin.connections[0]?.socket.write(
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n',
  );
  await f.until('end', () => exchange.events.length === 5);
  t.same(exchange.events, ['connection', 'informational 100', 'head 200', 'body abc', 'end']);
  t.match(connection.localAddress, /^127\.0\.0\.1:\d+$/);
});

t.test('the method decides whether a body follows', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection, exchange } = await f.acquire();
  connection.sendHead(requestHead({ method: 'HEAD' }));
  f.origin.connections[0]?.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n');
  await f.until('end', () => exchange.events.includes('end'));
  t.same(exchange.events, ['connection', 'head 200', 'end']);
});

const cut = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc';

t.test('how an exchange loses its connection', async (t) => {
  const rows: readonly (readonly [name: string, bytes: string, failure: string])[] = [
    ['closed before the response', '', 'connection-termination'],
    ['closed within the head', 'HTTP/1.1 200 OK\r\nX-', 'protocol-error'],
    ['closed behind a 103', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'connection-termination'],
    ['closed within the body', cut, 'protocol-error'],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n', 'protocol-error'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n', 'protocol-error'],
  ];
  for (const [name, bytes, failure] of rows) {
    const f = await PoolFixture.start(t);
    const { connection, exchange } = await f.acquire();
    connection.sendHead(requestHead());
    f.origin.connections[0]?.socket.end(bytes);
    await f.until('failure', () => exchange.events.at(-1)?.startsWith('failure') === true);
    t.equal(exchange.events.at(-1), `failure ${failure}`, name);
    t.equal(exchange.events.filter((event) => event.startsWith('failure')).length, 1, 'once');
    await f.settled();
  }
});

t.test('a reset by the peer is told apart from a close', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection, exchange } = await f.acquire();
  connection.sendHead(requestHead());
  f.origin.connections[0]?.socket.resetAndDestroy();
  await f.until('failure', () => exchange.events.length === 2);
  t.equal(exchange.events[1], 'failure reset');
  await f.settled();
});

t.test('a reset within a response breaks the protocol', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection, exchange } = await f.acquire();
  connection.sendHead(requestHead());
  const socket = f.origin.connections[0]?.socket;
  socket?.write(cut);
  await f.until('body', () => exchange.events.includes('body abc'));
  socket?.resetAndDestroy();
  await f.until('failure', () => exchange.events.length === 4);
  t.equal(exchange.events[3], 'failure protocol-error');
  await f.settled();
});

t.test('a body without a length ends with the connection', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection, exchange } = await f.acquire();
  connection.sendHead(requestHead());
  f.origin.connections[0]?.socket.end('HTTP/1.1 200 OK\r\n\r\nabc');
  await f.until('end', () => exchange.events.includes('end'));
  t.same(exchange.events.slice(1, 4), ['head 200', 'body abc', 'end']);
});

t.test('head and small body reach the peer in one read', async (t) => {
  let reads = 0;
  const handler = () => {
    reads++;
  };
  const f = await PoolFixture.start(t, {}, { handler });
  const { connection } = await f.acquire();
  const framing = { kind: 'length', length: 1_000 } as const;
  connection.sendHead(requestHead({ method: 'POST', framing }));
  connection.sendBody('x'.repeat(1_000));
  connection.sendEnd();
  await f.until('request', () => f.origin.received().length > 1_000);
  t.equal(reads, 1);
});

t.test('bytes after a 101 are the tunnel’s, also those that came with it', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection, exchange } = await f.acquire();
  connection.sendHead(requestHead());
  const origin = f.origin.connections[0]?.socket;
  origin?.write('HTTP/1.1 101 Switching Protocols\r\n\r\nearly ');
  await f.until('head', () => exchange.events.includes('head 101'));
  let seen = '';
  connection.becomeTunnel({
    onTunnelBytes: (bytes, start, end) => {
      seen += bytes.toString('latin1', start, end);
    },
    onTunnelEnd: () => {
      seen += ' end';
    },
  });
  origin?.end('late');
  await f.until('end of the tunnel', () => seen.endsWith(' end'));
  t.equal(seen, 'early late end');
});

t.test('a paused connection is not read', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection, exchange } = await f.acquire();
  connection.sendHead(requestHead());
  const origin = f.origin.connections[0]?.socket;
  connection.pauseReading();
  let buffered = 0;
  const body = Buffer.alloc(64 * 1024, 'x');
  origin?.write(`HTTP/1.1 200 OK\r\nContent-Length: ${400 * body.length}\r\n\r\n`);
  for (let i = 0; i < 400; i++) origin?.write(body);
  await f.until('full buffers', () => {
    const before = buffered;
    buffered = origin?.writableLength ?? 0;
    return before === buffered && buffered > 0;
  });
  t.same(exchange.events, ['connection']);
  connection.resumeReading();
  await f.until('end', () => exchange.events.includes('end'));
  t.pass('and all comes once it is read again');
});

t.test('a request leaves in its own framing', async (t) => {
  const length = { kind: 'length', length: 12 } as const;
  const head = 'POST /a?b=1 HTTP/1.1\r\nhost: a.example\r\n';
  const rows = [
    [length, `${head}\r\n0123456789ab`],
    [
      chunkedBody,
      `${head}transfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n2\r\nab\r\n0\r\n\r\n`,
    ],
  ] as const;
  for (const [framing, expected] of rows) {
    const f = await PoolFixture.start(t);
    const { connection } = await f.acquire();
    const request = requestHead({ method: 'POST', path: '/a?b=1', framing });
    connection.sendHead(request);
    connection.sendBody('0123456789');
    connection.sendBody(Buffer.from('ab'));
    connection.sendEnd();
    await f.until('request', () => f.origin.received().length >= expected.length);
    t.equal(f.origin.received().toString('latin1'), expected);
    t.notOk(request.headers.has('transfer-encoding'), 'the header block is nobody’s framing');
  }
});

t.test('who may have the connection after an exchange', async (t) => {
  const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na';
  const rows: readonly (readonly [name: string, bytes: string, kept: boolean])[] = [
    ['both messages have ended', whole, true],
    ['the response has not ended', whole.slice(0, -1), false],
    ['the peer says that it closes', whole.replace('Cont', 'Connection: close\r\nCont'), false],
  ];
  for (const [name, bytes, kept] of rows) {
    const f = await PoolFixture.start(t);
    const { connection, exchange } = await f.acquire();
    connection.sendHead(requestHead());
    f.origin.connections[0]?.socket.write(bytes);
    await f.until('head', () => exchange.events.includes('head 200'));
    connection.close();
    t.equal(connection.closed, !kept, name);
  }
});

t.test('a request that has not ended costs the connection', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection, exchange } = await f.acquire();
  connection.sendHead(requestHead({ method: 'POST', framing: chunkedBody }));
  f.origin.connections[0]?.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  await f.until('end', () => exchange.events.includes('end'));
  connection.close();
  t.ok(connection.closed);
});

t.test('a stream that was not used leaves its connection as it was', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection } = await f.acquire();
  connection.close();
  t.notOk(connection.closed);
  t.equal((await f.acquire()).connection, connection);
});
