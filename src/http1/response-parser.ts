/**
 * Parses responses out of the bytes of one upstream connection, one for each request that was
 * announced with `expect`. Bytes that nothing asked for are an error: they could be taken for the
 * answer to another client.
 */

import { BlockCollector } from './block-collector.ts';
import { BodyDecoder } from './body-decoder.ts';
import { type CodecError, type CodecErrorCode, codecError } from './codec-error.ts';
import type { CodecLimits } from './codec-limits.ts';
import { failed, incomplete } from './field-scanner.ts';
import type { HeaderList } from './header-list.ts';
import type { ResponseHead } from './message-head.ts';
import { ResponseHeadReader } from './response-head-reader.ts';

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
  readonly #head: ResponseHeadReader;
  readonly #body: BodyDecoder;
  /** A head that came in part. */
  readonly #partialHead: BlockCollector;
  #state = stateIdle;
  #leftover: Buffer = emptyBuffer;
  /** Being parsed: `[#at, #end)` of the source is still to come. */
  #source: Buffer | null = null;
  #at = 0;
  #end = 0;

  constructor(handler: ResponseHandler, limits: CodecLimits) {
    this.#handler = handler;
    this.#head = new ResponseHeadReader(limits);
    this.#partialHead = new BlockCollector(limits.responseHeadBytes);
    this.#body = new BodyDecoder({
      trailerBytes: limits.trailerBytes,
      trailerCount: limits.responseHeaderCount,
      chunkLineBytes: limits.chunkLineBytes,
    });
  }

  /** Nothing is expected and nothing came that was not asked for. */
  get idle(): boolean {
    return this.#state === stateIdle && this.#at === this.#end;
  }

  /** Announces the response to a request of that method. Call it when idle, for each request. */
  expect(method: string): void {
    if (this.#state !== stateIdle) return;
    this.#head.method = method;
    this.#state = stateHead;
  }

  /** Parses bytes. */
  push(bytes: Buffer, start: number, end: number): void {
    if (this.#state === stateStopped) return;
    this.#source = bytes;
    this.#at = start;
    this.#end = end;
    while (this.#at < this.#end) {
      if (this.#state === stateHead) this.#readHead(bytes);
      else if (this.#state === stateBody) this.#readBody(bytes);
      else if (this.#state === stateIdle) this.#fail('unexpected_data');
      else break;
    }
    // Copied, for the caller reads into the same buffer again.
    if (this.#at < this.#end) this.#leftover = this.takeLeftover();
    this.#source = null;
  }

  /** The peer closed its side. Ends a body without a length; any other open response is cut off. */
  end(): void {
    const state = this.#state;
    if (state === stateBody && this.#body.untilClose) {
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
    this.#partialHead.clear();
  }

  /** Hands over, once, a copy of the bytes that were read behind a 101. */
  takeLeftover(): Buffer {
    const rest = this.#source?.subarray(this.#at, this.#end) ?? emptyBuffer;
    const leftover = Buffer.concat([this.#leftover, rest]);
    this.#at = this.#end;
    this.#leftover = emptyBuffer;
    return leftover;
  }

  #readHead(bytes: Buffer): void {
    const partial = this.#partialHead;
    if (partial.length === 0) {
      const headEnd = this.#head.read(bytes, this.#at, this.#end);
      if (headEnd !== incomplete) return this.#emitHead(headEnd, headEnd);
    }
    this.#at = partial.take(bytes, this.#at, this.#end);
    if (partial.overflown) return this.#fail('headers_too_large');
    if (!partial.complete) return;
    const headEnd = this.#head.read(partial.bytes, 0, partial.length);
    partial.clear();
    this.#emitHead(headEnd, this.#at);
  }

  /** `result` is what the head reader returned; the message goes on at `at`. */
  #emitHead(result: number, at: number): void {
    const head = this.#head.head;
    if (result < 0 || head === null) {
      return this.#fail(result === failed ? this.#head.error : 'bad_line_ending');
    }
    this.#at = at;
    if (head.status < 200 && head.status !== 101) return this.#handler.onInformational(head);
    if (head.status === 101) {
      this.#state = stateTunnel;
      return this.#handler.onResponseHead(head);
    }
    this.#state = stateBody;
    this.#body.begin(head.framing);
    this.#handler.onResponseHead(head);
    if (this.#state === stateBody && this.#body.done) this.#emitEnd();
  }

  #readBody(bytes: Buffer): void {
    const body = this.#body;
    this.#at = body.read(bytes, this.#at, this.#end);
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
    const hasSurplus = this.#at < this.#end;
    this.#handler.onResponseEnd(this.#body.trailers);
    if (hasSurplus && this.#state !== stateStopped) this.#fail('unexpected_data');
  }

  #fail(code: CodecErrorCode): void {
    this.stop();
    this.#at = this.#end;
    this.#handler.onResponseError(codecError(code));
  }
}
