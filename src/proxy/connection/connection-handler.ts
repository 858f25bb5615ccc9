/** What reads a connection: the inspector of its first bytes, then HTTP/1.1, HTTP/2 or TCP. */

export interface ConnectionHandler {
  /** The bytes are valid during the call only. */
  onBytes(bytes: Buffer, start: number, end: number): void;
  /** A turn of the event loop after the connection was told to wait for it. */
  onTurn?(): void;
  /** The client has taken what was queued. */
  onDrain(): void;
  /** The client has ended its direction. */
  onPeerEnd(): void;
  /** The socket is gone; told once, last. */
  onClosed(): void;
  /** Ends the connection when it is idle, after what is under way otherwise. */
  drain(): void;
  /** Tells the client that the connection ends, where the protocol has a way to without risk. */
  announceEnd?(): void;
  /** Ends what is under way, which is recorded before this returns. The socket is ended by others. */
  cancel(): void;
}
