/**
 * Parses requests out of the bytes of one downstream connection. Strict by intent: what two
 * readers might understand differently is refused (codec-error.ts lists the reasons).
 */

import { BlockCollector } from './block-collector.ts';
import { BodyDecoder } from './body-decoder.ts';
import { type CodecError, type CodecErrorCode, codecError } from './codec-error.ts';
import type { CodecLimits } from './codec-limits.ts';
import { failed, incomplete } from './field-scanner.ts';
import type { HeaderList } from './header-list.ts';
import type { RequestHead } from './message-head.ts';
import { RequestHeadReader } from './request-head-reader.ts';

/** Hears of a request in order. Every method may call `next` or `stop` of the parser. */
export interface RequestHandler {
  onRequestHead(head: RequestHead): void;
  /** `bytes[start, end)` is valid during the call only: it may be the buffer of the next read. */
  onRequestBody(bytes: Buffer, start: number, end: number): void;
  onRequestEnd(trailers: HeaderList | null): void;
  /** The last event: where a next message would begin is not known. */
  onRequestError(error: CodecError): void;
}

/** Before or inside a head. */
const stateHead = 0;
const stateBody = 1;
/** A message is complete and `next` was not called. */
const stateWaiting = 2;
/** After `stop` or an error. */
const stateStopped = 3;

const emptyBuffer = Buffer.alloc(0);

export class RequestParser {
  readonly #handler: RequestHandler;
  readonly #head: RequestHeadReader;
  readonly #body: BodyDecoder;
  /** A head that came in part. */
  readonly #partialHead: BlockCollector;
  #state = stateHead;
  /** `next` was called before the message was complete. */
  #mayGoOn = false;
  /** Bytes behind a complete message, kept until `next`. */
  #pending: Buffer = emptyBuffer;
  /** Being parsed: `#source[#at, #end)` is still to come. Null outside of `#run`. */
  #source: Buffer | null = null;
  #at = 0;
  #end = 0;

  constructor(handler: RequestHandler, limits: CodecLimits) {
    this.#handler = handler;
    this.#head = new RequestHeadReader(limits);
    this.#partialHead = new BlockCollector(limits.requestHeadBytes);
    this.#body = new BodyDecoder({
      trailerBytes: limits.trailerBytes,
      trailerCount: limits.requestHeaderCount,
      chunkLineBytes: limits.chunkLineBytes,
    });
  }

  /** Between messages: `next` was called, and no byte of another message is here. */
  get idle(): boolean {
    return this.#state === stateHead && !this.inHead && this.bufferedBytes === 0;
  }

  /** A head is here in part. */
  get inHead(): boolean {
    return this.#partialHead.length > 0;
  }

  /** Bytes kept that belong to messages behind the current one. */
  get bufferedBytes(): number {
    return this.#pending.length + this.#end - this.#at;
  }

  /**
   * Parses bytes. Behind a complete message it stops and keeps a copy of what is left until
   * `next`, so that pipelined requests are handed on one at a time.
   */
  push(bytes: Buffer, start: number, end: number): void {
    if (this.#state === stateStopped) return;
    if (this.#state === stateWaiting || this.#source !== null) {
      this.#pending = Buffer.concat([this.#pending, bytes.subarray(start, end)]);
      return;
    }
    this.#run(bytes, start, end);
    // Copied, for the caller reads into the same buffer again.
    if (this.#at < this.#end) this.#keep(Buffer.from(bytes.subarray(this.#at, this.#end)));
    this.#drain();
  }

  /** Allows the next message, and parses what is already here of it. */
  next(): void {
    if (this.#state !== stateWaiting) {
      this.#mayGoOn = true;
      return;
    }
    this.#state = stateHead;
    this.#drain();
  }

  /** Ignores everything from now on: the connection is upgraded or will be closed. */
  stop(): void {
    this.#state = stateStopped;
    this.#partialHead.clear();
  }

  /** Hands over, once, the bytes behind the last message that were read already. */
  takeLeftover(): Buffer {
    const rest = this.#source?.subarray(this.#at, this.#end) ?? emptyBuffer;
    const leftover = Buffer.concat([rest, this.#pending]);
    this.#at = this.#end;
    this.#pending = emptyBuffer;
    return leftover;
  }

  /** Parses kept bytes. Called by the handler it does nothing: the loop outside goes on by itself. */
  #drain(): void {
    if (this.#source !== null) return;
    while (this.#pending.length > 0 && this.#state < stateWaiting) {
      const pending = this.#pending;
      this.#pending = emptyBuffer;
      this.#run(pending, 0, pending.length);
      // Not copied: these bytes are ours.
      if (this.#at < this.#end) this.#keep(pending.subarray(this.#at, this.#end));
    }
  }

  #keep(left: Buffer): void {
    this.#pending = this.#pending.length === 0 ? left : Buffer.concat([left, this.#pending]);
    this.#at = this.#end;
  }

  /** Parses until the bytes end or the state says to stop. */
  #run(bytes: Buffer, start: number, end: number): void {
    this.#source = bytes;
    this.#at = start;
    this.#end = end;
    while (this.#at < this.#end) {
      if (this.#state === stateHead) this.#readHead(bytes);
      else if (this.#state === stateBody) this.#readBody(bytes);
      else break;
    }
    this.#source = null;
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
    this.#mayGoOn = false;
    this.#state = stateBody;
    this.#body.begin(head.framing);
    this.#handler.onRequestHead(head);
    if (this.#state === stateBody && this.#body.done) this.#emitEnd();
  }

  #readBody(bytes: Buffer): void {
    const body = this.#body;
    this.#at = body.read(bytes, this.#at, this.#end);
    if (body.pieceStart < body.pieceEnd) {
      this.#handler.onRequestBody(bytes, body.pieceStart, body.pieceEnd);
      if (this.#state !== stateBody) return;
    }
    if (body.error !== null) this.#fail(body.error);
    else if (body.done) this.#emitEnd();
  }

  #emitEnd(): void {
    this.#state = this.#mayGoOn ? stateHead : stateWaiting;
    this.#handler.onRequestEnd(this.#body.trailers);
  }

  #fail(code: CodecErrorCode): void {
    this.stop();
    this.#at = this.#end;
    this.#handler.onRequestError(codecError(code));
  }
}
