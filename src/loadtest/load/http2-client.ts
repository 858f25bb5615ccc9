/** HTTP/2 through node:http2: streams over a few connections, in turns. */

import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { LoadRequest } from '../request-mix.ts';
import { type AnswerListener, AnswerReader, failureOf } from './answer-reader.ts';
import type { LoadClient, LoadClientOptions } from './load-client.ts';
import { originOf, tlsConnectOptions } from './load-client.ts';

/** Streams that a connection is meant to carry at the same time; servers mostly allow 100. */
const streamsPerConnection = 100;

export class Http2Client implements LoadClient {
  readonly #options: LoadClientOptions;
  readonly #sessions: (ClientHttp2Session | null)[];
  #next = 0;

  /** `connections` counts requests at the same time, of which one connection carries many. */
  constructor(options: LoadClientOptions) {
    this.#options = options;
    const count = Math.max(1, Math.ceil(options.connections / streamsPerConnection));
    this.#sessions = Array.from({ length: count }, () => null);
  }

  send(request: LoadRequest, listener: AnswerListener): () => void {
    const { method, path, host, headers, body } = request;
    const stream = this.#session().request(
      {
        ...headers,
        [constants.HTTP2_HEADER_METHOD]: method,
        [constants.HTTP2_HEADER_PATH]: path,
        ...(host === '' ? {} : { [constants.HTTP2_HEADER_AUTHORITY]: host }),
      },
      { endStream: body === null },
    );
    if (body !== null) stream.end(body);
    const reader = new AnswerReader(listener, this.#options.routeHeader);
    followStream(stream, reader);
    return () => {
      reader.giveUp();
      stream.close(constants.NGHTTP2_CANCEL);
    };
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) session?.destroy();
  }

  #session(): ClientHttp2Session {
    const position = this.#next++ % this.#sessions.length;
    const known = this.#sessions[position] ?? null;
    if (known !== null && !known.closed && !known.destroyed) return known;
    const session = connect(originOf(this.#options), tlsConnectOptions(this.#options));
    // Streams are told too, each for itself.
    session.on('error', () => undefined);
    this.#sessions[position] = session;
    return session;
  }
}

function followStream(stream: ClientHttp2Stream, reader: AnswerReader): void {
  stream.once('response', (headers) => reader.head(headers[':status'] ?? 0, headers));
  stream.once('end', () => reader.end());
  stream.on('error', (error) => reader.fail(failureOf(error)));
  // Without an answer before.
  stream.once('close', () => reader.fail('reset'));
  stream.resume();
}
