/** What can be wrong with a connection, and with a message on it. */

/** An error that ends the connection. */
export interface Http2SessionError {
  /** Of RFC 9113, section 7; `errorCode` names them. */
  readonly code: number;
  /** For logs. */
  readonly message: string;
  /** What there was too much of; null where the protocol was violated. */
  readonly flood: FloodKind | null;
}

/** What a peer does too much of; the limits on it are in `http2-limits.ts`. */
export type FloodKind =
  | 'continuations'
  | 'early-resets'
  | 'empty-frames'
  | 'ignored-frames'
  | 'queued-answers'
  | 'queued-frames'
  | 'window-updates';

/** Why a header block, or a message as a whole, is not valid HTTP (RFC 9113, section 8.1.1). */
export type MalformedKind =
  /** A name that is empty, has upper case, or has bytes that no name may have. */
  | 'field-name'
  /** A value with bytes that no value may have, or with white space around it. */
  | 'field-value'
  /** Connection, Keep-Alive, Proxy-Connection, Transfer-Encoding, Upgrade, or a TE but trailers. */
  | 'connection-field'
  /** Unknown, repeated, misplaced or missing. */
  | 'pseudo-field'
  | 'method'
  | 'scheme'
  | 'path'
  | 'authority'
  | 'status'
  /** No number, or more than one. */
  | 'content-length'
  /** DATA and content-length differ. */
  | 'body-length'
  /** A second header block that does not end the stream. */
  | 'trailers'
  | 'too-large'
  | 'too-many-fields';
