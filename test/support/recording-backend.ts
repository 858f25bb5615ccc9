/**
 * The upstream servers of the recorded scenarios. They do what the request's control headers say
 * (`x-plan`, `x-reply`, `x-reply-body`) and record each request with header order and case.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import { freePort } from './free-port.ts';
import type { HeaderPair } from './http-reader.ts';

export interface RecordedRequest {
  readonly backend: string;
  /** `x-case-id`; empty where the request had none. */
  readonly caseId: string;
  /** performance.now() at its arrival. */
  readonly at: number;
  readonly kind: 'request' | 'upgrade' | 'connect' | 'checkContinue' | 'checkExpectation';
  readonly method: string;
  readonly path: string;
  readonly httpVersion: string;
  /** Without the control headers. */
  readonly headers: readonly HeaderPair[];
  /** Complete once the request has been read. */
  readonly body: Buffer[];
}

/** What all backends of one scenario share: the records and the count of attempts by case. */
export class Recorder {
  readonly requests: RecordedRequest[] = [];
  readonly #attempts = new Map<string, number>();

  /** Records a request and returns which attempt of its case it is, from 0. */
  add(request: RecordedRequest): number {
    this.requests.push(request);
    const attempt = this.#attempts.get(request.caseId) ?? 0;
    this.#attempts.set(request.caseId, attempt + 1);
    return attempt;
  }

  ofCase(caseId: string): RecordedRequest[] {
    return this.requests.filter((request) => request.caseId === caseId);
  }
}

export interface BackendOptions {
  readonly name: string;
  readonly behavior?: string;
  readonly port?: number;
  readonly address?: string;
  /** Speaks HTTP/2 too, with clients that begin with its preface; otherwise those are cut off. */
  readonly http2?: boolean;
}

const controlHeaders = new Set(['x-case-id', 'x-plan', 'x-reply', 'x-reply-body']);
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
    const player = new Player(options, recorder);
    const http1 = http1Server(player);
    const http2 = options.http2 === true ? http2Server(player) : null;
    const server = createTcpServer((socket) => {
      socket.once('readable', () => {
        const first: Buffer | null = socket.read();
        if (first === null) return;
        socket.unshift(first);
        const isHttp2 = first.toString('latin1').startsWith('PRI * ');
        if (!isHttp2) http1.emit('connection', socket);
        else if (http2 === null) socket.destroy();
        else http2.emit('connection', socket);
      });
    });
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

function http1Server(player: Player): Server {
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
  server.on('upgrade', (request, socket) => player.echo('upgrade', request, socket as Socket));
  server.on('connect', (request, socket) => player.echo('connect', request, socket as Socket));
  return server;
}

/** Requests and responses have the interface of node:http here, as far as the player uses it. */
function http2Server(player: Player): Http2Server {
  const server = createHttp2Server({ maxHeaderListPairs: 10_000 });
  server.on('sessionError', () => undefined);
  server.on('request', (request, response) => {
    player.answer(
      'request',
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse,
    );
  });
  return server;
}

/** Answers the requests of one backend by their plan. */
class Player {
  readonly #name: string;
  readonly #behavior: string | null;
  readonly #recorder: Recorder;

  constructor(options: BackendOptions, recorder: Recorder) {
    this.#name = options.name;
    this.#behavior = options.behavior ?? null;
    this.#recorder = recorder;
  }

  answer(kind: RecordedRequest['kind'], request: IncomingMessage, response: ServerResponse): void {
    const step = this.#record(kind, request);
    request.on('error', () => undefined);
    request.on('end', () => this.#play(step, request, response));
  }

  echo(kind: 'upgrade' | 'connect', request: IncomingMessage, socket: Socket): void {
    this.#record(kind, request);
    const head =
      kind === 'connect'
        ? 'HTTP/1.1 200 OK\r\n'
        : 'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\n' +
          `upgrade: ${request.headers.upgrade}\r\n`;
    socket.write(`${head}x-backend: ${this.#name}\r\n\r\n`, 'latin1');
    socket.on('data', (data) => socket.write(data));
    socket.on('end', () => socket.end());
  }

  /** Notes the request and returns the step to play. */
  #record(kind: RecordedRequest['kind'], request: IncomingMessage): string {
    const body: Buffer[] = [];
    const attempt = this.#recorder.add({
      backend: this.#name,
      caseId: String(request.headers['x-case-id'] ?? ''),
      at: performance.now(),
      kind,
      method: request.method ?? '',
      path: request.url ?? '',
      httpVersion: request.httpVersion,
      headers: headerPairs(request.rawHeaders),
      body,
    });
    if (kind !== 'upgrade' && kind !== 'connect') {
      request.on('data', (data: Buffer) => body.push(data));
    }
    if (this.#behavior !== null) return this.#behavior;
    const plan = String(request.headers['x-plan'] ?? '200').split(',');
    return (plan[Math.min(attempt, plan.length - 1)] ?? '200').trim();
  }

  #play(step: string, request: IncomingMessage, response: ServerResponse): void {
    if (step === 'hang') return;
    if (step === 'close') {
      request.socket.end();
    } else if (step === 'rst') {
      request.socket.resetAndDestroy();
    } else if (step === 'partial') {
      this.#sendPartial(request, response);
    } else {
      const [status = '200', delay = '0'] = step.split('@');
      const send = (): void => this.#send(Number(status), request, response);
      if (delay === '0') send();
      else setTimeout(send, Number(delay));
    }
  }

  #sendPartial(request: IncomingMessage, response: ServerResponse): void {
    response.sendDate = false;
    const head = ['x-backend', this.#name, 'content-type', 'text/plain', 'content-length', '1000'];
    response.writeHead(200, head);
    response.write('abc');
    setTimeout(() => request.socket.end(), 30);
  }

  #send(status: number, request: IncomingMessage, response: ServerResponse): void {
    if (response.destroyed) return;
    response.sendDate = false;
    const body = String(request.headers['x-reply-body'] ?? `${this.#name}\n`);
    const withoutBody = status === 204 || status === 304;
    const headers = replyHeaders(this.#name, String(request.headers['x-reply'] ?? '{}'));
    if (!withoutBody) headers.push('content-length', String(Buffer.byteLength(body, 'latin1')));
    response.writeHead(status, headers);
    response.end(withoutBody ? '' : Buffer.from(body, 'latin1'));
  }
}

/** Flat name and value list for writeHead, which keeps order and repetition. */
function replyHeaders(name: string, reply: string): string[] {
  const extra = new Map(Object.entries(JSON.parse(reply) as Record<string, string | string[]>));
  const flat = ['x-backend', name];
  const contentType = extra.get('content-type');
  extra.delete('content-type');
  flat.push('content-type', contentType === undefined ? 'text/plain' : String(contentType));
  for (const [key, value] of extra) {
    for (const one of [value].flat()) flat.push(key, one);
  }
  return flat;
}

function headerPairs(raw: readonly string[]): HeaderPair[] {
  const pairs: HeaderPair[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (!controlHeaders.has(name.toLowerCase())) pairs.push([name, raw[i + 1] ?? '']);
  }
  return pairs;
}
