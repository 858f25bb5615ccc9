/** HTTP/2 through node:http2: streams over a few connections, in turns. */

import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { LoadRequest } from '../request-mix.ts';
import {
  type AnswerListener,
  endpointOf,
  failureOf,
  type LoadClient,
  type LoadClientOptions,
  originOf,
} from './load-client.ts';

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
    return followStream(stream, listener);
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) session?.destroy();
  }

  #session(): ClientHttp2Session {
    const position = this.#next++ % this.#sessions.length;
    const known = this.#sessions[position] ?? null;
    if (known !== null && !known.closed && !known.destroyed) return known;
    const { tls } = this.#options;
    const session = connect(originOf(this.#options), {
      ...(tls === null
        ? {}
        : {
            servername: tls.serverName,
            rejectUnauthorized: !tls.insecure,
            ...(tls.ca === null ? {} : { ca: tls.ca }),
          }),
    });
    // Streams are told too, each for itself.
    session.on('error', () => undefined);
    this.#sessions[position] = session;
    return session;
  }
}

function followStream(stream: ClientHttp2Stream, listener: AnswerListener): () => void {
  let status = 0;
  let endpoint = 0;
  let isOver = false;
  const end = (tell: () => void): void => {
    if (isOver) return;
    isOver = true;
    tell();
  };
  stream.once('response', (headers) => {
    status = headers[':status'] ?? 0;
    endpoint = endpointOf(headers);
  });
  stream.once('end', () => {
    if (status > 0) end(() => listener.onAnswer(status, endpoint));
  });
  stream.on('error', (error) => end(() => listener.onFailure(failureOf(error))));
  stream.once('close', () => end(() => listener.onFailure('reset')));
  stream.resume();
  return () => {
    isOver = true;
    stream.close(constants.NGHTTP2_CANCEL);
  };
}
