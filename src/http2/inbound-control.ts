/** Frames of the peer that carry no message: settings, windows, pings, resets and farewells. */

import type { FrameHeader } from './frame-reader.ts';
import { errorCode, flag } from './protocol.ts';
import type { SessionCore } from './session-core.ts';

export class InboundControl {
  /** PINGs of this side that are not answered. */
  pendingPings = 0;
  /** SETTINGS of this side that are not acknowledged. */
  pendingSettings = 0;
  readonly #core: SessionCore;

  constructor(core: SessionCore) {
    this.#core = core;
  }

  /** RFC 9113, section 5.3.2: priorities mean nothing any more. */
  onPriority({ streamId, length }: FrameHeader, bytes: Buffer, start: number): void {
    const core = this.#core;
    if (length !== 5) {
      this.#failStreamOf(streamId, errorCode.frameSizeError, 'PRIORITY is not of five bytes');
    } else if (readUint31(bytes, start) === streamId) {
      this.#failStreamOf(streamId, errorCode.protocolError, 'a stream depends on itself');
    } else {
      core.failFlood(core.guard.checkIgnored());
    }
  }

  onRstStream({ streamId }: FrameHeader, bytes: Buffer, start: number): void {
    const core = this.#core;
    const stream = core.table.get(streamId);
    if (stream !== undefined) stream.receiveReset(bytes.readUInt32BE(start));
    else if (!core.table.isIdle(streamId)) core.failFlood(core.guard.checkIgnored());
    else core.fail(errorCode.protocolError, 'RST_STREAM on a stream that nobody opened');
  }

  /** Returns whether it acknowledges ours. */
  onSettings({ flags }: FrameHeader, bytes: Buffer, start: number, end: number): boolean {
    const core = this.#core;
    if ((flags & flag.ack) !== 0) {
      if (this.pendingSettings > 0) return this.#onSettingsAck();
      core.failFlood(core.guard.checkIgnored());
      return false;
    }
    const { peer } = core;
    const fault = peer.apply(bytes, start, end);
    if (fault !== null) {
      core.fail(fault.code, fault.message);
      return false;
    }
    core.setInitialWindow(peer.initialWindowBytes);
    core.writer.frameBytes = peer.frameBytes;
    core.encoder.setMaxTableBytes(peer.headerTableBytes);
    core.writer.settingsAck();
    core.checkQueue();
    if (!core.closed) core.handler.onPeerSettings();
    return false;
  }

  onPing({ flags }: FrameHeader, bytes: Buffer, start: number): void {
    const core = this.#core;
    if ((flags & flag.ack) === 0) {
      core.writer.ping(flag.ack, bytes, start);
      core.checkQueue();
    } else if (this.pendingPings > 0) {
      this.pendingPings--;
      core.handler.onPingAck();
    } else {
      core.failFlood(core.guard.checkIgnored());
    }
  }

  onGoaway(bytes: Buffer, start: number): void {
    const core = this.#core;
    const lastId = readUint31(bytes, start);
    const code = bytes.readUInt32BE(start + 4);
    const isFirst = !core.peerGoesAway;
    core.peerGoesAway = true;
    if (!core.isServer) {
      for (const stream of core.table.values()) {
        if (stream.id > lastId) core.endStream(stream, errorCode.refusedStream, 'goaway');
      }
    }
    if (!isFirst) core.failFlood(core.guard.checkIgnored());
    if (!core.closed) core.handler.onGoaway(lastId, code);
  }

  onWindowUpdate({ streamId }: FrameHeader, bytes: Buffer, start: number): void {
    const core = this.#core;
    core.failFlood(core.guard.checkWindowUpdate(core.scheduler.dataFrames));
    if (core.closed) return;
    const increment = readUint31(bytes, start);
    if (streamId === 0) this.#onConnectionWindow(increment);
    else this.#onStreamWindow(streamId, increment);
  }

  #onSettingsAck(): boolean {
    const core = this.#core;
    this.pendingSettings--;
    const { streamWindowBytes } = core.limits;
    const change = streamWindowBytes - core.streamWindowBytes;
    core.streamWindowBytes = streamWindowBytes;
    for (const stream of core.table.values()) stream.changeWindow(change);
    return true;
  }

  #onConnectionWindow(increment: number): void {
    const core = this.#core;
    if (increment === 0) core.fail(errorCode.protocolError, 'WINDOW_UPDATE of nothing');
    else if (!core.scheduler.addConnectionWindow(increment)) {
      core.failWindow();
    }
  }

  #onStreamWindow(streamId: number, increment: number): void {
    const core = this.#core;
    const stream = core.table.get(streamId);
    if (stream === undefined) {
      if (!core.table.isIdle(streamId)) return;
      core.fail(errorCode.protocolError, 'WINDOW_UPDATE on a stream that nobody opened');
    } else if (increment === 0) {
      core.failStream(stream, errorCode.protocolError);
    } else if (!core.scheduler.addStreamWindow(stream.send, increment)) {
      core.failStream(stream, errorCode.flowControlError);
    }
  }

  /** An error of the stream; of the connection if it is not open. */
  #failStreamOf(streamId: number, code: number, message: string): void {
    const core = this.#core;
    const stream = core.table.get(streamId);
    if (stream === undefined) core.fail(code, message);
    else core.failStream(stream, code);
  }
}

/** The first bit is reserved. */
function readUint31(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) & 0x7fff_ffff;
}
