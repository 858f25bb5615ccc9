/** Bodies as fast as the other side takes them, for tests of who waits for whom. */

import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Test } from 'tap';
import type { ProxyHarness } from './proxy-harness.ts';
import type { RawConnection } from './raw-client.ts';

const piece = Buffer.alloc(64 * 1024, 'x');

/** Writes `length` bytes as fast as they are taken; returns how many that are so far. */
export function pour(socket: Socket, length: number): () => number {
  let written = 0;
  const more = (): void => {
    while (written < length) {
      written += piece.length;
      if (!socket.write(piece)) return;
    }
  };
  socket.on('drain', more);
  more();
  // What Node still holds has not been taken by anybody.
  return () => written - socket.writableLength;
}

/** An origin that answers each request with a body of `length` bytes, poured. */
export async function pouringOrigin(
  t: Test,
  length: number,
): Promise<{ readonly port: number; taken(): number }> {
  const sockets: Socket[] = [];
  let taken = (): number => 0;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`);
      taken = pour(socket, length);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, taken: () => taken() };
}

/** Resolves when `count` stays the same for some time: every buffer on the way is full. */
export async function standstill(proxy: ProxyHarness, count: () => number): Promise<number> {
  let last = -1;
  let same = 0;
  await proxy.until('standstill', () => {
    same = count() === last ? same + 1 : 0;
    last = count();
    return last > 0 && same > 30;
  });
  return last;
}

/** Counts and drops what comes to the client. */
export function drainInto(client: RawConnection): () => number {
  let bytes = 0;
  client.socket.removeAllListeners('data');
  client.socket.on('data', (data: Buffer) => {
    bytes += data.length;
  });
  return () => bytes;
}
