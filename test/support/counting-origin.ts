/** An origin for bodies that are too large to keep: counts what arrives, and answers at the end. */

import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface CountingOrigin {
  readonly port: number;
  /** Body bytes so far, of the last connection. */
  readonly bodyBytes: number;
  readonly socket: Socket | null;
  stop(): Promise<void>;
}

/** Answers 200 once a head and a body of `length` bytes have come. One request a connection. */
export function countingOrigin(length: number): Promise<CountingOrigin> {
  let bodyBytes = 0;
  let last: Socket | null = null;
  const server = createServer((socket) => {
    let inBody = false;
    bodyBytes = 0;
    last = socket;
    socket.on('error', () => undefined);
    socket.on('data', (data: Buffer) => {
      const bodyStart = inBody ? 0 : data.indexOf('\r\n\r\n', 0, 'latin1') + 4;
      inBody = true;
      bodyBytes += data.length - bodyStart;
      if (bodyBytes === length) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  });
  const stop = (): Promise<void> => {
    last?.destroy();
    return new Promise((resolve) => {
      server.close(() => resolve());
    });
  };
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        port,
        get bodyBytes() {
          return bodyBytes;
        },
        get socket() {
          return last;
        },
        stop,
      });
    });
  });
}
