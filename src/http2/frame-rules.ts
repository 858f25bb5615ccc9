/** What a frame must be by its header alone (RFC 9113, sections 4.2 and 6). */

import type { FrameHeader } from './frame-reader.ts';
import type { HeaderBlock } from './header-block.ts';
import { errorCode, flag, frameType } from './protocol.ts';

export interface FrameFault {
  readonly code: number;
  readonly message: string;
}

function protocolFault(message: string): FrameFault {
  return { code: errorCode.protocolError, message };
}

function sizeFault(message: string): FrameFault {
  return { code: errorCode.frameSizeError, message };
}

const tooLarge = sizeFault('frame is larger than SETTINGS_MAX_FRAME_SIZE');
const needsStream = protocolFault('frame needs a stream');
const needsConnection = protocolFault('frame belongs to the connection, not to a stream');
const ackWithPayload = sizeFault('SETTINGS acknowledgement has a payload');
const badSettingsSize = sizeFault('SETTINGS payload is no multiple of six');
const badRstSize = sizeFault('RST_STREAM is not of four bytes');
const badPingSize = sizeFault('PING is not of eight bytes');
const badGoawaySize = sizeFault('GOAWAY is shorter than eight bytes');
const badWindowUpdateSize = sizeFault('WINDOW_UPDATE is not of four bytes');
const pushPromise = protocolFault('PUSH_PROMISE, which nobody allowed');
const badSequence = protocolFault('frame in the middle of a header block');
const strayContinuation = protocolFault('CONTINUATION without a header block');

/**
 * The error of the connection that the frame is, or null. A PRIORITY frame of the wrong size is an
 * error of its stream, and none here.
 */
export function faultOf(
  frame: FrameHeader,
  frameBytesMax: number,
  block: HeaderBlock,
): FrameFault | null {
  if (frame.length > frameBytesMax) return tooLarge;
  const isContinuation = frame.type === frameType.continuation;
  if (block.isOpen) {
    return isContinuation && frame.streamId === block.streamId ? null : badSequence;
  }
  return isContinuation ? strayContinuation : faultOfType(frame);
}

function faultOfType({ type, length, flags, streamId }: FrameHeader): FrameFault | null {
  switch (type) {
    case frameType.data:
    case frameType.headers:
    case frameType.priority:
      return streamId === 0 ? needsStream : null;
    case frameType.rstStream:
      if (streamId === 0) return needsStream;
      return length === 4 ? null : badRstSize;
    case frameType.settings:
      if (streamId !== 0) return needsConnection;
      if ((flags & flag.ack) !== 0 && length > 0) return ackWithPayload;
      return length % 6 === 0 ? null : badSettingsSize;
    case frameType.pushPromise:
      return pushPromise;
    case frameType.ping:
      if (streamId !== 0) return needsConnection;
      return length === 8 ? null : badPingSize;
    case frameType.goaway:
      if (streamId !== 0) return needsConnection;
      return length >= 8 ? null : badGoawaySize;
    case frameType.windowUpdate:
      return length === 4 ? null : badWindowUpdateSize;
    default:
      return null;
  }
}
