/** Reads one complete request head: request line, fields, and what they mean for the connection. */

import type { CodecErrorCode } from './codec-error.ts';
import type { CodecLimits } from './codec-limits.ts';
import { mayNominate, parseConnection } from './connection-options.ts';
import { FieldScanner, failed, firstSliceBytes, incomplete } from './field-scanner.ts';
import { type BodyFraming, chunkedBody, noBody, type RequestHead } from './message-head.ts';
import { RequestLine } from './request-line.ts';

export class RequestHeadReader {
  /** Set when `read` returned a position. */
  head: RequestHead | null = null;
  readonly #headBytesMax: number;
  readonly #line = new RequestLine();
  readonly #fields: FieldScanner;
  #error: CodecErrorCode = 'bad_method';

  constructor(limits: CodecLimits) {
    this.#headBytesMax = limits.requestHeadBytes;
    this.#fields = new FieldScanner(limits.requestHeaderCount);
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
    const line = this.#line;
    const fields = this.#fields;
    // The head becomes one string; all parts of it are slices that share its memory.
    const text = bytes.toString('latin1', start, end);
    const lineEnd = line.read(bytes, start, text);
    if (lineEnd < 0) return lineEnd === failed ? this.#fail(line.error) : incomplete;
    fields.begin(text, start);
    const headEnd = fields.scan(bytes, lineEnd, end);
    if (headEnd < 0) return headEnd === failed ? this.#fail(fields.error) : incomplete;
    const error = this.#findError();
    if (error !== null) return this.#fail(error);
    return this.#build() ? headEnd : this.#fail('connection_header_rejected');
  }

  /** What only the fields together tell. */
  #findError(): CodecErrorCode | null {
    const fields = this.#fields;
    if (this.#line.version !== 'HTTP/1.1') {
      // RFC 9112 section 6.1: chunked was unknown to HTTP/1.0, its framing cannot be trusted.
      const isFaulty = this.#line.version === 'HTTP/1.0' && fields.hasTransferEncoding;
      return isFaulty ? 'transfer_encoding_not_allowed' : 'low_version';
    }
    const isConnect = this.#line.method === 'CONNECT';
    if (fields.hasTransferEncoding) {
      if (fields.contentLength !== -1) return 'length_and_chunked';
      return fields.isChunked && !isConnect ? null : 'unknown_transfer_encoding';
    }
    return isConnect && fields.contentLength > 0 ? 'content_length_not_allowed' : null;
  }

  /** False if Connection names fields that must stay. */
  #build(): boolean {
    const fields = this.#fields;
    const { absolute } = this.#line;
    const connection = parseConnection(fields.connection);
    if (connection.names !== null && !mayNominate(connection.names)) return false;
    this.head = {
      method: this.#line.method,
      target: this.#line.target,
      scheme: absolute === null ? null : absolute.scheme,
      minorVersion: 1,
      headers: fields.headers,
      // The target's replaces the Host line (RFC 9112 section 3.2.2).
      host: absolute === null ? fields.host : absolute.authority,
      framing: requestFraming(fields),
      keepAlive: !connection.close,
      upgrade: connection.upgrade && fields.upgrade !== null ? fields.upgrade.toLowerCase() : null,
      expectContinue: fields.expectContinue,
      connectionNames: connection.names,
    };
    return true;
  }

  #fail(error: CodecErrorCode): number {
    this.#error = error;
    return failed;
  }
}

/** RFC 9112 section 6.3: a request without either field has no body. */
function requestFraming(fields: FieldScanner): BodyFraming {
  if (fields.isChunked) return chunkedBody;
  return fields.contentLength === -1 ? noBody : { kind: 'length', length: fields.contentLength };
}
