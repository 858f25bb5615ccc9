/** A bound port: accepts connections and hands each on. Knows nothing of HTTP. */

import { createServer, type Server } from 'node:net';
import { err, ok, type Result } from '../base/result.ts';
import { type AcceptedHandle, takeHandle } from './accept.ts';
import { AcceptQueue } from './accept-queue.ts';
import { acceptHandles, handleOf, type ListeningHandle } from './listening-handle.ts';

export interface ListenOptions {
  readonly address: string;
  readonly port: number;
  /** Other processes of this user may have the port, too: SO_REUSEPORT. Default false. */
  readonly reusePort?: boolean;
  onConnection(handle: AcceptedHandle): void;
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
  readonly #accepted: AcceptQueue;
  /** Several where another process had several sockets on the port. */
  #servers: readonly Server[] = [];
  /** Until `start`. */
  #inherited: readonly Inherited[] = [];

  private constructor(port: number, options: ListenOptions, accepted: AcceptQueue) {
    this.port = port;
    this.reusePort = options.reusePort ?? false;
    this.#onAcceptError = options.onAcceptError;
    this.#accepted = accepted;
  }

  static async open(options: ListenOptions): Promise<Result<ListeningSocket, BindError>> {
    const accepted = new AcceptQueue(options.onConnection);
    const server = createListener(accepted);
    const { address: host, port, reusePort = false } = options;
    const bound = await listening(server.listen({ host, port, reusePort, backlog }));
    if (!bound.ok) return bound;
    const socket = new ListeningSocket(portOf(server), options, accepted);
    socket.#servers = [server];
    socket.#hear();
    return ok(socket);
  }

  /** Sockets that another process has bound to the address. Accepts from `start` on. */
  static inherit(handles: readonly ListeningHandle[], options: ListenOptions): ListeningSocket {
    const accepted = new AcceptQueue(options.onConnection);
    const socket = new ListeningSocket(options.port, options, accepted);
    socket.#inherited = handles.map((handle) => ({ handle, server: createListener(accepted) }));
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
    this.#hear();
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
    this.#accepted.flush();
  }

  #hear(): void {
    for (const server of this.#servers) {
      // A failing accept must not end the process; the next one may work.
      server.on('error', this.#onAcceptError);
      acceptHandles(server, {
        onAccepted: (handle) => this.#accepted.add(handle),
        onAcceptError: this.#onAcceptError,
      });
    }
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

/** What comes before `acceptHandles` was called comes as a socket. */
function createListener(accepted: AcceptQueue): Server {
  return createServer({ pauseOnConnect: true }, (socket) => {
    const handle = takeHandle(socket);
    if (handle !== null) accepted.add(handle);
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
