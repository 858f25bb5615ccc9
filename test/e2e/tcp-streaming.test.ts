/**
 * A TCP server of a Gateway: bytes pass both ways at once to readers that are slow, nothing is
 * lost, and the proxy's memory stays flat. 32 MiB each way; 256 MiB with SLUICE_FULL=1.
 */

import { createHash, type Hash } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import t from 'tap';
import { pause, within } from '../support/deadline.ts';
import { startEdgeProxy } from '../support/edge-proxy.ts';
import { freePorts } from '../support/free-port.ts';
import { RawConnection } from '../support/raw-client.ts';
import { watchMemory } from '../support/watch-memory.ts';

const mebibyte = 1024 * 1024;
const size = (process.env.SLUICE_FULL === '1' ? 256 : 32) * mebibyte;
const chunk = Buffer.alloc(256 * 1024, 'x');
/** How much the proxy may grow while bytes pass: buffers that await their collection. */
const growthLimit = 120 * mebibyte;
const timeoutMs = size / 1_000;

t.setTimeout(2 * timeoutMs + 30_000);

const config = (port: number): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db}
spec:
  hosts: [db.test]
  resolution: STATIC
  ports: [{number: 9000, name: tcp, protocol: TCP}]
  endpoints: [{address: 127.0.0.1, ports: {tcp: ${port}}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: db}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 9000, name: tcp, protocol: TCP}, hosts: ["*"]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: db}
spec:
  hosts: ["*"]
  gateways: [db]
  tcp: [{route: [{destination: {host: db.test, port: {number: 9000}}}]}]
`;

/** Writes as fast as it is taken, then ends. Every chunk differs from the one before. */
function send(socket: Socket): Hash {
  const hash = createHash('sha256');
  let sent = 0;
  const more = (): void => {
    while (sent < size) {
      const piece = Buffer.from(chunk);
      piece.writeUInt32BE(sent, 0);
      hash.update(piece);
      sent += piece.length;
      if (!socket.write(piece)) return;
    }
    socket.off('drain', more);
    socket.end();
  };
  socket.on('drain', more);
  more();
  return hash;
}

/** Reads with a rest after each mebibyte, for as long as bytes come. */
async function receive(socket: Socket, look: () => void): Promise<string> {
  const hash = createHash('sha256');
  let received = 0;
  let restAt = mebibyte;
  for await (const data of socket.iterator({ destroyOnReturn: false })) {
    hash.update(data as Buffer);
    received += (data as Buffer).length;
    if (received < restAt) continue;
    restAt = received + mebibyte;
    look();
    await pause(2);
  }
  return hash.digest('hex');
}

t.test('both ways at once to slow readers', async (t) => {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => accepted.resolve(socket));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port: originPort } = server.address() as AddressInfo;
  const [port = 0] = await freePorts(1);
  const edge = await startEdgeProxy({
    originPort,
    documents: config(originPort),
    args: ['--port', `9000=${port}`],
  });
  t.teardown(async () => {
    server.close();
    await edge.stop();
  });
  const memory = watchMemory(edge);
  const client = await RawConnection.connect({ port });
  client.socket.removeAllListeners('data');
  const clientSent = send(client.socket);
  const atClient = receive(client.socket, memory.look);
  const origin = await accepted.promise;
  const originSent = send(origin);
  const atOrigin = receive(origin, memory.look);
  t.equal(await within(timeoutMs, 'all at the origin', atOrigin), clientSent.digest('hex'));
  t.equal(await within(timeoutMs, 'all at the client', atClient), originSent.digest('hex'));
  t.ok(memory.growth() < growthLimit, 'memory stays flat', { growth: memory.growth() });
  t.comment(`memory grew by ${Math.round(memory.growth() / mebibyte)} MiB`);
});
