/**
 * Answers the requests of one backend of a recorded scenario by their plan (`x-plan`, `x-reply`,
 * `x-reply-body`, `x-reply-trailers`, `x-reply-1xx`), and records them.
 */

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type {
  Http2ServerRequest,
  Http2ServerResponse,
  ServerHttp2Stream,
  ServerStreamResponseOptions,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { HeaderPair } from './http-reader.ts';
import type { RecordedRequest, Recorder, SeenTls } from './recorder.ts';

export interface PlayerOptions {
  readonly name: string;
  /** The only step, whatever the request's plan says. */
  readonly behavior?: string;
}

type AnyRequest = IncomingMessage | Http2ServerRequest;

/** One request, with the differences between the HTTP versions out of the way. */
interface Exchange {
  readonly request: AnyRequest;
  readonly record: RecordedRequest;
  /** node:http2 gives its compatibility response the interface of node:http's. */
  readonly response: ServerResponse;
  /** null over HTTP/1.1. */
  readonly stream: ServerHttp2Stream | null;
  /** That of the connection itself: node:http2 hides it. */
  readonly socket: Socket;
}

const controlHeaders = new Set([
  'x-case-id',
  'x-plan',
  'x-reply',
  'x-reply-body',
  'x-reply-trailers',
  'x-reply-1xx',
]);
const grpcSteps = /^grpc(-to|-part|):(\d+)$/;

export class RecordingPlayer {
  readonly #name: string;
  readonly #behavior: string | null;
  readonly #recorder: Recorder;

  constructor(options: PlayerOptions, recorder: Recorder) {
    this.#name = options.name;
    this.#behavior = options.behavior ?? null;
    this.#recorder = recorder;
  }

  answer(kind: RecordedRequest['kind'], request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const { step, record } = this.#record(kind, request, socket);
    this.#whenRead(step, { request, record, response, stream: null, socket });
    response.on('close', () => {
      record.aborted = !response.writableFinished;
    });
  }

  answerHttp2(
    request: Http2ServerRequest,
    response: Http2ServerResponse,
    connection: Socket,
  ): void {
    const { stream } = response;
    const { step, record } = this.#record('request', request, connection);
    const compatible = response as unknown as ServerResponse;
    this.#whenRead(step, { request, record, response: compatible, stream, socket: connection });
    stream.on('aborted', () => {
      record.aborted = true;
    });
    stream.on('close', () => {
      record.resetCode = stream.rstCode ?? 0;
    });
  }

  /** An upgrade of HTTP/1.1: 101 and an echo, unless the plan says otherwise. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { step, record } = this.#record('upgrade', request, socket);
    if (step === 'hang') return;
    if (step === 'close') socket.end();
    else if (step === 'rst') socket.resetAndDestroy();
    else if (/^\d+$/.test(step) && step !== '200' && step !== '101') {
      const text = `${this.#name}\n`;
      const lines = [`HTTP/1.1 ${step} x`, `x-backend: ${this.#name}`];
      socket.end(
        `${lines.join('\r\n')}\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
        'latin1',
      );
    } else {
      const fixed = [`x-backend: ${this.#name}`, 'connection: Upgrade'];
      const upgrade = `upgrade: ${request.headers.upgrade}`;
      const extra = replyPairs(request).map(([name, value]) => `${name}: ${value}`);
      const lines = ['HTTP/1.1 101 Switching Protocols', ...fixed, upgrade, ...extra];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
      echo(socket, record, head);
      // A body announced by the request's own headers comes apart from what follows it.
      request.on('data', (data: Buffer) => echoBytes(socket, record, data));
    }
  }

  connect(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { record } = this.#record('connect', request, socket);
    socket.write(`HTTP/1.1 200 OK\r\nx-backend: ${this.#name}\r\n\r\n`, 'latin1');
    echo(socket, record, head);
  }

  /** CONNECT over HTTP/2, plain or with `:protocol` (RFC 8441). */
  connectHttp2(
    request: Http2ServerRequest,
    response: Http2ServerResponse,
    connection: Socket,
  ): void {
    const { stream } = response;
    const kind = request.headers[':protocol'] === undefined ? 'connect' : 'extended-connect';
    const { record } = this.#record(kind, request, connection);
    stream.on('close', () => {
      record.resetCode = stream.rstCode ?? 0;
    });
    stream.respond({ ':status': 200, 'x-backend': this.#name }, withoutDate({}));
    echo(stream, record, Buffer.alloc(0));
  }

  /** Notes the request and returns the step to play. */
  #record(
    kind: RecordedRequest['kind'],
    request: AnyRequest,
    socket: Socket,
  ): { readonly step: string; readonly record: RecordedRequest } {
    const record: RecordedRequest = {
      backend: this.#name,
      caseId: String(request.headers['x-case-id'] ?? ''),
      at: performance.now(),
      kind,
      method: request.method ?? '',
      path: request.url ?? '',
      httpVersion: request.httpVersion,
      headers: headerPairs(request.rawHeaders),
      body: [],
      tls: seenTls(socket),
      trailers: [],
      resetCode: 0,
      aborted: false,
      upgradeBytes: 0,
    };
    const attempt = this.#recorder.add(record);
    if (this.#behavior !== null) return { step: this.#behavior, record };
    const plan = String(request.headers['x-plan'] ?? '200').split(',');
    const step = (plan[Math.min(attempt, plan.length - 1)] ?? '200').trim();
    return { step, record };
  }

  #whenRead(step: string, exchange: Exchange): void {
    const { request, record } = exchange;
    request.on('data', (data: Buffer) => record.body.push(data));
    request.on('error', () => undefined);
    request.on('end', () => {
      record.trailers = headerPairs(request.rawTrailers);
      this.#play(step, exchange);
    });
  }

  #play(step: string, exchange: Exchange): void {
    const { stream, socket } = exchange;
    const [, grpcKind, grpcStatus] = grpcSteps.exec(step) ?? [];
    if (step === 'hang') return;
    if (step === 'close') closeConnection(exchange);
    else if (step === 'rst') socket.resetAndDestroy();
    else if (step === 'partial') this.#sendPartial(exchange);
    else if (step.startsWith('rst:')) stream?.close(Number(step.slice(4)));
    else if (step === 'goaway') {
      stream?.session?.goaway(0);
      stream?.close(7);
    } else if (grpcKind !== undefined) this.#sendGrpc(grpcKind, Number(grpcStatus), exchange);
    else {
      const [status = '200', delay = '0'] = step.split('@');
      const send = (): void => this.#send(Number(status), exchange);
      if (delay === '0') send();
      else setTimeout(send, Number(delay));
    }
  }

  #sendPartial(exchange: Exchange): void {
    const { response } = exchange;
    response.sendDate = false;
    const head = ['x-backend', this.#name, 'content-type', 'text/plain', 'content-length', '1000'];
    response.writeHead(200, head);
    response.write('abc');
    setTimeout(() => closeConnection(exchange), 30);
  }

  #send(status: number, exchange: Exchange): void {
    const { request, response } = exchange;
    if (response.destroyed) return;
    response.sendDate = false;
    sendInterim(exchange);
    const body = String(request.headers['x-reply-body'] ?? `${this.#name}\n`);
    const withoutBody = status === 204 || status === 304;
    const trailers = replyTrailers(request);
    const headers = this.#replyHeaders(request);
    if (trailers !== null) headers.push('trailer', Object.keys(trailers).join(', '));
    else if (!withoutBody) {
      headers.push('content-length', String(Buffer.byteLength(body, 'latin1')));
    }
    response.writeHead(status, headers);
    if (trailers !== null) response.addTrailers(trailers);
    response.end(withoutBody ? '' : Buffer.from(body, 'latin1'));
  }

  /** Flat name and value list for writeHead, which keeps order and repetition. */
  #replyHeaders(request: AnyRequest): string[] {
    const extra = replyPairs(request);
    const isType = ([name]: HeaderPair): boolean => name === 'content-type';
    const type = extra.find(isType)?.[1] ?? 'text/plain';
    const rest = extra.filter((pair) => !isType(pair));
    return ['x-backend', this.#name, 'content-type', type, ...rest.flat()];
  }

  #sendGrpc(kind: string, status: number, { request, response, stream }: Exchange): void {
    response.sendDate = false;
    const type = String(request.headers['content-type'] ?? 'application/grpc');
    const headers = ['x-backend', this.#name, 'content-type', type];
    const outcome: OutgoingHttpHeaders = { 'grpc-status': String(status) };
    if (status !== 0) outcome['grpc-message'] = `status ${status}`;
    if (kind === '-to' && stream !== null) {
      // The compatibility interface would end it with an empty DATA frame.
      const fields = { 'x-backend': this.#name, 'content-type': type, ...outcome };
      stream.respond({ ':status': 200, ...fields }, withoutDate({ endStream: true }));
      return;
    }
    if (kind === '-to') {
      response.writeHead(200, [...headers, ...Object.entries(outcome).flat().map(String)]);
      response.end();
      return;
    }
    response.writeHead(200, headers);
    if (kind === '-part' || status === 0) response.write(grpcFrame(this.#name));
    response.addTrailers(outcome);
    response.end();
  }
}

/** An option of node:http2 that its types do not know. */
function withoutDate(options: ServerStreamResponseOptions): ServerStreamResponseOptions {
  return { ...options, sendDate: false } as ServerStreamResponseOptions;
}

function closeConnection({ stream, socket }: Exchange): void {
  if (stream === null) socket.end();
  else socket.destroy();
}

/** One message, not compressed: flag, length, text. */
export function grpcFrame(text: string): Buffer {
  const message = Buffer.from(text, 'latin1');
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function echo(socket: Duplex, record: RecordedRequest, head: Buffer): void {
  if (head.length > 0) echoBytes(socket, record, head);
  socket.on('data', (data: Buffer) => echoBytes(socket, record, data));
  socket.on('end', () => socket.end());
  socket.on('error', () => undefined);
}

function echoBytes(socket: Duplex, record: RecordedRequest, data: Buffer): void {
  record.upgradeBytes += data.length;
  socket.write(data);
}

function sendInterim({ request, response, stream }: Exchange): void {
  const wanted = String(request.headers['x-reply-1xx'] ?? '');
  for (const status of wanted.split(',').map((item) => item.trim())) {
    if (status === '102' && stream === null) response.writeProcessing();
    if (status === '102') stream?.additionalHeaders({ ':status': 102 });
    if (status === '103') {
      const link = '</s.css>; rel=preload';
      if (stream === null) response.writeEarlyHints({ link });
      else stream.additionalHeaders({ ':status': 103, link });
    }
  }
}

function replyPairs(request: AnyRequest): HeaderPair[] {
  const reply = JSON.parse(String(request.headers['x-reply'] ?? '{}')) as Readonly<
    Record<string, string | readonly string[]>
  >;
  return Object.entries(reply).flatMap(([name, value]) =>
    [value].flat().map((one): HeaderPair => [name, String(one)]),
  );
}

function replyTrailers(request: AnyRequest): Record<string, string> | null {
  const wanted = request.headers['x-reply-trailers'];
  return wanted === undefined ? null : (JSON.parse(String(wanted)) as Record<string, string>);
}

function seenTls(socket: Socket): SeenTls | null {
  if (!('getPeerCertificate' in socket)) return null;
  const { alpnProtocol, servername, getPeerCertificate } = socket as TLSSocket & {
    readonly servername?: string | false;
  };
  const subject = getPeerCertificate.call(socket)?.subject;
  return {
    alpn: alpnProtocol || null,
    sni: servername || null,
    client_cert: subject === undefined ? null : String(subject.CN),
  };
}

function headerPairs(raw: readonly string[]): HeaderPair[] {
  const pairs: HeaderPair[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (!controlHeaders.has(name.toLowerCase())) pairs.push([name, raw[i + 1] ?? '']);
  }
  return pairs;
}
