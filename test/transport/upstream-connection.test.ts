import t from 'tap';
import { PoolFixture } from './pool-fixture.ts';

t.test('what a response is made of is told in order', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection, exchange } = await f.acquire();
  connection.expectResponse('GET');
  f.origin.connections[0]?.socket.write(
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n',
  );
  await f.until('end', () => exchange.events.length === 5);
  t.same(exchange.events, [
    'connection',
    'informational 100',
    'head 200',
    'body abc',
    'end x-sum,7',
  ]);
  t.ok(connection.parserIdle);
  t.match(connection.localAddress, /^127\.0\.0\.1:\d+$/);
});

t.test('the method decides whether a body follows', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection, exchange } = await f.acquire();
  connection.expectResponse('HEAD');
  f.origin.connections[0]?.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n');
  await f.until('end', () => exchange.events.includes('end'));
  t.same(exchange.events, ['connection', 'head 200', 'end']);
});

const cut = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc';

t.test('how an exchange loses its connection', async (t) => {
  const rows: readonly (readonly [name: string, bytes: string, failure: string])[] = [
    ['closed before the response', '', 'connection-termination'],
    ['closed within the head', 'HTTP/1.1 200 OK\r\nX-', 'connection-termination'],
    ['closed within the body', cut, 'protocol-error'],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n', 'protocol-error'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n', 'protocol-error'],
  ];
  for (const [name, bytes, failure] of rows) {
    const f = await PoolFixture.start(t);
    const { connection, exchange } = await f.acquire();
    connection.expectResponse('GET');
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
  connection.expectResponse('GET');
  f.origin.connections[0]?.socket.resetAndDestroy();
  await f.until('failure', () => exchange.events.length === 2);
  t.equal(exchange.events[1], 'failure reset');
  await f.settled();
});

t.test('a body without a length ends with the connection', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection, exchange } = await f.acquire();
  connection.expectResponse('GET');
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
  const body = Buffer.alloc(1_000, 'x');
  connection.writer.text('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n');
  connection.writer.bytes(body, 0, body.length);
  connection.writer.flush();
  await f.until('request', () => f.origin.received().length > 1_000);
  t.equal(reads, 1);
});

t.test('bytes after a 101 are the tunnel’s, also those that came with it', async (t) => {
  const f = await PoolFixture.start(t);
  const { connection, exchange } = await f.acquire();
  connection.expectResponse('GET');
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
  connection.expectResponse('GET');
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
