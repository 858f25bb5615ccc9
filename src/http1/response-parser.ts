/**
 * Parses responses out of the bytes of one upstream connection, one for each request that was
 * announced with `expect`. Bytes that nothing asked for are an error: they could be taken for the
 * answer to another client.
 */

import { type CodecError, type CodecErrorCode, codecError } from './codec-error.ts';
import type { CodecLimits } from './codec-limits.ts';
import type { HeaderList } from './header-list.ts';
import type { ResponseHead } from './message-head.ts';
import { MessageReader } from './message-reader.ts';
import { ResponseStart } from './response-head.ts';

/** Hears of a response in order. Every method may call `expect` or `stop` of the parser. */
export interface ResponseHandler {
  /** 1xx but 101; the response itself is still to come. */
  onInformational(head: ResponseHead): void;
  /** After a 101 nothing more comes: the bytes behind it are the tunnel's, see `takeLeftover`. */
  onResponseHead(head: ResponseHead): void;
  /** `bytes[start, end)` is valid during the call only: it may be the buffer of the next read. */
  onResponseBody(bytes: Buffer, start: number, end: number): void;
  /** The connection may be used again only if the parser is `idle` now. */
  onResponseEnd(trailers: HeaderList | null): void;
  /** The last event: the connection is of no more use. */
  onResponseError(error: CodecError): void;
}

/** Nothing is expected. */
const stateIdle = 0;
/** Before or inside a head. */
const stateHead = 1;
const stateBody = 2;
/** After a 101. */
const stateTunnel = 3;
/** After `stop`, an error or the end of the connection. */
const stateStopped = 4;

const emptyBuffer = Buffer.alloc(0);

export class ResponseParser {
  readonly #handler: ResponseHandler;
  readonly #start = new ResponseStart();
  readonly #reader: MessageReader<ResponseHead>;
  #state = stateIdle;
  #leftover: Buffer = emptyBuffer;

  constructor(handler: ResponseHandler, limits: CodecLimits) {
    const head = { bytes: limits.responseHeadBytes, fields: limits.responseHeaderCount };
    this.#handler = handler;
    this.#reader = new MessageReader(this.#start, head, limits);
  }

  /** Nothing is expected and nothing came that was not asked for. */
  get idle(): boolean {
    return this.#state === stateIdle && this.#reader.left === 0;
  }

  /** Announces the response to a request of that method. Call it when idle, for each request. */
  expect(method: string): void {
    if (this.#state !== stateIdle) return;
    this.#start.method = method;
    this.#state = stateHead;
  }

  /** Parses bytes. */
  push(bytes: Buffer, start: number, end: number): void {
    if (this.#state === stateStopped) return;
    const reader = this.#reader;
    reader.begin(bytes, start, end);
    while (reader.left > 0) {
      if (this.#state === stateHead) this.#readHead(bytes);
      else if (this.#state === stateBody) this.#readBody(bytes);
      else if (this.#state === stateIdle) this.#fail('unexpected_data');
      else break;
    }
    const rest = reader.end();
    // Copied, for the caller reads into the same buffer again.
    if (rest.length > 0) this.#leftover = Buffer.concat([this.#leftover, rest]);
  }

  /** The peer closed its side. Ends a body without a length; any other open response is cut off. */
  end(): void {
    const state = this.#state;
    if (state === stateBody && this.#reader.body.untilClose) {
      this.#state = stateStopped;
      this.#handler.onResponseEnd(null);
    } else if (state === stateHead || state === stateBody) {
      this.#fail('premature_eof');
    } else {
      this.#state = stateStopped;
    }
  }

  /** Ignores everything from now on. */
  stop(): void {
    this.#state = stateStopped;
    this.#reader.forgetPart();
  }

  /** Hands over, once, a copy of the bytes that were read behind a 101. */
  takeLeftover(): Buffer {
    const leftover = Buffer.concat([this.#leftover, this.#reader.takeRest()]);
    this.#leftover = emptyBuffer;
    return leftover;
  }

  #readHead(bytes: Buffer): void {
    const reader = this.#reader;
    const head = reader.readHead(bytes);
    if (head === null) {
      if (reader.error !== null) this.#fail(reader.error);
      return;
    }
    if (head.status < 200 && head.status !== 101) return this.#handler.onInformational(head);
    if (head.status === 101) {
      this.#state = stateTunnel;
      return this.#handler.onResponseHead(head);
    }
    this.#state = stateBody;
    reader.body.begin(head.framing);
    this.#handler.onResponseHead(head);
    if (this.#state === stateBody && reader.body.done) this.#emitEnd();
  }

  #readBody(bytes: Buffer): void {
    const { body } = this.#reader;
    this.#reader.readBody(bytes);
    if (body.pieceStart < body.pieceEnd) {
      this.#handler.onResponseBody(bytes, body.pieceStart, body.pieceEnd);
      if (this.#state !== stateBody) return;
    }
    if (body.error !== null) this.#fail(body.error);
    else if (body.done) this.#emitEnd();
  }

  #emitEnd(): void {
    this.#state = stateIdle;
    // Whatever follows was sent before the next request was: it answers nothing.
    const hasSurplus = this.#reader.left > 0;
    this.#handler.onResponseEnd(this.#reader.body.trailers);
    if (hasSurplus && this.#state !== stateStopped) this.#fail('unexpected_data');
  }

  #fail(code: CodecErrorCode): void {
    this.stop();
    this.#reader.takeRest();
    this.#handler.onResponseError(codecError(code));
  }
}
