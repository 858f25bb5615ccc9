/**
 * Where a parser stands in its bytes: heads that come in one read or in several, and bodies. What
 * follows what, and who is told, is the parsers' own.
 */

import { BlockCollector } from './block-collector.ts';
import { BodyDecoder } from './body-decoder.ts';
import type { CodecErrorCode } from './codec-error.ts';
import type { CodecLimits } from './codec-limits.ts';
import { failed, incomplete } from './field-scanner.ts';
import { type HeadLimits, HeadReader, type StartLine } from './head-reader.ts';

const emptyBuffer = Buffer.alloc(0);

export class MessageReader<Head extends object> {
  readonly body: BodyDecoder;
  /** Why there will be no head; null while there may be one. */
  error: CodecErrorCode | null = null;
  readonly #head: HeadReader<Head>;
  /** A head that came in part. */
  readonly #partial: BlockCollector;
  /** Being parsed: `#source[#at, #end)` is still to come. Null outside of `begin` and `end`. */
  #source: Buffer | null = null;
  #at = 0;
  #end = 0;

  constructor(line: StartLine<Head>, head: HeadLimits, limits: CodecLimits) {
    this.#head = new HeadReader(line, head);
    this.#partial = new BlockCollector(head.bytes);
    this.body = new BodyDecoder({
      trailerBytes: limits.trailerBytes,
      trailerCount: head.fields,
      chunkLineBytes: limits.chunkLineBytes,
    });
  }

  /** Bytes are being parsed now. */
  get isOpen(): boolean {
    return this.#source !== null;
  }

  /** A head is here in part. */
  get inHead(): boolean {
    return this.#partial.length > 0;
  }

  /** Bytes still to come. */
  get left(): number {
    return this.#end - this.#at;
  }

  begin(bytes: Buffer, start: number, end: number): void {
    this.#source = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Ends the parsing of these bytes; returns what is left of them. */
  end(): Buffer {
    const rest = this.takeRest();
    this.#source = null;
    return rest;
  }

  /** The bytes still to come, which count as read now. They are not copied. */
  takeRest(): Buffer {
    if (this.#source === null || this.#at === this.#end) return emptyBuffer;
    const rest = this.#source.subarray(this.#at, this.#end);
    this.#at = this.#end;
    return rest;
  }

  /** Forgets a head that is here in part. */
  forgetPart(): void {
    this.#partial.clear();
  }

  /** The next head; null if it is not here whole, or with `error` if there is none. */
  readHead(bytes: Buffer): Head | null {
    const partial = this.#partial;
    if (partial.length === 0) {
      const headEnd = this.#head.read(bytes, this.#at, this.#end);
      if (headEnd !== incomplete) return this.#take(headEnd, headEnd);
    }
    this.#at = partial.take(bytes, this.#at, this.#end);
    if (partial.overflown) return this.#fail('headers_too_large');
    if (!partial.complete) return null;
    const headEnd = this.#head.read(partial.bytes, 0, partial.length);
    partial.clear();
    return this.#take(headEnd, this.#at);
  }

  /** Reads on in the body, whose next piece is then at `body.pieceStart`. */
  readBody(bytes: Buffer): void {
    this.#at = this.body.read(bytes, this.#at, this.#end);
  }

  /** `result` is what the head reader returned; the message goes on at `at`. */
  #take(result: number, at: number): Head | null {
    if (result < 0) return this.#fail(result === failed ? this.#head.error : 'bad_line_ending');
    this.#at = at;
    return this.#head.head;
  }

  #fail(error: CodecErrorCode): null {
    this.error = error;
    return null;
  }
}
