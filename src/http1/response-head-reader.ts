/** Reads one complete response head: status line, fields, and how its body is delimited. */

import { valueChar } from './char-table.ts';
import type { CodecErrorCode } from './codec-error.ts';
import type { CodecLimits } from './codec-limits.ts';
import { parseConnection } from './connection-options.ts';
import { FieldScanner, failed, firstSliceBytes, incomplete } from './field-scanner.ts';
import {
  type BodyFraming,
  chunkedBody,
  closeBody,
  noBody,
  type ResponseHead,
} from './message-head.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const digitZero = 0x30;

/** `HTTP/1.1 200`: everything before the reason. */
const statusBytes = 12;
const versionStart: readonly number[] = [...Buffer.from('HTTP/1.', 'latin1')];

export class ResponseHeadReader {
  /** The method of the request, which decides whether a body follows (RFC 9112 section 6.3). */
  method = 'GET';
  /** Set when `read` returned a position. */
  head: ResponseHead | null = null;
  readonly #headBytesMax: number;
  readonly #fields: FieldScanner;
  #status = 0;
  #minorVersion: 0 | 1 = 1;
  #reason = '';
  #error: CodecErrorCode = 'bad_status_line';

  constructor(limits: CodecLimits) {
    this.#headBytesMax = limits.responseHeadBytes;
    this.#fields = new FieldScanner(limits.responseHeaderCount);
  }

  /** Set when `read` returned `failed`. */
  get error(): CodecErrorCode {
    return this.#error;
  }

  /** Returns the position behind the head that begins at `start`, `incomplete` or `failed`. */
  read(bytes: Buffer, start: number, end: number): number {
    const limit = Math.min(end, start + this.#headBytesMax);
    const firstLimit = Math.min(limit, start + firstSliceBytes);
    const headEnd = this.#readUntil(bytes, start, firstLimit);
    if (headEnd !== incomplete || firstLimit === limit) return headEnd;
    return this.#readUntil(bytes, start, limit);
  }

  #readUntil(bytes: Buffer, start: number, end: number): number {
    const fields = this.#fields;
    const text = bytes.toString('latin1', start, end);
    const lineEnd = this.#readStatusLine(bytes, start, text);
    if (lineEnd < 0) return lineEnd;
    fields.begin(text, start);
    const headEnd = fields.scan(bytes, lineEnd, end);
    if (headEnd < 0) return headEnd === failed ? this.#fail(fields.error) : incomplete;
    const error = this.#findError();
    if (error !== null) return this.#fail(error);
    this.#build();
    return headEnd;
  }

  #readStatusLine(bytes: Buffer, start: number, text: string): number {
    const end = start + text.length;
    if (text.length <= statusBytes) {
      // Something else than HTTP shows with its first byte.
      return text.startsWith('H') ? incomplete : this.#fail('bad_status_line');
    }
    if (!this.#readVersionAndStatus(bytes, start)) return this.#fail('bad_status_line');
    let at = start + statusBytes;
    while (at < end && valueChar[bytes[at] as number] === 1) at++;
    if (at === end || (bytes[at] === carriageReturn && at + 1 === end)) return incomplete;
    if (bytes[at] !== carriageReturn || bytes[at + 1] !== lineFeed) {
      return this.#fail('bad_line_ending');
    }
    // Some leave out the space where there is no reason; RFC 9112 section 4 asks for it.
    const reason = text.slice(statusBytes, at - start);
    if (reason !== '' && !reason.startsWith(' ')) return this.#fail('bad_status_line');
    this.#reason = reason.slice(1);
    return at + 2;
  }

  #readVersionAndStatus(bytes: Buffer, start: number): boolean {
    for (let i = 0; i < versionStart.length; i++) {
      if (bytes[start + i] !== versionStart[i]) return false;
    }
    const minor = (bytes[start + 7] as number) - digitZero;
    const first = (bytes[start + 9] as number) - digitZero;
    const second = (bytes[start + 10] as number) - digitZero;
    const third = (bytes[start + 11] as number) - digitZero;
    if ((minor !== 0 && minor !== 1) || bytes[start + 8] !== space) return false;
    if (first < 1 || first > 9 || !isDigit(second) || !isDigit(third)) return false;
    this.#minorVersion = minor;
    this.#status = first * 100 + second * 10 + third;
    return true;
  }

  /** What only the fields together tell. */
  #findError(): CodecErrorCode | null {
    const fields = this.#fields;
    const isBodiless = this.#status < 200 || this.#status === 204;
    if (fields.hasTransferEncoding) {
      if (fields.contentLength !== -1) return 'length_and_chunked';
      if (isBodiless || this.#minorVersion === 0) return 'transfer_encoding_not_allowed';
      return fields.isChunked ? null : 'unknown_transfer_encoding';
    }
    return isBodiless && fields.contentLength > 0 ? 'content_length_not_allowed' : null;
  }

  #build(): void {
    const fields = this.#fields;
    const connection = parseConnection(fields.connection);
    const framing = this.#framing();
    const mayKeep = this.#minorVersion === 1 ? !connection.close : connection.keepAlive;
    this.head = {
      status: this.#status,
      reason: this.#reason,
      minorVersion: this.#minorVersion,
      headers: fields.headers,
      framing,
      keepAlive: mayKeep && !connection.close && framing !== closeBody,
      connectionNames: connection.names,
    };
  }

  /** RFC 9112 section 6.3. */
  #framing(): BodyFraming {
    const { isChunked, contentLength } = this.#fields;
    const status = this.#status;
    if (status < 200 || status === 204 || status === 304 || this.method === 'HEAD') return noBody;
    if (isChunked) return chunkedBody;
    return contentLength === -1 ? closeBody : { kind: 'length', length: contentLength };
  }

  #fail(error: CodecErrorCode): number {
    this.#error = error;
    return failed;
  }
}

function isDigit(value: number): boolean {
  return value >= 0 && value <= 9;
}
