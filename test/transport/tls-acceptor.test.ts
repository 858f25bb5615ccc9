import { type AddressInfo, connect as connectPlain, createServer, type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { type AcceptedHandle, adoptSocket, takeHandle } from '../../src/transport/accept.ts';
import { TlsAcceptor } from '../../src/transport/tls-acceptor.ts';
import { resetTls } from '../../src/transport/tls-socket.ts';
import { testReadBuffer } from '../support/read-buffer.ts';
import { pem } from '../support/tls-fixtures.ts';

const secureContext = createSecureContext({ cert: pem('server-a'), key: pem('server-a.key') });
const acceptor = new TlsAcceptor();
const client = { servername: 'a.example.com', ca: pem('authority') };

/** Ends TLS on `plain`, of which `early` has been read, and echoes. */
function echo(plain: Socket, early: Buffer): TLSSocket {
  const socket = acceptor.accept(plain, {
    secureContext,
    clientCertificate: 'none',
    alpn: null,
    early,
    read: {
      buffer: testReadBuffer(),
      onRead: (length, buffer) => void socket.write(Buffer.from(buffer.subarray(0, length))),
    },
  });
  socket.on('error', () => {});
  return socket;
}

/** A server that hands over after the first read; the client's side of a connection to it. */
async function handedOver(t: Test) {
  let accepted: TLSSocket | null = null;
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const plain = adoptSocket(takeHandle(socket) as AcceptedHandle, {
      buffer: testReadBuffer(),
      onRead: (length, buffer) => {
        accepted = echo(plain, Buffer.from(buffer.subarray(0, length)));
      },
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const below = connectPlain({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  const socket = connect({ ...client, socket: below });
  t.teardown(() => socket.destroy());
  return { socket, below, accepted: () => accepted as unknown as TLSSocket };
}

function answerTo(socket: TLSSocket, text: string): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    socket.write(text);
  });
}

t.test('around the handle of a connection', async (t) => {
  const { socket, accepted } = await handedOver(t);
  t.equal(await answerTo(socket, 'one'), 'one');
  t.equal(await answerTo(socket, 'two'), 'two');
  const closed = new Promise((resolve) => accepted().once('close', resolve));
  socket.end();
  await closed;
  t.equal(accepted().destroyed, true);
});

t.test('it is paused and goes on', async (t) => {
  const { socket, accepted } = await handedOver(t);
  await answerTo(socket, 'one');
  accepted().pause();
  const answer = answerTo(socket, 'two');
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(accepted().bytesWritten > 0, true);
  accepted().resume();
  t.equal(await answer, 'two');
});

t.test('it ends by a reset', async (t) => {
  const { socket, below, accepted } = await handedOver(t);
  await answerTo(socket, 'one');
  const closed = new Promise((resolve) => accepted().once('close', resolve));
  const error = new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
  resetTls(accepted());
  t.equal((await error).code, 'ECONNRESET');
  await closed;
  t.equal(below.destroyed, true);
});

t.test('on a stream that has no handle', async (t) => {
  const [near, far] = duplexPair() as [Duplex, Duplex];
  near.once('readable', () => echo(near as unknown as Socket, near.read() as Buffer));
  const socket = connect({ ...client, socket: far });
  t.teardown(() => socket.destroy());
  t.equal(await answerTo(socket, 'one'), 'one');
});
