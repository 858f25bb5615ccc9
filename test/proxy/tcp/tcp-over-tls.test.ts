/** TLS ends at the proxy, and what it carried is passed on as TCP. */

import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { matchAny } from '../../../src/model/filter-chain.ts';
import { clusterOf, listenerModel, meshOf } from '../../support/mesh-models.ts';
import { atRest, rawServer } from '../../support/proxied-tcp.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { tcpChain } from '../../support/tcp-models.ts';
import { authoritySecret, pairSecret, secretsOf, simpleTls } from '../../support/tls-fixtures.ts';
import { tlsClient } from '../../support/tls-proxy.ts';

async function start(t: Test, onSocket: (socket: Socket) => void): Promise<ProxyHarness> {
  const port = await rawServer(t, onSocket);
  const match = { ...matchAny, serverNames: ['a.example.com'] };
  const listener = listenerModel({ filterChains: [tcpChain({ tls: simpleTls(), match })] });
  const mesh = meshOf({ clusters: [clusterOf('origin', [port])], listeners: [listener] });
  const proxy = await ProxyHarness.start(t, mesh);
  await proxy.runtime.apply(mesh, secretsOf(pairSecret('server-a'), authoritySecret()));
  return proxy;
}

/** Everything that comes, until the end. */
function readAll(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  return new Promise((resolve, reject) => {
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}

t.test('bytes pass both ways, in plain text to the endpoint', async (t) => {
  const proxy = await start(t, (socket) => {
    socket.write('banner ');
    socket.once('data', (data) => socket.end(`got ${data.toString()}`));
  });
  const client = tlsClient(t, proxy.port);
  client.write('hello');
  t.equal(await readAll(client), 'banner got hello');
  client.end();
  const { flags, received, sent, info } = await proxy.ending();
  t.same({ flags, received, sent }, { flags: '-', received: 5, sent: 16 });
  t.match(info, { requestedServerName: 'a.example.com', tls: { version: 'TLSv1.3' } });
  await proxy.until('rest', () => atRest(proxy));
});

t.test('the client ends its direction, and the answer still comes', async (t) => {
  const proxy = await start(t, (socket) => {
    let text = '';
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.on('end', () => setImmediate(() => socket.end(`got ${text}`)));
  });
  const client = tlsClient(t, proxy.port, { allowHalfOpen: true } as ConnectionOptions);
  client.end('all of it');
  t.equal(await readAll(client), 'got all of it');
  t.match(await proxy.ending(), { flags: '-', received: 9, sent: 13 });
  await proxy.until('rest', () => atRest(proxy));
});

t.test('a large stream to a slow client arrives whole', async (t) => {
  const piece = Buffer.alloc(64 * 1024, 'y');
  const count = 128;
  const sent = createHash('sha256');
  const proxy = await start(t, (socket) => {
    for (let i = 0; i < count; i++) {
      sent.update(piece);
      socket.write(piece);
    }
    socket.end();
  });
  const client = tlsClient(t, proxy.port);
  const received = createHash('sha256');
  for await (const chunk of client) received.update(chunk as Buffer);
  t.equal(received.digest('hex'), sent.digest('hex'));
  t.match(await proxy.ending(), { sent: piece.length * count });
});

t.test('a reset by the endpoint is one for the client', async (t) => {
  const proxy = await start(t, (socket) => {
    socket.once('data', () => socket.resetAndDestroy());
  });
  const client = tlsClient(t, proxy.port);
  client.write('x');
  const code = new Promise<string>((resolve) => {
    client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
  t.equal(await code, 'ECONNRESET');
  t.match(await proxy.ending(), { flags: 'UR' });
  await proxy.until('rest', () => atRest(proxy));
});
