/** What a status line and the fields below it mean together, and for which request. */

import type { CodecErrorCode } from './codec-error.ts';
import { parseConnection } from './connection-options.ts';
import type { FieldScanner } from './field-scanner.ts';
import {
  type BodyFraming,
  chunkedBody,
  closeBody,
  noBody,
  type ResponseHead,
} from './message-head.ts';
import { StatusLine } from './status-line.ts';

export class ResponseStart extends StatusLine {
  /** The method of the request, which decides whether a body follows (RFC 9112 section 6.3). */
  method = 'GET';

  build(fields: FieldScanner): ResponseHead | CodecErrorCode {
    const error = this.#findError(fields);
    if (error !== null) return error;
    const connection = parseConnection(fields.connection);
    const framing = this.#framing(fields);
    const isKept = this.minorVersion === 1 || connection.keepAlive;
    const isClosed = connection.close || fields.proxyClose;
    return {
      status: this.status,
      reason: this.reason,
      minorVersion: this.minorVersion,
      headers: fields.headers,
      framing,
      keepAlive: isKept && !isClosed && framing !== closeBody,
      connectionNames: connection.names,
    };
  }

  #findError(fields: FieldScanner): CodecErrorCode | null {
    const isBodiless = this.status < 200 || this.status === 204;
    if (fields.hasTransferEncoding) {
      if (fields.contentLength !== -1) return 'length_and_chunked';
      if (isBodiless || this.minorVersion === 0) return 'transfer_encoding_not_allowed';
      return fields.isChunked ? null : 'unknown_transfer_encoding';
    }
    return isBodiless && fields.contentLength > 0 ? 'content_length_not_allowed' : null;
  }

  /** RFC 9112 section 6.3. */
  #framing({ isChunked, contentLength }: FieldScanner): BodyFraming {
    const { status } = this;
    if (status < 200 || status === 204 || status === 304 || this.method === 'HEAD') return noBody;
    if (isChunked) return chunkedBody;
    return contentLength === -1 ? closeBody : { kind: 'length', length: contentLength };
  }
}
