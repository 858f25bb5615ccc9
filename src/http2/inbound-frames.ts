/** Takes the frames of the peer in order and hands each to the part that it concerns. */

import type { FrameHeader, FrameSink } from './frame-reader.ts';
import { FrameReader } from './frame-reader.ts';
import { faultOf } from './frame-rules.ts';
import { HeaderBlock } from './header-block.ts';
import { InboundControl } from './inbound-control.ts';
import { InboundHeads } from './inbound-heads.ts';
import { errorCode, flag, frameType } from './protocol.ts';
import type { SessionCore } from './session-core.ts';
import type { SessionStream } from './session-stream.ts';

/** Of the priority fields of HEADERS. */
const priorityBytes = 5;

export class InboundFrames implements FrameSink {
  readonly control: InboundControl;
  readonly #core: SessionCore;
  readonly #heads: InboundHeads;
  readonly #reader: FrameReader;
  readonly #block = new HeaderBlock();
  /**
   * Clock.now() when the peer began what it has not completed: its first SETTINGS, a header block,
   * or a frame other than DATA. null: there is no such thing.
   */
  awaitedSince: number | null = null;
  /** Those that were completed. */
  #completed = 0;
  /** SETTINGS, which are the first frame, were here. */
  #begun = false;
  /** Of the DATA frame under way; null if its payload is of no use to anybody. */
  #dataStream: SessionStream | null = null;
  /** Payload of the DATA frame so far. */
  #dataBytes = 0;
  /** How many may still be looked at in this turn. */
  #headsLeft = 0;
  #framesLeft = 0;

  constructor(core: SessionCore) {
    this.#core = core;
    this.control = new InboundControl(core);
    this.#heads = new InboundHeads(core);
    this.#reader = new FrameReader(this);
  }

  /** The peer is to begin. */
  start(): void {
    this.awaitedSince = this.#core.options.clock.now();
  }

  get isSpent(): boolean {
    return this.#headsLeft <= 0 || this.#framesLeft <= 0;
  }

  /** A turn of it. Returns the position behind what was looked at. */
  read(bytes: Buffer, start: number, end: number): number {
    const before = this.#completed;
    this.#headsLeft = this.#core.limits.headsPerTurn;
    this.#framesLeft = this.#core.limits.framesPerTurn;
    const at = this.#reader.read(bytes, start, end);
    if (this.#begun && !this.#block.isOpen && !this.#reader.isCollecting) this.awaitedSince = null;
    else if (this.awaitedSince === null || this.#completed !== before) {
      this.awaitedSince = this.#core.options.clock.now();
    }
    return at;
  }

  stop(): void {
    this.#reader.stop();
    this.#block.close();
    this.#begun = true;
    this.awaitedSince = null;
  }

  onFrameHeader(frame: FrameHeader): boolean {
    const core = this.#core;
    this.#framesLeft--;
    if (frame.type === frameType.headers) this.#headsLeft--;
    const fault = faultOf(frame, core.limits.frameBytes, this.#block);
    if (fault !== null) core.fail(fault.code, fault.message);
    else if (!this.#begun) this.#begin(frame);
    if (!core.closed && frame.type === frameType.data) this.#beginData(frame);
    return this.#goesOn();
  }

  onFrame(frame: FrameHeader, bytes: Buffer, start: number, end: number): void {
    this.#dispatch(frame, bytes, start, end);
    if (!this.#block.isOpen) this.#completed++;
    this.#goesOn();
  }

  onData(bytes: Buffer, start: number, end: number): void {
    this.#dataBytes += end - start;
    const stream = this.#dataStream;
    if (stream === null || stream.closed) return;
    stream.receiveData(bytes, start, end);
    this.#goesOn();
  }

  onDataEnd({ length, flags }: FrameHeader): void {
    const core = this.#core;
    const stream = this.#dataStream;
    const endsStream = (flags & flag.endStream) !== 0;
    this.#dataStream = null;
    core.window.restore(length);
    core.failFlood(core.guard.checkPayload(this.#dataBytes, endsStream));
    if (stream !== null && !stream.closed) {
      if (endsStream) stream.receiveEnd(null);
      else stream.credit(length);
    }
    this.#goesOn();
  }

  onBadPadding(): void {
    this.#core.fail(errorCode.protocolError, 'padding is longer than its frame');
    this.#goesOn();
  }

  /** Stops the reader once the connection has ended. */
  #goesOn(): boolean {
    if (!this.#core.closed) return true;
    this.stop();
    return false;
  }

  #begin({ type, flags }: FrameHeader): void {
    this.#begun = true;
    if (type === frameType.settings && (flags & flag.ack) === 0) return;
    this.#core.fail(errorCode.protocolError, 'the first frame is not SETTINGS');
  }

  #dispatch(frame: FrameHeader, bytes: Buffer, start: number, end: number): void {
    const { control } = this;
    switch (frame.type) {
      case frameType.headers:
        this.#onHeaders(frame, bytes, start, end);
        return;
      case frameType.continuation:
        this.#onContinuation(frame, bytes, start, end);
        return;
      case frameType.windowUpdate:
        control.onWindowUpdate(frame, bytes, start);
        return;
      case frameType.rstStream:
        control.onRstStream(frame, bytes, start);
        return;
      case frameType.settings:
        if (control.onSettings(frame, bytes, start, end)) this.#heads.onSettingsAck();
        return;
      case frameType.ping:
        control.onPing(frame, bytes, start);
        return;
      case frameType.goaway:
        control.onGoaway(bytes, start);
        return;
      case frameType.priority:
        control.onPriority(frame, bytes, start);
        return;
      default:
        // RFC 9113, section 4.1: what is not known is ignored.
        this.#core.failFlood(this.#core.guard.checkIgnored());
    }
  }

  #beginData(frame: FrameHeader): void {
    const core = this.#core;
    this.#dataBytes = 0;
    this.#dataStream = null;
    if (!core.window.tryTake(frame.length)) {
      core.fail(errorCode.flowControlError, 'more DATA than the window of the connection allows');
      return;
    }
    const stream = core.table.get(frame.streamId);
    if (stream === undefined) this.#onLateData(frame.streamId);
    else if (stream.remoteEnded) core.failStream(stream, errorCode.streamClosed);
    else if (!stream.hasHead) core.failStream(stream, errorCode.protocolError);
    else if (!stream.tryTake(frame.length)) core.failStream(stream, errorCode.flowControlError);
    else this.#dataStream = stream;
  }

  /** DATA on a stream that is not open. */
  #onLateData(streamId: number): void {
    const core = this.#core;
    if (core.table.isIdle(streamId)) {
      core.fail(errorCode.protocolError, 'DATA on a stream that nobody opened');
    } else if (!core.table.wasReset(streamId)) {
      core.writeReset(streamId, errorCode.streamClosed);
    }
  }

  #onHeaders(frame: FrameHeader, bytes: Buffer, start: number, end: number): void {
    const { flags, streamId } = frame;
    const endStream = (flags & flag.endStream) !== 0;
    let blockStart = start;
    let blockEnd = end;
    if ((flags & flag.padded) !== 0) {
      blockStart++;
      blockEnd -= start < end ? (bytes[start] as number) : 1;
    }
    const hasPriority = (flags & flag.priority) !== 0;
    if (hasPriority) blockStart += priorityBytes;
    if (blockStart > blockEnd) {
      this.#core.fail(errorCode.protocolError, 'HEADERS is shorter than its padding and priority');
      return;
    }
    const dependsOnItself =
      hasPriority && (bytes.readUInt32BE(blockStart - priorityBytes) & 0x7fff_ffff) === streamId;
    this.#block.open(streamId, endStream, dependsOnItself);
    this.#core.failFlood(this.#core.guard.checkPayload(blockEnd - blockStart, endStream));
    this.#onFragment(frame, bytes, blockStart, blockEnd);
  }

  #onContinuation(frame: FrameHeader, bytes: Buffer, start: number, end: number): void {
    const core = this.#core;
    const block = this.#block;
    core.failFlood(core.guard.checkPayload(end - start, false));
    core.failFlood(core.guard.checkContinuation(++block.continuations));
    this.#onFragment(frame, bytes, start, end);
  }

  #onFragment({ flags }: FrameHeader, bytes: Buffer, start: number, end: number): void {
    const core = this.#core;
    const block = this.#block;
    if (core.closed) return;
    const isLast = (flags & flag.endHeaders) !== 0;
    if (!isLast || block.length > 0) block.append(bytes, start, end);
    if (!isLast) return;
    // One frame, as most often, is read where it lies.
    const { length } = block;
    const collected = block.bytes;
    block.close();
    if (length === 0) this.#heads.read(block, bytes, start, end);
    else this.#heads.read(block, collected, 0, length);
  }
}
