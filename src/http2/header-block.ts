/**
 * Collects a header block that comes in more than one frame: HEADERS, and CONTINUATION behind it.
 * How many may come is limited, and with it how much is held.
 */

const emptyBuffer = Buffer.alloc(0);

export class HeaderBlock {
  /** Its end has not come yet. */
  isOpen = false;
  streamId = 0;
  endStream = false;
  /** By its priority (RFC 7540, section 5.3.1). */
  dependsOnItself = false;
  /** What was collected: `bytes[0, length)`. */
  bytes: Buffer = emptyBuffer;
  length = 0;
  continuations = 0;

  open(streamId: number, endStream: boolean, dependsOnItself: boolean): void {
    this.isOpen = true;
    this.streamId = streamId;
    this.endStream = endStream;
    this.dependsOnItself = dependsOnItself;
    this.length = 0;
    this.continuations = 0;
  }

  append(bytes: Buffer, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    bytes.copy(this.bytes, this.length, start, end);
    this.length = length;
  }

  /** Keeps no memory. */
  close(): void {
    this.isOpen = false;
    this.bytes = emptyBuffer;
  }
}
