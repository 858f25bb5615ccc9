/** What a request line and the fields below it mean together. */

import type { CodecErrorCode } from './codec-error.ts';
import { mayNominate, parseConnection } from './connection-options.ts';
import type { FieldScanner } from './field-scanner.ts';
import { type BodyFraming, chunkedBody, noBody, type RequestHead } from './message-head.ts';
import { RequestLine } from './request-line.ts';

export class RequestStart extends RequestLine {
  build(fields: FieldScanner): RequestHead | CodecErrorCode {
    const error = this.#findError(fields);
    if (error !== null) return error;
    const { absolute } = this;
    const connection = parseConnection(fields.connection);
    const { names } = connection;
    if (names !== null && !mayNominate(names)) return 'connection_header_rejected';
    return {
      method: this.method,
      target: this.target,
      scheme: absolute === null ? null : absolute.scheme,
      minorVersion: 1,
      headers: fields.headers,
      // The target's replaces the Host line (RFC 9112 section 3.2.2).
      host: absolute === null ? fields.host : absolute.authority,
      framing: requestFraming(fields),
      keepAlive: !connection.close && !fields.proxyClose,
      upgrade: connection.upgrade && fields.upgrade !== null ? fields.upgrade.toLowerCase() : null,
      connectionNames: names,
    };
  }

  #findError(fields: FieldScanner): CodecErrorCode | null {
    if (fields.hostError !== null) return fields.hostError;
    if (this.version !== 'HTTP/1.1') {
      // RFC 9112 section 6.1: chunked was unknown to HTTP/1.0, its framing cannot be trusted.
      const isFaulty = this.version === 'HTTP/1.0' && fields.hasTransferEncoding;
      return isFaulty ? 'transfer_encoding_not_allowed' : 'low_version';
    }
    const isConnect = this.method === 'CONNECT';
    if (fields.hasTransferEncoding) {
      if (fields.contentLength !== -1) return 'length_and_chunked';
      return fields.isChunked && !isConnect ? null : 'unknown_transfer_encoding';
    }
    return isConnect && fields.contentLength > 0 ? 'content_length_not_allowed' : null;
  }
}

/** RFC 9112 section 6.3: a request without either field has no body. */
function requestFraming(fields: FieldScanner): BodyFraming {
  if (fields.isChunked) return chunkedBody;
  return fields.contentLength === -1 ? noBody : { kind: 'length', length: fields.contentLength };
}
