/** Feeds bytes to a parser and writes down all it says, for unit and conformance tests. */

import type { CodecError } from '../../src/http1/codec-error.ts';
import type { HeaderList } from '../../src/http1/header-list.ts';
import type { RequestHead, ResponseHead } from '../../src/http1/message-head.ts';
import { RequestParser } from '../../src/http1/request-parser.ts';
import { ResponseParser } from '../../src/http1/response-parser.ts';
import { defaultLimits, type Limits } from '../../src/model/limits.ts';

export interface Message<Head> {
  readonly head: Head;
  body: string;
  trailers: readonly string[] | null;
  complete: boolean;
}

export interface RequestTranscript {
  readonly messages: Message<RequestHead>[];
  error: CodecError | null;
  /** Bytes behind the last message handed on. */
  leftover: string;
  idle: boolean;
}

export interface ResponseTranscript {
  readonly informational: ResponseHead[];
  readonly messages: Message<ResponseHead>[];
  error: CodecError | null;
  leftover: string;
  idle: boolean;
}

export type Segments = readonly (string | Buffer)[];

/**
 * Parses requests as a proxy does that answers each at once: on to the next while the connection
 * is kept alive and not upgraded.
 */
export function readRequests(
  segments: Segments,
  limits: Limits = defaultLimits,
): RequestTranscript {
  const transcript: RequestTranscript = { messages: [], error: null, leftover: '', idle: false };
  const parser = new RequestParser(
    {
      onRequestHead: (head) => open(transcript.messages, head),
      onRequestBody: (bytes, start, end) => addBody(transcript.messages, bytes, start, end),
      onRequestEnd: (trailers) => {
        const { head } = close(transcript.messages, trailers);
        if (head.keepAlive && head.upgrade === null && head.method !== 'CONNECT') parser.next();
      },
      onRequestError: (error) => {
        transcript.error = error;
      },
    },
    limits,
  );
  pushAll(parser, segments);
  transcript.idle = parser.idle;
  transcript.leftover = parser.takeLeftover().toString('latin1');
  return transcript;
}

export interface ResponseOptions {
  /** Methods of the requests sent, in order; `GET` once if absent. */
  readonly methods?: readonly string[];
  /** The peer closes behind the last segment. */
  readonly end?: boolean;
  readonly limits?: Limits;
}

/** Parses responses to requests of these methods, each expected when the one before is complete. */
export function readResponses(
  segments: Segments,
  options: ResponseOptions = {},
): ResponseTranscript {
  const methods = [...(options.methods ?? ['GET'])];
  const transcript: ResponseTranscript = {
    informational: [],
    messages: [],
    error: null,
    leftover: '',
    idle: false,
  };
  const parser = new ResponseParser(
    {
      onInformational: (head) => transcript.informational.push(head),
      onResponseHead: (head) => open(transcript.messages, head),
      onResponseBody: (bytes, start, end) => addBody(transcript.messages, bytes, start, end),
      onResponseEnd: (trailers) => {
        close(transcript.messages, trailers);
        expectNext();
      },
      onResponseError: (error) => {
        transcript.error = error;
      },
    },
    options.limits ?? defaultLimits,
  );
  function expectNext(): void {
    const method = methods.shift();
    if (method !== undefined) parser.expect(method);
  }
  expectNext();
  pushAll(parser, segments);
  transcript.leftover = parser.takeLeftover().toString('latin1');
  if (options.end === true) parser.end();
  transcript.idle = parser.idle;
  return transcript;
}

/** Cuts text at these positions. */
export function cut(text: string, positions: readonly number[]): string[] {
  const ends = [...positions, text.length].sort((a, b) => a - b);
  return ends.map((end, i) => text.slice(ends[i - 1] ?? 0, end));
}

/** Every segment arrives in one and the same buffer, as it does from a socket. */
function pushAll(
  parser: {
    readonly mustWait?: boolean;
    push(bytes: Buffer, start: number, end: number): void;
    goOn?(): void;
  },
  segments: Segments,
): void {
  const parts = segments.map((part) => Buffer.from(part as string, 'latin1'));
  const offset = 3;
  const shared = Buffer.alloc(offset + Math.max(0, ...parts.map((part) => part.length)) + offset);
  for (const part of parts) {
    shared.fill('#');
    part.copy(shared, offset);
    parser.push(shared, offset, offset + part.length);
    while (parser.mustWait === true) parser.goOn?.();
  }
}

function open<Head>(messages: Message<Head>[], head: Head): void {
  messages.push({ head, body: '', trailers: null, complete: false });
}

function addBody(messages: Message<unknown>[], bytes: Buffer, start: number, end: number): void {
  last(messages).body += bytes.toString('latin1', start, end);
}

function close<Head>(messages: Message<Head>[], trailers: HeaderList | null): Message<Head> {
  const message = last(messages);
  message.complete = true;
  message.trailers = trailers === null ? null : trailers.flat;
  return message;
}

function last<Head>(messages: Message<Head>[]): Message<Head> {
  const message = messages.at(-1);
  if (message === undefined) throw new Error('an event came before a head');
  return message;
}
