/** A bound port: accepts connections and hands each on as a socket. Knows nothing of HTTP. */

import { createServer, type Server, type Socket } from 'node:net';
import { err, ok, type Result } from '../base/result.ts';
import { handleOf, type ListeningHandle } from './listening-handle.ts';

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

/** Connections that wait to be accepted; the system may allow fewer (net.core.somaxconn). */
const backlog = 4096;

interface Inherited {
  readonly server: Server;
  readonly handle: ListeningHandle;
}

export class ListeningSocket {
  /** Really bound, of interest where 0 was asked for; still known after `close`. */
  readonly port: number;
  /** Other processes may bind the port, too. */
  readonly reusePort: boolean;
  readonly #onAcceptError: () => void;
  /** Several where another process had several sockets on the port. */
  #servers: readonly Server[] = [];
  /** Until `start`. */
  #inherited: readonly Inherited[] = [];

  private constructor(port: number, { reusePort = false, onAcceptError }: ListenOptions) {
    this.port = port;
    this.reusePort = reusePort;
    this.#onAcceptError = onAcceptError;
  }

  static async open(options: ListenOptions): Promise<Result<ListeningSocket, BindError>> {
    const server = createListener(options);
    const { address: host, port, reusePort = false } = options;
    const bound = await listening(server.listen({ host, port, reusePort, backlog }));
    if (!bound.ok) return bound;
    const socket = new ListeningSocket(portOf(server), options);
    socket.#servers = [server];
    socket.#hearAcceptErrors();
    return ok(socket);
  }

  /** Sockets that another process has bound to the address. Accepts from `start` on. */
  static inherit(handles: readonly ListeningHandle[], options: ListenOptions): ListeningSocket {
    const socket = new ListeningSocket(options.port, options);
    socket.#inherited = handles.map((handle) => ({ handle, server: createListener(options) }));
    return socket;
  }

  /** Of one that was inherited. On an error it is to be closed; nothing has been accepted then. */
  async start(): Promise<Result<void, BindError>> {
    const inherited = this.#inherited;
    this.#inherited = [];
    this.#servers = inherited.map(({ server }) => server);
    const started = await Promise.all(
      inherited.map(({ server, handle }) => listening(server.listen(handle, backlog))),
    );
    this.#hearAcceptErrors();
    return started.find(({ ok }) => !ok) ?? ok(undefined);
  }

  /** For another process, which may accept from them as well. */
  get handles(): readonly ListeningHandle[] {
    return this.#servers.map(handleOf).filter((handle) => handle !== null);
  }

  /** Stops accepting; open connections go on. */
  close(): void {
    for (const { handle } of this.#inherited) handle.close();
    this.#inherited = [];
    for (const server of this.#servers) server.close();
  }

  #hearAcceptErrors(): void {
    // A failing accept must not end the process; the next one may work.
    for (const server of this.#servers) server.on('error', this.#onAcceptError);
  }
}

/** `server` has just been told to listen, which Node answers in a later tick. */
function listening(server: Server): Promise<Result<void, BindError>> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      resolve(err({ code: error.code ?? 'EUNKNOWN', message: error.message }));
    };
    server.once('error', onError);
    server.once('listening', () => {
      server.removeListener('error', onError);
      resolve(ok(undefined));
    });
  });
}

function createListener({ onConnection }: ListenOptions): Server {
  return createServer({ pauseOnConnect: true, noDelay: true }, (socket) => onConnection(socket));
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
