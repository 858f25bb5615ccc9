/**
 * Upstream servers for tests. `Origin` answers on raw sockets and keeps every byte it was sent;
 * `httpOrigin` is an ordinary node:http server on a free port.
 */

import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';

/** One accepted connection: what arrived, and the socket to answer on. */
export interface OriginConnection {
  readonly socket: Socket;
  /** Everything that arrived so far. */
  received(): Buffer;
}

export type OriginHandler = (connection: OriginConnection, data: Buffer) => void;

export class Origin {
  readonly #server: NetServer;
  readonly connections: OriginConnection[] = [];

  private constructor(server: NetServer) {
    this.#server = server;
  }

  /** `onData` is called for every piece that arrives; it writes to `connection.socket`. */
  static start(onData: OriginHandler, address = '127.0.0.1'): Promise<Origin> {
    const server = createServer({ allowHalfOpen: true });
    const origin = new Origin(server);
    server.on('connection', (socket) => {
      const parts: Buffer[] = [];
      const connection = { socket, received: () => Buffer.concat(parts) };
      origin.connections.push(connection);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('end', () => socket.end());
      socket.on('data', (data: Buffer) => {
        parts.push(data);
        onData(connection, data);
      });
    });
    return new Promise((resolve) => {
      server.listen(0, address, () => resolve(origin));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Bytes of all connections in the order of accepting. */
  received(): Buffer {
    return Buffer.concat(this.connections.map((connection) => connection.received()));
  }

  /** Forgets what arrived so far, for the next case on the same port; unused connections stay. */
  forget(): void {
    const unused = this.connections.filter(
      (connection) => !connection.socket.destroyed && connection.received().length === 0,
    );
    this.connections.splice(0, this.connections.length, ...unused);
  }

  stop(): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

/** Answers every complete head with `response`; for requests without a body. */
export function answerEachHead(response: string): OriginHandler {
  const pending = new WeakMap<Socket, string>();
  return ({ socket }, data) => {
    const text = (pending.get(socket) ?? '') + data.toString('latin1');
    const heads = text.split('\r\n\r\n');
    pending.set(socket, heads.pop() ?? '');
    for (const _ of heads) socket.write(response, 'latin1');
  };
}

export interface HttpOrigin {
  readonly port: number;
  readonly server: Server;
  stop(): Promise<void>;
}

/** A node:http server on `port` (default: a free one). */
export function httpOrigin(
  listener: RequestListener,
  options: { readonly port?: number; readonly address?: string } = {},
): Promise<HttpOrigin> {
  const server = createHttpServer({ keepAliveTimeout: 0 }, listener);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.address ?? '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      const stop = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => done());
          server.closeAllConnections();
        });
      resolve({ port, server, stop });
    });
  });
}
