/**
 * Echo servers on loopback in place of the pods of the conformance suite. A port of a pod is opened
 * when it is first asked for, and speaks what the port of the container would.
 */

import { createServer as createHttpServer } from 'node:http';
import {
  createServer as createHttp2Server,
  createSecureServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { WebSocketServer } from 'ws';
import type { KeyPair } from './certificates.ts';
import {
  answer,
  caseIdHeader,
  type Echo,
  type EchoRequest,
  type EchoResponse,
  echoOf,
  type PodName,
  tlsOf,
} from './echo-answer.ts';

/** What a port speaks: `http` version 1.1 with WebSockets, `https` also version 2. */
export type EchoProtocol = 'http' | 'h2c' | 'https' | 'grpc' | 'grpcs' | 'tcp' | 'tls';

export interface EchoPod extends PodName {
  readonly certificate: KeyPair | null;
  /** Whoever shows a certificate must have it from there; null: nobody is asked for one. */
  readonly clientCa: string | null;
}

/** What arrived where. */
export interface SeenRequest {
  readonly pod: string;
  readonly caseId: string;
}

const grpcOk = 0;
const grpcUnimplemented = 12;

export class EchoPods {
  readonly seen: SeenRequest[] = [];
  readonly #servers = new Map<string, Promise<Server>>();
  readonly #sockets = new Set<Socket>();
  readonly #attempts = new Map<string, number>();

  async port(pod: EchoPod, protocol: EchoProtocol): Promise<number> {
    const key = `${pod.namespace}/${pod.name}/${protocol}`;
    let server = this.#servers.get(key);
    if (server === undefined) {
      server = this.#open(pod, protocol);
      this.#servers.set(key, server);
    }
    return ((await server).address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const server of this.#servers.values()) (await server).close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #open(pod: EchoPod, protocol: EchoProtocol): Promise<Server> {
    const server = this.#serverOf(pod, protocol);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
    });
    return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
  }

  #serverOf(pod: EchoPod, protocol: EchoProtocol): Server {
    const tls = tlsOptions(pod);
    const onRequest = (request: EchoRequest, response: EchoResponse): void => {
      void answer(this.#note(echoOf(request, pod)), response, this.#attempts);
    };
    const onGrpc = (request: Http2ServerRequest, response: Http2ServerResponse): void => {
      answerGrpc(this.#note(echoOf(request, pod)), response);
    };
    const onTcp = (socket: Socket): void => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        const told = { ...pod, certificate: null, tls: tlsOf(socket as TLSSocket) };
        socket.end(JSON.stringify({ namespace: told.namespace, pod: told.name, tls: told.tls }));
      });
    };
    switch (protocol) {
      case 'http':
        return withWebSockets(createHttpServer(onRequest));
      case 'h2c':
        return quiet(createHttp2Server(onRequest));
      case 'https':
        return quiet(createSecureServer({ ...tls, allowHTTP1: true }, onRequest));
      case 'grpc':
        return quiet(createHttp2Server(onGrpc));
      case 'grpcs':
        return quiet(createSecureServer(tls, onGrpc));
      case 'tcp':
        return createTcpServer(onTcp);
      case 'tls':
        return createTlsServer(tls, onTcp).on('tlsClientError', () => undefined);
    }
  }

  #note(echo: Echo): Echo {
    this.seen.push({ pod: echo.pod, caseId: echo.headers[caseIdHeader]?.[0] ?? '' });
    return echo;
  }
}

function tlsOptions({ certificate, clientCa }: EchoPod): TlsOptions {
  if (certificate === null) return {};
  const asking = { requestCert: true, rejectUnauthorized: false };
  return { ...certificate, ...(clientCa === null ? {} : { ...asking, ca: clientCa }) };
}

/** Connections that end early are what the tests are about. */
function quiet<Kind extends Http2Server>(server: Kind): Kind {
  server.on('sessionError', () => undefined);
  server.on('tlsClientError', () => undefined);
  return server;
}

/** At `/ws` messages come back as they are. */
function withWebSockets(server: ReturnType<typeof createHttpServer>): Server {
  const sockets = new WebSocketServer({ server, path: '/ws' });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => undefined);
  });
  return server;
}

/** The echo as a message of JSON; the third method of the service is not implemented. */
function answerGrpc(echo: Echo, response: Http2ServerResponse): void {
  const status = echo.path.endsWith('/EchoThree') ? grpcUnimplemented : grpcOk;
  response.setHeader('content-type', 'application/grpc');
  response.addTrailers({ 'grpc-status': String(status) });
  response.end(grpcMessage(JSON.stringify(echo)));
}

/** Uncompressed, with its length (gRPC over HTTP/2, Length-Prefixed-Message). */
export function grpcMessage(text: string): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(Buffer.byteLength(text), 1);
  return Buffer.concat([head, Buffer.from(text)]);
}
