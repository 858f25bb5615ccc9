/**
 * A TCP relay in user space that delays bytes, cuts connections and refuses new ones: a bad
 * network between two processes on one machine.
 */

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface RelayTarget {
  readonly port: number;
  readonly host?: string;
}

export class Relay {
  readonly #server: Server;
  readonly #target: RelayTarget;
  readonly #sockets = new Set<Socket>();
  /** Added to every piece of data, each way, milliseconds. */
  delayMs = 0;
  /** true: bytes are taken from both sides and dropped, as on a dead link. */
  blackHole = false;
  /** Connections accepted so far. */
  accepted = 0;
  /** Bytes that came from either side so far, passed on or dropped. */
  bytes = 0;

  private constructor(server: Server, target: RelayTarget) {
    this.#server = server;
    this.#target = target;
  }

  static start(target: RelayTarget): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server, target);
    server.on('connection', (socket) => relay.#accept(socket));
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve(relay));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** Cuts every open connection with a reset. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Closes every open connection in order. */
  closeConnections(): void {
    for (const socket of this.#sockets) socket.end();
  }

  stop(): Promise<void> {
    this.cut();
    if (!this.#server.listening) return Promise.resolve();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #accept(near: Socket): void {
    this.accepted += 1;
    const far = connect({ port: this.#target.port, host: this.#target.host ?? '127.0.0.1' });
    this.#pass(near, far);
    this.#pass(far, near);
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (data) => {
      this.bytes += data.length;
      if (this.blackHole) return;
      if (this.delayMs === 0) {
        if (!to.write(data)) from.pause();
      } else {
        setTimeout(() => to.write(data), this.delayMs);
      }
    });
    to.on('drain', () => from.resume());
    from.on('end', () => setTimeout(() => to.end(), this.delayMs));
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      if (!to.destroyed) to.end();
    });
  }
}
