/** Why a header block gives no fields. */

export interface HpackError {
  /**
   * `compression`: the block is not HPACK, and no later one can be read: a connection error
   * COMPRESSION_ERROR (RFC 9113 section 4.3). `too-large`, `too-many`: the block is beyond the
   * limits; it was read to its end, so that later blocks can be.
   */
  readonly code: 'compression' | 'too-large' | 'too-many';
  /** For logs. */
  readonly message: string;
}

export function compressionError(message: string): HpackError {
  return { code: 'compression', message };
}
