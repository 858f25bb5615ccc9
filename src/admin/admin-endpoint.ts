/** One path of the admin API: a function from a request and the running state to an answer. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { RunningState } from './running-state.ts';

export interface AdminEndpoint {
  /** Without a query. A segment `{name}` takes any one segment, which the handler gets. */
  readonly path: string;
  /** Mutations must be sent by POST. */
  readonly mutation: boolean;
  /** Reads may be sent by POST too: what is asked for may be in the body. Default: GET only. */
  readonly byPost?: boolean;
  /** One line for /help and the index. */
  readonly help: string;
  /** Names of the query parameters, as /help shows them. */
  readonly parameters: readonly string[];
  /** A handler that throws, or whose promise rejects, is answered for with 500. */
  handle(request: AdminRequest, state: RunningState): AdminResponse | Promise<AdminResponse>;
}

export interface AdminRequest {
  readonly query: URLSearchParams;
  /** The segments that stand for `{name}` in the path, decoded. */
  readonly variables: Readonly<Record<string, string>>;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** As UTF-8, at most 1 MiB; empty unless sent by POST. */
  readonly body: string;
}

export interface AdminResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array | StreamBody;
  /** Names in lower case; they win over those that every response has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called when the response has been sent. */
  readonly afterwards?: () => void;
}

/** Writes a body whose end is not known. Called when the head has been sent; never for HEAD. */
export type StreamBody = (stream: StreamingResponse) => void;

export interface StreamingResponse {
  /** What comes after the end is dropped. A reader that leaves 1 MiB unread is cut off. */
  write(chunk: string | Uint8Array): void;
  /** All of `source`, no faster than it is read, and the end. */
  pipe(source: Readable): void;
  end(): void;
  /** Called once: after the end, when the reader has left, or when the API closes. */
  onClose(callback: () => void): void;
}

const textType = 'text/plain; charset=utf-8';

export function text(body: string, status = 200): AdminResponse {
  return { status, contentType: textType, body };
}

export function json(value: unknown, status = 200): AdminResponse {
  const body = `${JSON.stringify(value, null, 1)}\n`;
  return { status, contentType: 'application/json', body };
}
