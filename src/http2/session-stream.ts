/** One stream of a session: what its owner does, and what the peer does to it. */

import { errorCode, flag } from './protocol.ts';
import { type SendOwner, SendQueue } from './send-queue.ts';
import type { SessionCore } from './session-core.ts';
import type { Http2Stream, Http2StreamHandler } from './session-types.ts';

export class SessionStream implements Http2Stream, SendOwner {
  readonly id: number;
  /** Clock.now(). */
  readonly openedAt: number;
  readonly send: SendQueue;
  /** null while there is none yet, and when it wants to hear no more. */
  handler: Http2StreamHandler | null = null;
  closed = false;
  /** The peer has ended its side. */
  remoteEnded = false;
  /** What goes before DATA is here: the request, or the final response. */
  hasHead = false;
  /** Of a request that this side has sent: what follows its response depends on it. */
  method = '';
  /** The connection ended before there was a handler to tell. */
  isLost = false;
  /** -1: the peer has not said how long its body is. */
  contentLength = -1;

  readonly #core: SessionCore;
  #receivedBytes = 0;
  /** What the peer may send yet. */
  #windowLeft: number;
  /** Received, and not yet allowed again. */
  #uncredited = 0;
  /** Of `#uncredited`: received while paused. */
  #held = 0;
  #paused = false;
  #discarding = false;

  constructor(core: SessionCore, id: number) {
    this.#core = core;
    this.id = id;
    this.openedAt = core.options.clock.now();
    this.send = new SendQueue(id, this);
    this.#windowLeft = core.streamWindowBytes;
  }

  get queuedBytes(): number {
    return this.send.queuedBytes;
  }

  /** Who hears what the peer sends. */
  get listener(): Http2StreamHandler | null {
    return this.#discarding ? null : this.handler;
  }

  // What the owner does.

  sendHeaders(fields: readonly string[], endStream: boolean): void {
    const { send } = this;
    if (send.closed || send.ending) return;
    const { scheduler, writer } = this.#core;
    send.frameAt = writer.headers(this.id, fields, endStream ? flag.endStream : 0);
    send.frameEpoch = writer.epoch;
    if (endStream) {
      scheduler.close(send);
      this.onSendEnd();
    }
    this.#core.checkOutput();
  }

  sendData(piece: string | Buffer): void {
    const { send } = this;
    if (send.closed || send.ending || piece.length === 0) return;
    this.#core.scheduler.send(send, piece);
  }

  sendBytes(bytes: Buffer, start: number, end: number): void {
    const { send } = this;
    if (send.closed || send.ending || start >= end) return;
    this.#core.scheduler.sendView(send, bytes, start, end);
  }

  sendEnd(): void {
    const { send } = this;
    if (!send.closed && !send.ending) this.#core.scheduler.end(send, null);
  }

  sendTrailers(fields: readonly string[]): void {
    const { send } = this;
    if (!send.closed && !send.ending) this.#core.scheduler.end(send, fields);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#release();
    this.#updateWindow();
  }

  discardInput(): void {
    if (this.closed) return;
    this.#discarding = true;
    this.resume();
    if (this.send.closed && !this.remoteEnded) this.reset(errorCode.noError);
  }

  reset(code: number): void {
    if (this.closed) return;
    const core = this.#core;
    core.forget(this);
    if (core.closed) return;
    core.writeReset(this.id, code);
    core.checkIdle();
  }

  // What becomes of the data of this side.

  onSendDrain(): void {
    this.handler?.onDrain();
  }

  onSendEnd(): void {
    if (this.closed) return;
    if (this.remoteEnded) {
      this.#core.forget(this);
      this.#core.checkIdle();
    } else if (this.#discarding) {
      this.reset(errorCode.noError);
    }
  }

  // What the peer does.

  /** A frame of DATA comes; false if it is more than was allowed. */
  tryTake(bytes: number): boolean {
    this.#windowLeft -= bytes;
    return this.#windowLeft >= 0;
  }

  /** The initial window that counts is another now. */
  changeWindow(bytes: number): void {
    this.#windowLeft += bytes;
  }

  receiveData(bytes: Buffer, start: number, end: number): void {
    this.#receivedBytes += end - start;
    if (this.contentLength >= 0 && this.#receivedBytes > this.contentLength) {
      this.#core.failMalformed(this.id, this, 'body-length');
    } else {
      this.listener?.onData(bytes, start, end);
    }
  }

  /** A frame of DATA that does not end the stream is dealt with. */
  credit(bytes: number): void {
    this.#uncredited += bytes;
    if (this.#paused) {
      this.#held += bytes;
      this.#core.window.hold(bytes);
    } else {
      this.#updateWindow();
    }
  }

  /** False, and the stream is over, if the body was to be longer. */
  tryEndBody(): boolean {
    if (this.contentLength < 0 || this.#receivedBytes === this.contentLength) return true;
    this.#core.failMalformed(this.id, this, 'body-length');
    return false;
  }

  /** END_STREAM of DATA or trailers; `trailers` are null with the former. */
  receiveEnd(trailers: string[] | null): void {
    if (!this.tryEndBody()) return;
    const core = this.#core;
    const handler = this.listener;
    this.remoteEnded = true;
    const isOver = this.send.closed;
    if (isOver) core.forget(this);
    if (trailers !== null) handler?.onTrailers(trailers);
    // The handler may have ended it just now.
    if (isOver || !this.closed) handler?.onEnd();
    if (isOver) core.checkIdle();
  }

  receiveReset(code: number): void {
    const core = this.#core;
    core.endStream(this, code, 'peer');
    core.countReset(this);
  }

  /** Called when the stream is over, whichever way. */
  close(): void {
    this.closed = true;
    this.handler = null;
    this.#core.scheduler.close(this.send);
    this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = 0;
    this.#core.window.release(held);
  }

  #updateWindow(): void {
    const bytes = this.#uncredited;
    const core = this.#core;
    if (bytes === 0 || bytes * 2 < core.limits.streamWindowBytes) return;
    if (this.closed || this.remoteEnded) return;
    this.#uncredited = 0;
    this.#windowLeft += bytes;
    core.writer.windowUpdate(this.id, bytes);
  }
}
