/** Endpoints that are told who their client is, over HTTP: a connection is for one client. */

import { createServer as createHttp2Server } from 'node:http2';
import t from 'tap';
import { parseProxyHeader } from '../../../src/transport/proxy-protocol.ts';
import { clusterOf, meshOf } from '../../support/mesh-models.ts';
import { Origin, type OriginConnection } from '../../support/origin.ts';
import { rawServer } from '../../support/proxied-tcp.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';

const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Answers each head with 200; the header is not one of them. */
function answerHeads({ socket }: OriginConnection, data: Buffer): void {
  const heads = data.toString('latin1').split('\r\n\r\n').length - 1;
  socket.write(answer.repeat(heads));
}

/** Port of the client that a connection of an origin was told of. */
function toldPort(connection: OriginConnection | undefined): number | null {
  const header = connection === undefined ? 'incomplete' : parseProxyHeader(connection.received());
  return typeof header === 'string' ? null : (header.ends?.source.port ?? null);
}

t.test('each client has connections of its own, kept for its next request', async (t) => {
  const origin = await Origin.start(answerHeads);
  t.teardown(() => origin.stop());
  const cluster = clusterOf('origin', [origin.port], { proxyProtocol: 'V1' });
  const proxy = await ProxyHarness.start(t, meshOf({ clusters: [cluster] }));
  const clients = [await proxy.connect(), await proxy.connect()];
  for (let round = 0; round < 3; round++) {
    for (const client of clients) {
      client.write(getRequest('/', 'a'));
      t.equal((await client.readResponse()).status, 200);
    }
  }
  t.equal(origin.connections.length, 2);
  t.same(
    origin.connections.map(toldPort),
    clients.map(({ socket }) => socket.localPort),
  );
  for (const { socket } of clients) socket.destroy();
});

t.test('the clients that were seen least recently make room', async (t) => {
  const origin = await Origin.start(answerHeads);
  t.teardown(() => origin.stop());
  const cluster = clusterOf('origin', [origin.port], { proxyProtocol: 'V1' });
  const limits = { clientsPerEndpoint: 2 };
  const proxy = await ProxyHarness.start(t, meshOf({ clusters: [cluster], limits }));
  const clients = await Promise.all([proxy.connect(), proxy.connect(), proxy.connect()]);
  const ask = async (index: number): Promise<void> => {
    clients[index]?.write(getRequest('/', 'a'));
    t.equal((await clients[index]?.readResponse())?.status, 200);
  };
  for (const index of [0, 1, 0, 2]) await ask(index);
  const { breaker } = proxy.cluster();
  await proxy.until('room', () => breaker.connections === 2);
  await ask(0);
  t.equal(origin.connections.length, 3);
  await ask(1);
  t.equal(origin.connections.length, 4);
  for (const client of clients) client.destroy();
});

t.test('the connections of a client end with its own', async (t) => {
  const origin = await Origin.start(answerHeads);
  t.teardown(() => origin.stop());
  const cluster = clusterOf('origin', [origin.port], { proxyProtocol: 'V1' });
  const proxy = await ProxyHarness.start(t, meshOf({ clusters: [cluster] }));
  const clients = [await proxy.connect(), await proxy.connect()];
  for (const client of clients) {
    client.write(getRequest('/', 'a'));
    t.equal((await client.readResponse()).status, 200);
  }
  const { breaker } = proxy.cluster();
  t.equal(breaker.connections, 2);
  clients[0]?.destroy();
  await proxy.until('the first is gone', () => breaker.connections === 1);
  clients[1]?.write(getRequest('/', 'a'));
  t.equal((await clients[1]?.readResponse())?.status, 200);
  t.equal(origin.connections.length, 2);
  clients[1]?.destroy();
  await proxy.until('and the other', () => breaker.connections === 0);
});

t.test('a reload that asks for the header holds for the next request', async (t) => {
  const origin = await Origin.start(answerHeads);
  t.teardown(() => origin.stop());
  const plain = clusterOf('origin', [origin.port]);
  const proxy = await ProxyHarness.start(t, meshOf({ clusters: [plain] }));
  const client = await proxy.connect();
  const ask = async (): Promise<void> => {
    client.write(getRequest('/', 'a'));
    t.equal((await client.readResponse()).status, 200);
  };
  await ask();
  await proxy.runtime.apply(meshOf({ clusters: [{ ...plain, proxyProtocol: 'V1' }] }));
  await ask();
  t.same(origin.connections.map(toldPort), [null, client.socket.localPort]);
  await proxy.runtime.apply(meshOf({ clusters: [plain] }));
  await ask();
  t.equal(origin.connections.length, 3);
  t.equal(toldPort(origin.connections[2]), null);
  client.destroy();
});

t.test('HTTP/2 begins behind the header', async (t) => {
  const server = createHttp2Server((_, response) => response.end('ok'));
  const headers: unknown[] = [];
  const port = await rawServer(t, (socket) => {
    socket.once('data', (data: Buffer) => {
      socket.pause();
      const header = parseProxyHeader(data);
      headers.push(header);
      const length = typeof header === 'string' ? 0 : header.length;
      if (data.length > length) socket.unshift(data.subarray(length));
      server.emit('connection', socket);
    });
  });
  const cluster = clusterOf('origin', [port], { proxyProtocol: 'V2', protocol: 'http2' });
  const proxy = await ProxyHarness.start(t, meshOf({ clusters: [cluster] }));
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  t.equal((await client.readResponse()).status, 200);
  t.match(headers, [{ version: 2, ends: { source: { port: client.socket.localPort } } }]);
  client.destroy();
});
