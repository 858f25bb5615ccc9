/** A bound port: accepts connections and hands each on as a socket. Knows nothing of HTTP. */

import { createServer, type Server, type Socket } from 'node:net';
import { err, ok, type Result } from '../base/result.ts';

export interface ListenOptions {
  readonly address: string;
  readonly port: number;
  /** Other processes of this user may have the port, too: SO_REUSEPORT. Default false. */
  readonly reusePort?: boolean;
  onConnection(socket: Socket): void;
  /** A connection could not be accepted, for example because descriptors are used up. */
  onAcceptError(): void;
}

export interface BindError {
  /** Node's code, for example `EADDRINUSE` or `EACCES`. */
  readonly code: string;
  readonly message: string;
}

export class ListeningSocket {
  /** Really bound, of interest where 0 was asked for; still known after `close`. */
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server) {
    const address = server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    this.#server = server;
  }

  static async open(options: ListenOptions): Promise<Result<ListeningSocket, BindError>> {
    const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) =>
      options.onConnection(socket),
    );
    return new Promise((resolve) => {
      const onError = (error: NodeJS.ErrnoException): void => {
        resolve(err({ code: error.code ?? 'EUNKNOWN', message: error.message }));
      };
      server.once('error', onError);
      const { address: host, port, reusePort = false } = options;
      server.listen({ host, port, reusePort, backlog: 4096 }, () => {
        server.removeListener('error', onError);
        // A failing accept must not end the process; the next one may work.
        server.on('error', () => options.onAcceptError());
        resolve(ok(new ListeningSocket(server)));
      });
    });
  }

  /** Stops accepting; open connections go on. */
  close(): void {
    this.#server.close();
  }
}
