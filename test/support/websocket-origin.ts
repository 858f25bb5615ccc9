/** WebSocket origins on `ws` that send back what comes: one of HTTP/1.1, one of HTTP/2 (RFC 8441). */

import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Test } from 'tap';
import { WebSocket, WebSocketServer } from 'ws';

export interface WebSocketRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** One WebSocket as its origin has it. */
export interface OriginSocket {
  readonly request: WebSocketRequest;
  readonly socket: WebSocket;
  readonly pongs: string[];
  /** null while it is open. */
  end: { readonly code: number; readonly reason: string } | null;
}

export class WebSocketOrigin {
  readonly port: number;
  readonly #sockets: readonly OriginSocket[];

  constructor(port: number, sockets: readonly OriginSocket[]) {
    this.port = port;
    this.#sockets = sockets;
  }

  newest(): OriginSocket {
    const last = this.#sockets.at(-1);
    if (last === undefined) throw new Error('the origin has no WebSocket');
    return last;
  }
}

/** Speaks HTTP/1.1, compresses if asked to, and takes the subprotocol `second`. */
export async function startWebSocketOrigin(t: Test): Promise<WebSocketOrigin> {
  const seen: OriginSocket[] = [];
  const http = createServer();
  const sockets = new WebSocketServer({
    server: http,
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (offered) => (offered.has('second') ? 'second' : false),
    verifyClient: ({ req }, answer) => answer(req.url !== '/refused', 403, 'not you'),
  });
  sockets.on('connection', (socket, { url = '', headers }) => {
    seen.push(serve(socket, { url, headers }));
  });
  return new WebSocketOrigin(await listen(t, http, seen), seen);
}

/** How `ws` makes the WebSocket of a server, which its types leave out. */
const ServerWebSocket = WebSocket as unknown as new (
  address: null,
  protocols: undefined,
  options: { readonly autoPong: boolean },
) => WebSocket & { setSocket(socket: Duplex, head: Buffer, options: object): void };

/** Speaks HTTP/2, with extended CONNECT, and negotiates nothing. */
export async function startHttp2WebSocketOrigin(t: Test): Promise<WebSocketOrigin> {
  const seen: OriginSocket[] = [];
  const http2 = createHttp2Server({ settings: { enableConnectProtocol: true } });
  http2.on('stream', (stream: ServerHttp2Stream, headers) => {
    const url = headers[':path'] ?? '';
    if (headers[':protocol'] !== 'websocket' || url === '/refused') {
      stream.respond({ ':status': 403 });
      stream.end('not you');
      return;
    }
    stream.respond({ ':status': 200 });
    const socket = new ServerWebSocket(null, undefined, { autoPong: true });
    const options = { allowSynchronousEvents: true, maxPayload: 16 * 1024 * 1024 };
    socket.setSocket(stream, Buffer.alloc(0), options);
    seen.push(serve(socket, { url, headers }));
  });
  return new WebSocketOrigin(await listen(t, http2, seen), seen);
}

/** Sends messages back as they come; at `/greeting` it speaks first. */
function serve(socket: WebSocket, request: WebSocketRequest): OriginSocket {
  const seen: OriginSocket = { request, socket, pongs: [], end: null };
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on('pong', (data) => seen.pongs.push(data.toString()));
  socket.on('error', () => undefined);
  socket.on('close', (code, reason) => {
    seen.end = { code, reason: reason.toString() };
  });
  if (request.url === '/greeting') socket.send('welcome');
  return seen;
}

async function listen(t: Test, server: Server, seen: readonly OriginSocket[]): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const { socket } of seen) socket.terminate();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
