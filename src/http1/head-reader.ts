/** Reads one complete head, of a request or a response: start line, fields, and what they mean. */

import type { CodecErrorCode } from './codec-error.ts';
import { FieldScanner, failed, incomplete } from './field-scanner.ts';

/** What tells the head of a request from that of a response. */
export interface StartLine<Head> {
  /** Set when `read` returned `failed`. */
  readonly error: CodecErrorCode;
  /**
   * Reads the line that begins at `start`; `text` is the latin1 text of the bytes from there on.
   * Returns the position behind its CR LF, `incomplete` or `failed`.
   */
  read(bytes: Buffer, start: number, text: string): number;
  /** The head of the line that was read last, or why these fields are none for it. */
  build(fields: FieldScanner): Head | CodecErrorCode;
}

export interface HeadLimits {
  /** Start line and fields together. */
  readonly bytes: number;
  readonly fields: number;
}

/** Heads are nearly always shorter: only this much of a read is made a string at first. */
const firstSliceBytes = 4096;

export class HeadReader<Head extends object> {
  /** Set when `read` returned a position. */
  head: Head | null = null;
  /** Set when `read` returned `failed`. */
  error: CodecErrorCode = 'bad_field_name';
  readonly #line: StartLine<Head>;
  readonly #bytesMax: number;
  readonly #fields: FieldScanner;

  constructor(line: StartLine<Head>, limits: HeadLimits) {
    this.#line = line;
    this.#bytesMax = limits.bytes;
    this.#fields = new FieldScanner(limits.fields);
  }

  /** Returns the position behind the head that begins at `start`, `incomplete` or `failed`. */
  read(bytes: Buffer, start: number, end: number): number {
    const limit = Math.min(end, start + this.#bytesMax);
    const firstLimit = Math.min(limit, start + firstSliceBytes);
    const headEnd = this.#readUntil(bytes, start, firstLimit);
    if (headEnd !== incomplete || firstLimit === limit) return headEnd;
    return this.#readUntil(bytes, start, limit);
  }

  #readUntil(bytes: Buffer, start: number, end: number): number {
    const line = this.#line;
    const fields = this.#fields;
    // The head becomes one string; all parts of it are slices that share its memory.
    const text = bytes.toString('latin1', start, end);
    const lineEnd = line.read(bytes, start, text);
    if (lineEnd < 0) return lineEnd === failed ? this.#fail(line.error) : incomplete;
    fields.begin(text, start);
    const headEnd = fields.scan(bytes, lineEnd, end);
    if (headEnd < 0) return headEnd === failed ? this.#fail(fields.error) : incomplete;
    const head = line.build(fields);
    if (typeof head === 'string') return this.#fail(head);
    this.head = head;
    return headEnd;
  }

  #fail(error: CodecErrorCode): number {
    this.error = error;
    return failed;
  }
}
