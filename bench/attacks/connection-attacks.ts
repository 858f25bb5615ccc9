/** Attacks by connections alone: many, short, or stuck in a handshake of TLS. */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { OwnAttack } from './attack.ts';
import { authority } from './setup.ts';

/** Bytes that are neither HTTP nor TLS: half of them look as if they began like one of the two. */
const randomBytes = 512;

export const connectionAttacks: readonly OwnAttack[] = [
  {
    kind: 'own',
    name: 'idle-connections',
    note: '4,000 connections, 2,000/s, that never send a byte',
    port: 'plain',
    behave: () => ({ ...many(4000, 2000), onOpen: () => 1 }),
  },
  {
    kind: 'own',
    name: 'connect-churn',
    note: '1,500 connections/s that are closed as soon as they are made',
    port: 'plain',
    behave: () => ({
      ...many(4000, 1500),
      onOpen: (socket) => {
        socket.resetAndDestroy();
        return 1;
      },
    }),
  },
  {
    kind: 'own',
    name: 'tls-half-handshakes',
    note: '3,000 connections, 1,500/s, that stop in the middle of their ClientHello',
    port: 'tls',
    behave: async () => {
      const hello = await clientHello();
      const half = hello.subarray(0, hello.length / 2);
      return { ...many(3000, 1500), onOpen: (socket) => write(socket, half) };
    },
  },
  {
    kind: 'own',
    name: 'tls-handshakes',
    note: '200 ClientHellos/s whose senders leave with the answer, which costs a signature',
    port: 'tls',
    behave: async () => {
      const hello = await clientHello();
      return {
        ...many(1000, 200),
        onOpen: (socket) => {
          socket.once('data', () => socket.resetAndDestroy());
          return write(socket, hello);
        },
      };
    },
  },
  {
    kind: 'own',
    name: 'tls-bad-records',
    note: '200 connections/s with a ClientHello, and then bytes that are no TLS',
    port: 'tls',
    behave: async () => {
      const bytes = Buffer.concat([await clientHello(), noise(1, 1024)]);
      return { ...many(1000, 200), onOpen: (socket) => write(socket, bytes) };
    },
  },
  random('random-bytes', 'plain'),
  random('random-bytes-tls', 'tls'),
];

function random(name: string, port: OwnAttack['port']): OwnAttack {
  return {
    kind: 'own',
    name,
    note: '1,000 connections/s with 512 random bytes, some of them behind the start of a protocol',
    port,
    behave: () => {
      let seed = 1;
      return {
        ...many(1000, 1000),
        onOpen: (socket) => {
          seed++;
          const start = starts[seed % starts.length] as string;
          return write(
            socket,
            Buffer.concat([Buffer.from(start, 'latin1'), noise(seed, randomBytes)]),
          );
        },
      };
    },
  };
}

const starts = [
  '',
  'GET / HTTP/1.1\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n',
];

export function many(connections: number, connectsPerSecond: number) {
  return { connections, connectsPerSecond, ticksPerSecond: 0 };
}

/** Counts as one. */
export function write(socket: Socket, bytes: Buffer | string): number {
  if (socket.writable) socket.write(bytes);
  return 1;
}

/** The same for the same seed (a linear congruential generator). */
function noise(seed: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** As Node's own client begins. */
async function clientHello(): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connectTls({ port, host: '127.0.0.1', servername: authority });
  client.on('error', () => undefined);
  const [socket] = await accepted;
  const [hello] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  client.destroy();
  server.close();
  return hello;
}
