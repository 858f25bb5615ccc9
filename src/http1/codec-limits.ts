/** The limits the codec keeps, in bytes and counts; the proxy's `Limits` has the same names. */

export interface CodecLimits {
  /** Start line and headers together. Over: 431. */
  readonly requestHeadBytes: number;
  /** Header lines, and trailer lines. Over: 431. */
  readonly requestHeaderCount: number;
  readonly responseHeadBytes: number;
  readonly responseHeaderCount: number;
  /** All trailers of one message together. Over: 431 or 502. */
  readonly trailerBytes: number;
  /** One chunk-size line with its extensions. Over: 400. */
  readonly chunkLineBytes: number;
  /** Requests, and chunks of bodies, that are handed on before the parser pauses. */
  readonly requestsPerTurn: number;
  readonly framesPerTurn: number;
}
