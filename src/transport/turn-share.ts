/** How much one socket may bring before others have their turn of the event loop. */

/**
 * Of large pieces one after the other. The system hands over as many as 32 in a row, for each of
 * which whoever waits for a small answer would wait longer.
 */
const bytesPerTurn = 256 * 1024;

/** Behind such a piece there is more. Those of TLS are no larger. */
const largePiece = 16 * 1024;

export class TurnShare {
  #bytes = 0;

  /** True when the socket has had its share. `length`: of what was read, bytes. */
  take(length: number): boolean {
    if (length < largePiece) {
      this.#bytes = 0;
      return false;
    }
    this.#bytes += length;
    return this.#bytes >= bytesPerTurn;
  }

  /** A new turn. */
  renew(): void {
    this.#bytes = 0;
  }
}
