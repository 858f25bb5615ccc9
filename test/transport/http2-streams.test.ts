// Exchanges on HTTP/2 streams: how they are paced, what ends them, and what leaves the others alone.

import { constants, type ServerHttp2Stream } from 'node:http2';
import t from 'tap';
import { HeaderList } from '../../src/http1/header-list.ts';
import { chunkedBody } from '../../src/http1/message-head.ts';
import { defaultHttp2Limits } from '../../src/http2/http2-limits.ts';
import { errorCode, flag, frameType } from '../../src/http2/protocol.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { data, frame, goaway, headers, rstStream, settings } from '../http2/frames.ts';
import { frameTypes } from '../support/h2-frames.ts';
import {
  answering,
  Client,
  head,
  isOver,
  respond,
  ScriptedEndpoint,
  startEndpoint,
  streamOf,
  until,
} from './http2-fixture.ts';

const post = { method: 'POST', framing: chunkedBody } as const;

function receivedBytes(events: readonly string[]): number {
  const bodies = events.filter((event) => event.startsWith('body '));
  return bodies.reduce((sum, event) => sum + event.length - 'body '.length, 0);
}

t.test('a response that is paused holds a window at most, and no other stream', async (t) => {
  const total = 4_000_000;
  const endpoint = await startEndpoint(t, (stream, path) => {
    respond(stream, path === '/large' ? 'x'.repeat(total) : 'small');
  });
  const client = new Client(t, endpoint.port);
  const paused = client.acquire('/large');
  await until('stream', () => paused.connection !== null);
  streamOf(paused).sendHead(head('/large'));
  streamOf(paused).pauseReading();
  await until('head', () => paused.events.includes('head 200'));
  t.same((await client.finish('/small')).slice(-1), ['end']);
  const window = defaultHttp2Limits.streamWindowBytes;
  await until('a window', () => receivedBytes(paused.events) === window);
  t.same((await client.finish('/small')).slice(-1), ['end']);
  t.equal(receivedBytes(paused.events), window);
  streamOf(paused).resumeReading();
  await until('end', () => isOver(paused));
  t.equal(receivedBytes(paused.events), total);
  t.equal(endpoint.sessions.length, 1);
});

t.test('a body that the endpoint does not read waits, and goes on when it does', async (t) => {
  const total = 4_000_000;
  const held: ServerHttp2Stream[] = [];
  let received = 0;
  const endpoint = await startEndpoint(t, (stream) => {
    held.push(stream);
    stream.on('end', () => respond(stream));
  });
  const exchange = new Client(t, endpoint.port).acquire();
  await until('stream', () => exchange.connection !== null);
  const stream = streamOf(exchange);
  stream.sendHead(head('/', post));
  stream.sendBody(Buffer.alloc(total, 'x'));
  stream.sendBody('and text');
  await until('arrival', () => held.length === 1);
  t.ok(stream.bufferedBytes > total / 2, `${stream.bufferedBytes} bytes wait`);
  t.notOk(exchange.events.includes('drain'));
  held[0]?.on('data', (bytes: Buffer) => {
    received += bytes.length;
  });
  await until('drain', () => exchange.events.includes('drain'));
  stream.sendEnd(null);
  await until('end', () => isOver(exchange));
  t.equal(received, total + 'and text'.length);
  t.equal(stream.bufferedBytes, 0);
});

t.test('a response that comes before the request is whole', async (t) => {
  let code = -1;
  const endpoint = await startEndpoint(t, (stream, path) => {
    if (path === '/early') stream.on('close', () => (code = stream.rstCode));
    respond(stream);
    stream.resume();
  });
  const client = new Client(t, endpoint.port);
  const exchange = client.acquire();
  await until('stream', () => exchange.connection !== null);
  const stream = streamOf(exchange);
  stream.sendHead(head('/early', post));
  stream.sendBody('some');
  await until('end', () => isOver(exchange));
  t.same(exchange.events, ['connection', 'head 200', 'body body', 'end']);
  stream.sendBody('more');
  // As an exchange does that has its response.
  stream.close();
  await until('reset', () => code >= 0);
  t.equal(code, constants.NGHTTP2_INTERNAL_ERROR);
  t.same((await client.finish('/next')).slice(-1), ['end']);
  t.equal(endpoint.sessions.length, 1);
});

t.test('informational responses, and responses without a body', async (t) => {
  const endpoint = await startEndpoint(t, (stream, path) => {
    stream.additionalHeaders({ ':status': 103, link: '</a.css>' });
    stream.respond(
      { ':status': path === '/none' ? 204 : 200, 'content-length': '5' },
      {
        endStream: true,
      },
    );
  });
  const client = new Client(t, endpoint.port);
  const none = ['connection', 'informational 103', 'head 204', 'end'];
  t.same(await client.finish('/none'), none);
  const exchange = client.acquire();
  streamOf(exchange).sendHead(head('/', { method: 'HEAD' }));
  await until('end', () => isOver(exchange));
  t.same(exchange.events, ['connection', 'informational 103', 'head 200', 'end']);
});

const ok = [':status', '200'];
const many = Array.from({ length: 101 }, (_, index) => [`x-${index}`, '1']).flat();
const large = Array.from({ length: 9 }, (_, index) => [`x-${index}`, 'x'.repeat(9_500)]).flat();

for (const [what, fields, failure] of [
  ['without a status', ['x-a', '1'], 'protocol-error'],
  ['with two of them', [...ok, ...ok], 'protocol-error'],
  ['with a status that is none', [':status', 'abc'], 'protocol-error'],
  ['that would switch protocols', [':status', '101'], 'protocol-error'],
  ['with upper case', [...ok, 'X-A', '1'], 'protocol-error'],
  ['with a field of connections', [...ok, 'connection', 'close'], 'protocol-error'],
  ['with a zero byte', [...ok, 'x-a', 'a\0b'], 'protocol-error'],
  ['shorter than it says', [...ok, 'content-length', '5'], 'protocol-error'],
  ['with too many fields', [...ok, ...many], 'remote-reset'],
] as const) {
  t.test(`a response ${what} fails alone`, async (t) => {
    let answers = 0;
    const endpoint = await ScriptedEndpoint.start(t, ({ type, streamId }) => {
      if (type !== frameTypes.headers) return null;
      return headers(streamId, answers++ === 1 ? fields : ok);
    });
    const client = new Client(t, endpoint.port);
    await client.finish('/first');
    t.same(await client.finish('/'), ['connection', `failure ${failure}`]);
    t.same(await client.finish('/next'), ['connection', 'head 200', 'end']);
    t.equal(endpoint.sockets.length, 1);
    const { stats } = client.environment.gate;
    t.equal(stats.upstreamCxProtocolError, failure === 'protocol-error' ? 1 : 0);
  });
}

t.test('a head that is larger than the limit', async (t) => {
  const endpoint = await startEndpoint(t, (stream) => {
    const fields = Object.fromEntries(
      large.flatMap((_, i) => (i % 2 === 0 ? [large.slice(i, i + 2)] : [])),
    );
    stream.respond({ ':status': 200, ...fields });
    stream.end();
  });
  const client = new Client(t, endpoint.port);
  t.ok(large.join('').length > defaultLimits.responseHeadBytes);
  const events = await client.finish('/');
  t.same(events, ['connection', 'failure remote-reset']);
});

t.test('frames that no endpoint may send end the connection for all', async (t) => {
  const push = frame(frameType.pushPromise, flag.endHeaders, 1, '\0\0\0\x02');
  const endpoint = await ScriptedEndpoint.start(t, ({ type, streamId }) =>
    type === frameTypes.headers && streamId === 3 ? push : null,
  );
  const client = new Client(t, endpoint.port);
  const all = [await client.send('/1'), await client.send('/2')];
  await until('failures', () => all.every(isOver));
  for (const { events } of all) t.same(events, ['connection', 'failure protocol-error']);
  await until('farewell', () => endpoint.seen('goaway').length === 1);
  t.match(endpoint.seen('goaway')[0], /^0 0000000000000001/, 'PROTOCOL_ERROR');
  await until('closed', () => client.pool.openConnections === 0);
  t.equal(client.environment.gate.stats.upstreamCxProtocolError, 1);
});

t.test('an endpoint that floods the proxy loses its connection', async (t) => {
  const endpoint = await ScriptedEndpoint.start(t, ({ type }, socket) => {
    if (type === frameTypes.headers) {
      for (let i = 0; i < 400; i++) socket.write(frame(0xee, 0, 0));
    }
    return null;
  });
  const client = new Client(t, endpoint.port);
  t.same(await client.finish('/'), ['connection', 'failure protocol-error']);
  await until('farewell', () => endpoint.seen('goaway').length === 1);
  t.match(endpoint.seen('goaway')[0], /^0 000000000000000b/, 'ENHANCE_YOUR_CALM');
});

t.test('GOAWAY: what the endpoint has looked at ends there, the rest fails at once', async (t) => {
  const endpoint = await ScriptedEndpoint.start(t, ({ type, streamId }) =>
    type === frameTypes.headers && streamId === 3 ? goaway(1, errorCode.noError) : null,
  );
  const client = new Client(t, endpoint.port);
  const first = await client.send('/1');
  const second = await client.send('/2');
  await until('refusal', () => isOver(second));
  t.same(second.events, ['connection', 'failure refused-stream']);
  const third = client.acquire('/3');
  await until('another connection', () => third.connection !== null);
  t.equal(endpoint.sockets.length, 2);
  endpoint.sockets[0]?.write(Buffer.concat([headers(1, ok, flag.endHeaders), data(1, 'late', 1)]));
  await until('end', () => isOver(first));
  t.same(first.events, ['connection', 'head 200', 'body late', 'end']);
  await until('closed', () => client.pool.openConnections === 1);
});

t.test('a reset after the whole response is none', async (t) => {
  const endpoint = await ScriptedEndpoint.start(t, ({ type, streamId }) =>
    type === frameTypes.headers
      ? Buffer.concat([headers(streamId, ok), rstStream(streamId, errorCode.noError)])
      : null,
  );
  const client = new Client(t, endpoint.port);
  const exchange = client.acquire();
  await until('stream', () => exchange.connection !== null);
  streamOf(exchange).sendHead(head('/', post));
  await until('end', () => isOver(exchange));
  t.same(exchange.events, ['connection', 'head 200', 'end']);
  const next = client.acquire();
  t.not(next.connection, null, 'the stream that ended is no longer counted');
});

t.test('a tunnel that the client ends has a moment for its last bytes', async (t) => {
  const greeting = settings({ enableConnectProtocol: 1 });
  const endpoint = await ScriptedEndpoint.start(t, answering(ok, flag.endHeaders), greeting);
  const client = new Client(t, endpoint.port);
  const exchange = client.acquire();
  await until('stream', () => exchange.connection !== null);
  const upgrade = new HeaderList();
  upgrade.append('host', 'a');
  upgrade.append('upgrade', 'websocket');
  const stream = streamOf(exchange);
  stream.sendHead(head('/ws', { headers: upgrade, upgrading: true }));
  await until('head', () => exchange.events.includes('head 101'));
  const told: string[] = [];
  stream.becomeTunnel({
    onTunnelBytes: () => told.push('bytes'),
    onTunnelEnd: () => told.push('end'),
  });
  stream.sendTunnelBytes(Buffer.from('bye'), 0, 3);
  stream.closeTunnel();
  await until('data', () => endpoint.seen('data').length > 0);
  t.same(endpoint.seen('data'), [`1 ${Buffer.from('bye').toString('hex')}`]);
  endpoint.socket.write(data(1, 'nobody hears it'));
  client.environment.timers.advance(defaultLimits.tunnelLingerMs - 1_000);
  const other = await client.send('/');
  await until('another response', () => other.events.includes('head 200'));
  t.same(endpoint.seen('rstStream'), []);
  client.environment.timers.advance(1_100);
  await until('reset', () => endpoint.seen('rstStream').length === 1);
  t.same(endpoint.seen('rstStream'), ['1 00000002']);
  t.same(told, []);
});
