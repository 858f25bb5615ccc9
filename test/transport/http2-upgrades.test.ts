// Extended CONNECT is for endpoints that have allowed it (RFC 8441, section 3).

import t, { type Test } from 'tap';
import { HeaderList } from '../../src/http1/header-list.ts';
import { flag } from '../../src/http2/protocol.ts';
import { data, goaway, settings } from '../http2/frames.ts';
import {
  answering,
  Client,
  type Exchange,
  head,
  isOver,
  ScriptedEndpoint,
  streamOf,
  until,
} from './http2-fixture.ts';

const granted = answering([':status', '200'], flag.endHeaders);

/** An exchange with a stream, on which nothing has been sent. */
async function connected(client: Client): Promise<Exchange> {
  const exchange = client.acquire();
  await until('stream', () => exchange.connection !== null);
  return exchange;
}

function sendUpgrade(exchange: Exchange): void {
  const headers = new HeaderList();
  headers.append('host', 'a');
  headers.append('upgrade', 'websocket');
  streamOf(exchange).sendHead(head('/ws', { headers, upgrading: true }));
}

/** An endpoint that says no SETTINGS before the test does; upgrades (stream 3) it grants. */
function silent(t: Test): Promise<ScriptedEndpoint> {
  return ScriptedEndpoint.start(t, (frame) => (frame.streamId === 3 ? granted(frame) : null), null);
}

t.test('an endpoint that does not allow it gets nothing of it', async (t) => {
  const endpoint = await ScriptedEndpoint.start(t, granted);
  const client = new Client(t, endpoint.port);
  t.match(await client.send('/before'), { events: ['connection'] });
  const exchange = await connected(client);
  sendUpgrade(exchange);
  t.same(exchange.events, ['connection'], 'it hears of it afterwards');
  await until('end', () => isOver(exchange));
  t.same(exchange.events, ['connection', 'failure upgrade-not-allowed']);
  const other = await client.send('/after');
  await until('response', () => other.events.includes('head 200'));
  t.equal(endpoint.sockets.length, 1, 'the connection serves others');
  t.equal(endpoint.seen('headers').length, 2);
});

t.test('before the first SETTINGS a request for an upgrade waits', async (t) => {
  const endpoint = await silent(t);
  const client = new Client(t, endpoint.port);
  const exchange = await connected(client);
  sendUpgrade(exchange);
  streamOf(exchange).sendBody('early');
  t.equal(streamOf(exchange).bufferedBytes, 5);
  await client.send('/other');
  await until('other request', () => endpoint.seen('headers').length > 0);
  t.equal(endpoint.seen('headers').length, 1);
  t.same(exchange.events, ['connection']);
  endpoint.socket.write(settings({ enableConnectProtocol: 1 }));
  await until('head', () => exchange.events.includes('head 101'));
  await until('data', () => endpoint.seen('data').length > 0);
  t.same(endpoint.seen('data'), [`3 ${Buffer.from('early').toString('hex')}`]);
  endpoint.socket.write(data(3, 'x', flag.endStream));
  await until('end', () => isOver(exchange));
});

t.test('SETTINGS that do not allow it end the wait', async (t) => {
  const endpoint = await silent(t);
  const exchange = await connected(new Client(t, endpoint.port));
  sendUpgrade(exchange);
  const other = await connected(new Client(t, endpoint.port));
  t.same(other.events, ['connection']);
  for (const socket of endpoint.sockets) socket.write(settings());
  await until('end', () => isOver(exchange));
  t.same(exchange.events, ['connection', 'failure upgrade-not-allowed']);
  t.same(endpoint.seen('headers'), []);
});

t.test('the wait ends with the connection, and with the exchange', async (t) => {
  const endpoint = await silent(t);
  const client = new Client(t, endpoint.port);
  const lost = await connected(client);
  sendUpgrade(lost);
  const left = await connected(client);
  sendUpgrade(left);
  streamOf(left).close();
  endpoint.socket.end();
  await until('end', () => isOver(lost));
  t.equal(lost.events.length, 2);
  t.match(lost.events[1], /^failure (connection-termination|not-sent)/);
  t.same(left.events, ['connection']);
  t.equal(client.pool.openConnections, 0);
});

t.test('an endpoint that goes away at once has refused it', async (t) => {
  const endpoint = await silent(t);
  const exchange = await connected(new Client(t, endpoint.port));
  sendUpgrade(exchange);
  const allowed = settings({ enableConnectProtocol: 1 });
  endpoint.socket.write(Buffer.concat([allowed, goaway(0, 0)]));
  await until('end', () => isOver(exchange));
  t.same(exchange.events, ['connection', 'failure refused-stream']);
});
