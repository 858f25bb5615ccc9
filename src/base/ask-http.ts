/**
 * A question over HTTP to an address that a user gave. `fetch` is for browsers: it refuses ports
 * that these block (6000, 10080 and others), and whoever gave such a port to a proxy means it.
 */

import type {
  ClientRequest,
  IncomingHttpHeaders,
  IncomingMessage,
  RequestOptions,
} from 'node:http';
import { http } from './node-http.ts';

const connectMs = 10_000;
/** From the connection to the head of the answer; a stream may last. */
const answerMs = 60_000;

interface HttpQuestion {
  readonly method?: 'GET' | 'POST';
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** 2xx. */
  readonly ok: boolean;
  /** `content-type`; empty without. */
  readonly type: string;
  /** Names are in lower case. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** The body as it comes. Rejects where it ends before its end. */
  readonly pieces: AsyncIterable<string>;
  text(): Promise<string>;
  /** Without reading the body. */
  cancel(): void;
}

/** Rejects with what Node says where no answer comes. Redirects are not followed. */
export async function askHttp(url: string, question: HttpQuestion = {}): Promise<HttpAnswer> {
  const { method = 'GET', signal } = question;
  // A connection of its own: none is left over that could be closed while it is asked again.
  const options = { method, agent: false, timeout: connectMs } as const;
  const message = await send(new URL(url), signal === undefined ? options : { ...options, signal });
  const { statusCode: status = 0, headers } = message;
  const pieces: AsyncIterable<string> = message.setEncoding('utf8');
  return {
    status,
    ok: status >= 200 && status < 300,
    type: headers['content-type'] ?? '',
    headers,
    pieces,
    text: () => joined(pieces),
    cancel: () => message.destroy(),
  };
}

function send(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = requestTo(url, options);
    let late: Error = Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' });
    request.on('socket', (socket) =>
      socket.once('connect', () => {
        late = new Error(`no answer within ${answerMs / 1000} s`);
        request.setTimeout(answerMs);
      }),
    );
    request.on('timeout', () => request.destroy(late));
    request.on('error', reject);
    request.on('response', (message) => {
      request.setTimeout(0);
      resolve(message);
    });
    request.end();
  });
}

function requestTo(url: URL, options: RequestOptions): ClientRequest {
  if (url.protocol !== 'https:') return http.request(url, options);
  return process.getBuiltinModule('node:https').request(url, options);
}

async function joined(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}
