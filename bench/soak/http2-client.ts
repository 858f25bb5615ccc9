/** HTTP/2 by node:http2: streams over few connections, each of which ends after a while. */

import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { bodyOf } from './bodies.ts';
import type { LoadClient, LoadClientOptions } from './load-client.ts';
import type { SoakRequest } from './requests.ts';
import { authority } from './rules.ts';

const connections = 4;
/** A connection is closed when it has had so many streams. */
const streamsEach = 2_000;
/**
 * Megabytes. With Node's own limit of 10 a burst makes the client reset hundreds of streams as
 * ENHANCE_YOUR_CALM, for which the proxy ends the connection: too many resets before their time.
 */
const maxSessionMemory = 1_000;

class Connection {
  readonly session: ClientHttp2Session;
  #streamsLeft = streamsEach;
  #open = 0;

  constructor(session: ClientHttp2Session) {
    this.session = session;
  }

  get isUsedUp(): boolean {
    return this.#streamsLeft === 0 || this.session.closed;
  }

  begin(): void {
    this.#streamsLeft--;
    this.#open++;
  }

  /** Closed behind its last stream: nghttp2 refuses by itself what waits for its turn by then. */
  end(): void {
    this.#open--;
    if (this.#open === 0 && this.isUsedUp) this.session.close();
  }

  close(): void {
    this.#streamsLeft = 0;
    if (this.#open === 0) this.session.close();
  }
}

export class Http2Client implements LoadClient {
  readonly #options: LoadClientOptions;
  readonly #connections: (Connection | undefined)[] = [];
  #next = 0;
  open = 0;

  constructor(options: LoadClientOptions) {
    this.#options = options;
  }

  send(request: SoakRequest): void {
    const { method, path, bodyLength, id } = request;
    const connection = this.#connection();
    connection.begin();
    const stream = connection.session.request(
      {
        [constants.HTTP2_HEADER_METHOD]: method,
        [constants.HTTP2_HEADER_PATH]: path,
        [constants.HTTP2_HEADER_AUTHORITY]: authority,
        ...(bodyLength > 0 ? { 'content-length': bodyLength } : {}),
      },
      { endStream: bodyLength === 0 },
    );
    if (bodyLength > 0) {
      if (request.abort === 'sent') stream.write(bodyOf(id, bodyLength >> 1));
      else stream.end(bodyOf(id, bodyLength));
    }
    const { ledger, onEnd } = this.#options;
    stream.once('close', () => connection.end());
    follow(stream, request, { ledger, onEnd });
  }

  close(): void {
    for (const connection of this.#connections.splice(0)) connection?.close();
  }

  #connection(): Connection {
    const at = this.#next++ % connections;
    const known = this.#connections[at];
    if (known !== undefined && !known.isUsedUp) return known;
    const session = connect(`http://127.0.0.1:${this.#options.port}`, { maxSessionMemory });
    this.open++;
    // Streams are told too, each for itself.
    session.on('error', () => undefined);
    session.on('close', () => {
      this.open--;
    });
    const connection = new Connection(session);
    this.#connections[at] = connection;
    return connection;
  }
}

function follow(
  stream: ClientHttp2Stream,
  request: SoakRequest,
  { ledger, onEnd }: Pick<LoadClientOptions, 'ledger' | 'onEnd'>,
): void {
  let received = 0;
  let isOver = false;
  const end = (tell: () => void): void => {
    if (isOver) return;
    isOver = true;
    tell();
    onEnd();
  };
  const leave = (tell: () => void): void => {
    end(tell);
    stream.close(constants.NGHTTP2_CANCEL);
  };
  const abort = (): void => leave(() => ledger.aborted++);
  stream.on('response', (headers) => {
    if (isOver) return;
    const text = (name: string): string => String(headers[name] ?? '');
    const head = {
      status: headers[':status'] ?? 0,
      id: text('x-id'),
      endpoint: text('x-endpoint'),
      generation: text('x-generation'),
      body: text('x-body'),
      text: '',
    };
    if (!ledger.judgeHead(request, head)) leave(() => undefined);
    else if (request.abort === 'head') abort();
  });
  stream.on('data', (piece: Buffer) => {
    if (isOver) return;
    if (!ledger.judgePiece(request, piece, received)) leave(() => undefined);
    received += piece.length;
    if (request.abort === 'body') abort();
  });
  stream.on('end', () => {
    if (received === request.answerLength) end(() => ledger.whole(request));
  });
  let why = 'the stream ended';
  stream.on('error', (error: NodeJS.ErrnoException) => {
    why = error.code ?? error.message;
  });
  stream.on('close', () => end(() => ledger.broken(request, `${why}, code ${stream.rstCode}`)));
  if (request.abort === 'sent') setImmediate(abort);
}
