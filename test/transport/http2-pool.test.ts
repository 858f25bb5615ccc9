// HTTP/2 connections to an endpoint: who shares them, how streams end, what is counted.

import { constants, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTcpServer } from 'node:net';
import t from 'tap';
import { HeaderList } from '../../src/http1/header-list.ts';
import { chunkedBody } from '../../src/http1/message-head.ts';
import type { Http2UpstreamStream } from '../../src/transport/http2-upstream-stream.ts';
import { listen } from '../support/listen.ts';
import { Client, head, isOver, respond, startEndpoint, until } from './http2-fixture.ts';
import { RecordingExchange } from './pool-fixture.ts';

t.test('all exchanges share one connection', async (t) => {
  const endpoint = await startEndpoint(t);
  const client = new Client(t, endpoint.port);
  const all = await Promise.all(['/a', '/b', '/c'].map((path) => client.finish(path)));
  for (const events of all) t.same(events, ['connection', 'head 200', 'body body', 'end']);
  t.equal(endpoint.sessions.length, 1);
  t.equal(client.environment.gate.stats.upstreamCxHttp2Total, 1);
  t.equal(client.environment.gate.pending, 0);
  t.same(endpoint.fields[0]?.slice(0, 4), [':authority', 'shop', ':path', '/a']);
});

t.test('a body and trailers go both ways', async (t) => {
  const seen: string[] = [];
  const endpoint = await startEndpoint(t, (stream) => {
    stream.on('data', (bytes) => seen.push(String(bytes)));
    stream.on('trailers', (_headers, _flags, raw) => seen.push(raw.join()));
    stream.on('end', () => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end('out');
    });
  });
  const exchange = await new Client(t, endpoint.port).acquire();
  await until('stream', () => exchange.connection !== null);
  const trailers = new HeaderList();
  trailers.append('x-sum', '7');
  exchange.connection?.sendHead(head('/', { method: 'POST', framing: chunkedBody }));
  exchange.connection?.sendBody('in-');
  exchange.connection?.sendBody(Buffer.from('side'));
  exchange.connection?.sendEnd(trailers);
  await until('end', () => isOver(exchange));
  t.equal(seen.join(''), 'in-sidex-sum,7');
  const told = exchange.events.filter((event) => event !== 'drain');
  t.same(told, ['connection', 'head 200', 'body out', 'end grpc-status,0']);
});

t.test('how a stream that fails has failed', async (t) => {
  const endpoint = await startEndpoint(t, (stream, path, session) => {
    if (path === '/refused') stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else if (path === '/reset') stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else if (path === '/goaway') {
      session.goaway(constants.NGHTTP2_NO_ERROR, (stream.id ?? 0) - 2);
      session.destroy();
    } else {
      stream.respond({ ':status': 200 });
      stream.write('part', () => session.socket.destroy());
    }
  });
  const client = new Client(t, endpoint.port);
  t.same(await client.finish('/refused'), ['connection', 'failure refused-stream']);
  t.same(await client.finish('/reset'), ['connection', 'failure remote-reset']);
  t.equal(endpoint.sessions.length, 1, 'the connection goes on');
  t.same(await client.finish('/goaway'), ['connection', 'failure refused-stream']);
  t.same((await client.finish('/cut')).slice(-1), ['failure connection-termination']);
  t.equal(endpoint.sessions.length, 2);
});

t.test('after GOAWAY the connection ends, whatever the endpoint does', async (t) => {
  // SETTINGS, then GOAWAY that refuses all streams; the endpoint never closes its side.
  const frames = Buffer.from(
    `${'000000040000000000'}${'000008070000000000'}${'00'.repeat(8)}`,
    'hex',
  );
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(frames));
    t.teardown(() => socket.destroy());
  });
  const client = new Client(t, await listen(t, server));
  t.same(await client.finish('/'), ['connection', 'failure refused-stream']);
  await until('closed', () => client.pool.openConnections === 0);
  t.equal(client.environment.gate.connections, 0);
});

t.test('an endpoint that does not speak HTTP/2', async (t) => {
  for (const [answer, failure] of [
    ['', 'connection-termination'],
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'protocol-error'],
  ] as const) {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.end(answer));
    });
    const client = new Client(t, await listen(t, server));
    t.same(await client.finish('/'), ['connection', `failure ${failure}`]);
    await until('closed', () => client.pool.openConnections === 0);
    t.equal(client.environment.gate.connections, 0);
  }
});

t.test('an endpoint that is not there fails everyone who waits', async (t) => {
  const server = createTcpServer();
  const port = await listen(t, server);
  await new Promise((resolve) => server.close(resolve));
  const client = new Client(t, port);
  const all = ['a', 'b'].map((name) => client.acquire(name));
  await until('failures', () => all.every(isOver));
  for (const { events } of all) t.same(events, ['failure connect-refused']);
  t.same(client.environment.gate.failures, ['refused']);
  t.equal(client.environment.gate.pending, 0);
});

t.test('what is one too many for a connection goes to a second, or waits', async (t) => {
  const held: ServerHttp2Stream[] = [];
  const settings = { maxConcurrentStreams: 1 };
  const endpoint = await startEndpoint(t, (stream) => held.push(stream), settings);
  const client = new Client(t, endpoint.port);
  client.environment.gate.connectionsMax = 2;
  await client.send('/first');
  await until('first', () => held.length === 1);
  await client.send('/second');
  await until('second', () => held.length === 2);
  t.equal(endpoint.sessions.length, 2);
  const third = client.acquire('third');
  t.same(third.events, [], 'no further connection may be opened');
  t.equal(client.environment.gate.pending, 1);
  for (const stream of held) respond(stream);
  await until('a free stream', () => third.connection !== null);
  t.equal(endpoint.sessions.length, 2);
});

t.test('a request that leaves resets its stream, not the connection', async (t) => {
  let code = -1;
  const endpoint = await startEndpoint(t, (stream, path) => {
    if (path === '/') respond(stream);
    else stream.on('close', () => (code = stream.rstCode));
  });
  const client = new Client(t, endpoint.port);
  const exchange = await client.send('/slow');
  await until('arrived', () => endpoint.fields.length === 1);
  exchange.connection?.close();
  await until('reset', () => code >= 0);
  t.equal(code, constants.NGHTTP2_INTERNAL_ERROR);
  t.same(exchange.events, ['connection']);
  t.same((await client.finish('/')).slice(-1), ['end']);
  t.equal(endpoint.sessions.length, 1);
});

t.test('a connection is given up after its requests, its age and its idle time', async (t) => {
  const endpoint = await startEndpoint(t);
  const client = new Client(t, endpoint.port, {
    maxRequestsPerConnection: 2,
    maxConnectionDurationMs: 60_000,
    idleTimeoutMs: 5_000,
  });
  const { clock, gate, timers } = client.environment;
  const until0 = () => until('closed', () => gate.connections === 0);
  for (const path of ['/1', '/2', '/3']) await client.finish(path);
  t.equal(endpoint.sessions.length, 2);
  t.equal(gate.stats.upstreamCxMaxRequests, 1);
  timers.advance(5_000);
  await until0();
  t.equal(gate.stats.upstreamCxIdleTimeout, 1);
  await client.finish('/4');
  clock.advance(60_000);
  await client.finish('/5');
  t.equal(endpoint.sessions.length, 4);
  t.equal(gate.stats.upstreamCxMaxDurationReached, 1);
});

t.test('a connection that is not made in time', async (t) => {
  const client = new Client(t, 1, { connectTimeoutMs: 0 });
  const exchange = client.acquire();
  client.environment.timers.advance(1_000);
  await until('failure', () => isOver(exchange));
  t.match(exchange.events, [/failure connect-(timeout|refused)/]);
});

t.test('a drained pool ends with its last stream', async (t) => {
  const held: ServerHttp2Stream[] = [];
  const endpoint = await startEndpoint(t, (stream) => held.push(stream));
  const client = new Client(t, endpoint.port);
  const exchange = await client.send('/open');
  await until('arrived', () => held.length === 1);
  client.pool.drain();
  t.equal(client.pool.openConnections, 1);
  for (const stream of held) respond(stream);
  await until('end', () => isOver(exchange));
  t.same(exchange.events.slice(-1), ['end']);
  await until('closed', () => client.pool.openConnections === 0);
});

t.test('whatever a client repeats or names goes up, or stays behind', async (t) => {
  const endpoint = await startEndpoint(t);
  const client = new Client(t, endpoint.port);
  const names = [
    ...['range', 'from', 'etag', 'date', 'content-language', 'max-forwards', 'dnt', 'age'],
    ...['proxy-authorization', 'content-location', 'upgrade-insecure-requests', 'host'],
    ...['http2-settings', 'connection', 'upgrade', 'te', 'constructor', '__proto__'],
  ];
  const exchange = client.acquire();
  await until('stream', () => exchange.connection !== null);
  const headers = new HeaderList();
  headers.append('host', 'shop');
  for (const name of [...names, ...names]) headers.append(name, 'x');
  exchange.connection?.sendHead(head('/', { headers }));
  await until('end', () => isOver(exchange));
  t.same(exchange.events.slice(-1), ['end']);
  const arrived = endpoint.fields[0] ?? [];
  t.equal(arrived.filter((name) => name === 'range').length, 2);
  t.notOk(arrived.includes('http2-settings'));
});

t.test('trailers of any name go up', async (t) => {
  let seen: readonly string[] = [];
  const endpoint = await startEndpoint(t, (stream) => {
    stream.resume();
    stream.on('trailers', (_headers, _flags, raw) => {
      seen = raw;
    });
    stream.on('end', () => respond(stream));
  });
  const exchange = new Client(t, endpoint.port).acquire();
  await until('stream', () => exchange.connection !== null);
  const trailers = new HeaderList();
  for (const name of ['constructor', 'etag', 'etag', '__proto__']) trailers.append(name, 'x');
  exchange.connection?.sendHead(head('/', { method: 'POST', framing: chunkedBody }));
  exchange.connection?.sendEnd(trailers);
  await until('end', () => isOver(exchange));
  t.same(exchange.events.slice(-1), ['end']);
  t.equal(seen.filter((name) => name === 'etag').length, 2);
  t.ok(seen.includes('constructor'));
});

t.test('a head that comes when the connection takes no streams any more', async (t) => {
  const endpoint = await startEndpoint(t);
  const client = new Client(t, endpoint.port);
  const late = client.acquire();
  await until('stream', () => late.connection !== null);
  await until('session', () => endpoint.sessions.length === 1);
  const stream = late.connection as Http2UpstreamStream;
  endpoint.sessions[0]?.goaway();
  await until('retired', () => client.pool.acquire(new RecordingExchange('', [])) === 'pending');
  stream.sendHead(head('/'));
  await until('failure', () => isOver(late));
  t.same(late.events, ['connection', 'failure refused-stream']);
  t.same((await client.finish('/next')).slice(-1), ['end']);
});

t.test('thousands that wait and are not wanted after all end one by one', async (t) => {
  const endpoint = await startEndpoint(t);
  const client = new Client(t, endpoint.port);
  const all = Array.from({ length: 20_000 }, (_, index) => {
    const exchange = new RecordingExchange<Http2UpstreamStream>(String(index), client.order);
    exchange.wanted = false;
    return client.acquire('', exchange);
  });
  await until('all asked', () => client.order.length === all.length);
  t.equal(client.environment.gate.pending, 0);
  t.same((await client.finish('/next')).slice(-1), ['end']);
});

t.test('an upgrade is an extended CONNECT, and then a tunnel', async (t) => {
  const endpoint = await startEndpoint(
    t,
    (stream) => {
      stream.respond({ ':status': 200 });
      stream.pipe(stream);
    },
    { enableConnectProtocol: true },
  );
  const exchange = new Client(t, endpoint.port).acquire();
  await until('stream', () => exchange.connection !== null);
  const headers = new HeaderList();
  for (const [name, value] of [
    ['host', 'a'],
    ['connection', 'upgrade'],
    ['upgrade', 'websocket'],
  ]) {
    headers.append(name as string, value as string);
  }
  const stream = exchange.connection as Http2UpstreamStream;
  stream.sendHead(head('/ws', { headers, upgrading: true }));
  await until('head', () => exchange.events.includes('head 101'));
  const received: string[] = [];
  stream.becomeTunnel({
    onTunnelBytes: (bytes, start, end) => received.push(bytes.toString('latin1', start, end)),
    onTunnelEnd: () => received.push('end'),
  });
  stream.sendTunnelBytes(Buffer.from('<<hello>>'), 2, 7);
  await until('echo', () => received.join('') === 'hello');
  t.ok(endpoint.fields[0]?.join().includes(':method,CONNECT'));
  stream.closeTunnel();
});
