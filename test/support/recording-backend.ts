/**
 * The upstream servers of the recorded scenarios: HTTP/1.1 and HTTP/2 on one port, in plain text or
 * over TLS, or bytes. What HTTP answers is the player's matter.
 */

import { createServer, type Server } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2Server,
  type Http2ServerResponse,
} from 'node:http2';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { freePort } from './free-port.ts';
import type { Recorder } from './recorder.ts';
import { RecordingPlayer } from './recording-player.ts';
import { tcpServer } from './tcp-backend.ts';

export interface BackendOptions {
  readonly name: string;
  readonly behavior?: string;
  readonly port?: number;
  readonly address?: string;
  /** Speaks HTTP/2 too, with clients that begin with its preface; otherwise those are cut off. */
  readonly http2?: boolean;
  /** `tcp`: bytes, no HTTP; `tls`: HTTP over TLS. */
  readonly type?: string;
  /** What a `tcp` backend sends on accept. */
  readonly banner?: string;
  /** A `tls` backend asks for a client certificate, and takes any or none. */
  readonly requestCert?: boolean;
  /** PEM of a `tls` backend. */
  readonly certificate?: { readonly cert: string; readonly key: string } | null;
}

const maxHeaderBytes = 1024 * 1024 + 64 * 1024;

export class RecordingBackend {
  readonly name: string;
  readonly port: number;
  /** Connections accepted so far. */
  accepted = 0;
  readonly #server: TcpServer | null;
  readonly #sockets = new Set<Socket>();

  private constructor(name: string, port: number, server: TcpServer | null) {
    this.name = name;
    this.port = port;
    this.#server = server;
    server?.on('connection', (socket: Socket) => {
      this.accepted += 1;
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(options: BackendOptions, recorder: Recorder): Promise<RecordingBackend> {
    const address = options.address ?? '127.0.0.1';
    if (options.behavior === 'refuse') {
      return new RecordingBackend(options.name, options.port ?? (await freePort(address)), null);
    }
    const server =
      options.type === 'tcp' ? tcpServer(options, recorder) : httpServer(options, recorder);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, address, () => resolve());
    });
    const { port } = server.address() as AddressInfo;
    return new RecordingBackend(options.name, port, server);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

function httpServer(options: BackendOptions, recorder: Recorder): TcpServer {
  const player = new RecordingPlayer(options, recorder);
  const http1 = http1Server(player);
  const http2 = options.http2 === true ? new Http2Side(player) : null;
  const serve = (socket: Socket): void => serveByPreface(socket, http1, http2);
  if (options.type !== 'tls') return createTcpServer(serve);
  const { cert = '', key = '' } = options.certificate ?? {};
  const server = createTlsServer({
    cert,
    key,
    ALPNProtocols: ['h2', 'http/1.1'],
    requestCert: options.requestCert === true,
    rejectUnauthorized: false,
  });
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    if (socket.alpnProtocol === 'h2' && http2 !== null) http2.serve(socket);
    else serve(socket);
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
    recorder.connections.push({
      backend: options.name,
      kind: 'tls-error',
      received: '',
      proxyHeader: null,
      error: error.code ?? error.message,
    });
  });
  return server;
}

function serveByPreface(socket: Socket, http1: Server, http2: Http2Side | null): void {
  socket.once('readable', () => {
    const first: Buffer | null = socket.read();
    if (first === null) return;
    socket.unshift(first);
    // A ClientHello: no HTTP, and no answer either.
    if (first[0] === 0x16) {
      socket.destroy();
      return;
    }
    const isHttp2 = first.toString('latin1').startsWith('PRI * ');
    if (!isHttp2) http1.emit('connection', socket);
    else if (http2 === null) socket.destroy();
    else http2.serve(socket);
  });
}

function http1Server(player: RecordingPlayer): Server {
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    keepAliveTimeout: 0,
    requestTimeout: 0,
    headersTimeout: 0,
    shouldUpgradeCallback: (request) => /^(websocket|foo)$/i.test(request.headers.upgrade ?? ''),
  });
  server.maxHeadersCount = 0;
  server.on('request', (request, response) => player.answer('request', request, response));
  server.on('checkContinue', (request, response) => {
    response.writeContinue();
    player.answer('checkContinue', request, response);
  });
  server.on('checkExpectation', (request, response) =>
    player.answer('checkExpectation', request, response),
  );
  server.on('upgrade', (request, socket, head) => player.upgrade(request, socket as Socket, head));
  server.on('connect', (request, socket, head) => player.connect(request, socket as Socket, head));
  return server;
}

class Http2Side {
  readonly #server: Http2Server;
  /** node:http2 shows its sessions' sockets with most of their methods forbidden. */
  readonly #sockets = new WeakMap<object, Socket>();

  constructor(player: RecordingPlayer) {
    this.#server = createHttp2Server({
      maxHeaderListPairs: 10_000,
      settings: { enableConnectProtocol: true },
    });
    const socketOf = ({ stream }: Http2ServerResponse): Socket =>
      this.#sockets.get(stream.session ?? {}) as Socket;
    this.#server.on('sessionError', () => undefined);
    this.#server.on('request', (request, response) =>
      player.answerHttp2(request, response, socketOf(response)),
    );
    this.#server.on('connect', (request, response) =>
      player.connectHttp2(request, response, socketOf(response)),
    );
  }

  serve(socket: Socket): void {
    // Emitted at once.
    this.#server.once('session', (session) => this.#sockets.set(session, socket));
    this.#server.emit('connection', socket);
  }
}
