/**
 * Parses requests out of the bytes of one downstream connection. Strict by intent: what two
 * readers might understand differently is refused (codec-error.ts lists the reasons).
 */

import { type CodecError, type CodecErrorCode, codecError } from './codec-error.ts';
import type { CodecLimits } from './codec-limits.ts';
import type { HeaderList } from './header-list.ts';
import type { RequestHead } from './message-head.ts';
import { MessageReader } from './message-reader.ts';
import { RequestStart } from './request-head.ts';

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
  readonly #reader: MessageReader<RequestHead>;
  readonly #limits: CodecLimits;
  #state = stateHead;
  /** `next` was called before the message was complete. */
  #mayGoOn = false;
  /** Bytes behind a complete message, kept until `next`. */
  #pending: Buffer = emptyBuffer;
  /** How many requests, and chunks of bodies, may be handed on before `goOn` is called. */
  #requestsLeft = 0;
  #chunksLeft = 0;

  constructor(handler: RequestHandler, limits: CodecLimits) {
    const head = { bytes: limits.requestHeadBytes, fields: limits.requestHeaderCount };
    this.#handler = handler;
    this.#limits = limits;
    this.#reader = new MessageReader(new RequestStart(), head, limits);
  }

  /** Between messages: `next` was called, and no byte of another message is here. */
  get idle(): boolean {
    return this.#state === stateHead && !this.inHead && this.bufferedBytes === 0;
  }

  /** A head is here in part. */
  get inHead(): boolean {
    return this.#reader.inHead;
  }

  /** Bytes kept that belong to messages behind the current one. */
  get bufferedBytes(): number {
    return this.#pending.length + this.#reader.left;
  }

  /**
   * Bytes are kept that could be parsed: enough was handed on for one turn of the event loop, and
   * other connections have theirs. `goOn` is to be called in the next one.
   */
  get mustWait(): boolean {
    return this.#pending.length > 0 && this.#state < stateWaiting;
  }

  /**
   * Parses bytes. Behind a complete message it stops and keeps a copy of what is left until
   * `next`, so that pipelined requests are handed on one at a time.
   */
  push(bytes: Buffer, start: number, end: number): void {
    if (this.#state === stateStopped) return;
    if (this.#state === stateWaiting || this.#reader.isOpen || this.#pending.length > 0) {
      this.#pending = Buffer.concat([this.#pending, bytes.subarray(start, end)]);
      return;
    }
    this.#beginTurn();
    const rest = this.#run(bytes, start, end);
    // Copied, for the caller reads into the same buffer again.
    if (rest.length > 0) this.#keep(Buffer.from(rest));
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

  /** Parses what `mustWait` speaks of. */
  goOn(): void {
    if (!this.mustWait) return;
    this.#beginTurn();
    this.#drain();
  }

  /** Ignores everything from now on: the connection is upgraded or will be closed. */
  stop(): void {
    this.#state = stateStopped;
    this.#reader.forgetPart();
  }

  /** Hands over, once, the bytes behind the last message that were read already. */
  takeLeftover(): Buffer {
    const leftover = Buffer.concat([this.#reader.takeRest(), this.#pending]);
    this.#pending = emptyBuffer;
    return leftover;
  }

  /** Parses kept bytes. Called by the handler it does nothing: the loop outside goes on by itself. */
  #drain(): void {
    if (this.#reader.isOpen) return;
    while (this.mustWait && !this.#isSpent()) {
      const pending = this.#pending;
      this.#pending = emptyBuffer;
      const rest = this.#run(pending, 0, pending.length);
      // Not copied: these bytes are ours.
      if (rest.length > 0) this.#keep(rest);
    }
  }

  #keep(left: Buffer): void {
    this.#pending = this.#pending.length === 0 ? left : Buffer.concat([left, this.#pending]);
  }

  /** Parses until the bytes end or the state says to stop; returns what is left. */
  #run(bytes: Buffer, start: number, end: number): Buffer {
    const reader = this.#reader;
    reader.begin(bytes, start, end);
    while (reader.left > 0 && !this.#isSpent()) {
      if (this.#state === stateHead) this.#readHead(bytes);
      else if (this.#state === stateBody) this.#readBody(bytes);
      else break;
    }
    return reader.end();
  }

  #beginTurn(): void {
    this.#requestsLeft = this.#limits.requestsPerTurn;
    this.#chunksLeft = this.#limits.framesPerTurn;
  }

  #isSpent(): boolean {
    return this.#requestsLeft <= 0 || this.#chunksLeft <= 0;
  }

  #readHead(bytes: Buffer): void {
    const reader = this.#reader;
    const head = reader.readHead(bytes);
    if (head === null) {
      if (reader.error !== null) this.#fail(reader.error);
      return;
    }
    this.#requestsLeft--;
    this.#mayGoOn = false;
    this.#state = stateBody;
    reader.body.begin(head.framing);
    this.#handler.onRequestHead(head);
    if (this.#state === stateBody && reader.body.done) this.#emitEnd();
  }

  #readBody(bytes: Buffer): void {
    const { body } = this.#reader;
    this.#reader.readBody(bytes);
    if (body.pieceStart < body.pieceEnd) {
      this.#chunksLeft -= body.joined;
      this.#handler.onRequestBody(bytes, body.pieceStart, body.pieceEnd);
      if (this.#state !== stateBody) return;
    }
    if (body.error !== null) this.#fail(body.error);
    else if (body.done) this.#emitEnd();
  }

  #emitEnd(): void {
    this.#state = this.#mayGoOn ? stateHead : stateWaiting;
    this.#handler.onRequestEnd(this.#reader.body.trailers);
  }

  #fail(code: CodecErrorCode): void {
    this.stop();
    this.#reader.takeRest();
    this.#handler.onRequestError(codecError(code));
  }
}
