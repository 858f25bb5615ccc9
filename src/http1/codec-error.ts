/**
 * Why a message was refused: our code for logs and tests, and the status and response code details
 * that Envoy gives the client for it.
 */

const codecErrorTable = {
  bad_method: { status: 400, details: 'http1.codec_error' },
  bad_target: { status: 400, details: 'http1.codec_error' },
  /** The form is well formed but not for this method, or its authority is not one. */
  bad_target_form: { status: 400, details: 'http1.invalid_url' },
  bad_version: { status: 400, details: 'http1.codec_error' },
  /** HTTP/0.9, 1.0 and well-formed versions that are none: Envoy asks for HTTP/1.1. */
  low_version: { status: 426, details: 'low_version' },
  bad_status_line: { status: 400, details: 'http1.codec_error' },
  bad_field_name: { status: 400, details: 'http1.codec_error' },
  bad_field_value: { status: 400, details: 'http1.invalid_characters' },
  /** RFC 9112 section 5.2. Envoy unfolds; we refuse, for parsers differ in it. */
  obsolete_folding: { status: 400, details: 'http1.codec_error' },
  /** Bare CR or LF where a line ends (RFC 9112 section 2.2). Envoy takes a bare LF; we do not. */
  bad_line_ending: { status: 400, details: 'http1.codec_error' },
  /** RFC 9112 section 3.2. Envoy joins the lines, and routes by the sum. */
  repeated_host: { status: 400, details: 'http1.codec_error' },
  bad_host: { status: 400, details: 'http.invalid_authority' },
  bad_content_length: { status: 400, details: 'http1.codec_error' },
  repeated_content_length: { status: 400, details: 'http1.codec_error' },
  length_and_chunked: { status: 400, details: 'http1.content_length_and_chunked_not_allowed' },
  unknown_transfer_encoding: { status: 501, details: 'http1.invalid_transfer_encoding' },
  /** Transfer-Encoding on HTTP/1.0, on 1xx or on 204. */
  transfer_encoding_not_allowed: {
    status: 400,
    details: 'http1.transfer_encoding_not_allowed',
  },
  /** Content-Length other than 0 on CONNECT, 1xx or 204. */
  content_length_not_allowed: { status: 400, details: 'http1.content_length_not_allowed' },
  connection_header_rejected: { status: 400, details: 'http1.connection_header_rejected' },
  headers_too_large: { status: 431, details: 'http1.headers_too_large' },
  too_many_headers: { status: 431, details: 'http1.too_many_headers' },
  bad_chunk: { status: 400, details: 'http1.codec_error' },
  chunk_line_too_long: { status: 400, details: 'http1.codec_error' },
  /** A field in the trailers that frames or routes a message (RFC 9110 section 6.5.1). */
  bad_trailer: { status: 400, details: 'http1.codec_error' },
  /** Responses: bytes before a request was sent or after the response was complete. */
  unexpected_data: { status: 502, details: 'http1.codec_error' },
  /** Responses: the peer closed before the message was complete. */
  premature_eof: { status: 502, details: 'http1.codec_error' },
} as const;

export type CodecErrorCode = keyof typeof codecErrorTable;

export interface CodecError {
  readonly code: CodecErrorCode;
  /** For the client, if a request is at fault. A response at fault is always a 502. */
  readonly status: 400 | 426 | 431 | 501 | 502;
  /** Response code details in Envoy's words. */
  readonly details: string;
}

export function codecError(code: CodecErrorCode): CodecError {
  const { status, details } = codecErrorTable[code];
  return { code, status, details };
}
