/** What the peer has said in SETTINGS (RFC 9113, section 6.5; RFC 8441, section 3). */

import type { FrameFault } from './frame-rules.ts';
import {
  defaultFrameBytes,
  defaultWindowBytes,
  errorCode,
  int31Max,
  settingId,
} from './protocol.ts';

const frameBytesLimit = 0xff_ffff;

const badPush: FrameFault = {
  code: errorCode.protocolError,
  message: 'SETTINGS_ENABLE_PUSH is not 0, nor 1 from a client',
};
const badWindow: FrameFault = {
  code: errorCode.flowControlError,
  message: 'SETTINGS_INITIAL_WINDOW_SIZE is above 2^31-1',
};
const badFrameBytes: FrameFault = {
  code: errorCode.protocolError,
  message: 'SETTINGS_MAX_FRAME_SIZE is below 16384 or above 2^24-1',
};
const badConnect: FrameFault = {
  code: errorCode.protocolError,
  message: 'SETTINGS_ENABLE_CONNECT_PROTOCOL is not 0 or 1, or was taken back',
};

export class PeerSettings {
  headerTableBytes = 4096;
  maxConcurrentStreams = int31Max;
  initialWindowBytes = defaultWindowBytes;
  frameBytes = defaultFrameBytes;
  extendedConnect = false;
  readonly #isServer: boolean;

  /** `isServer`: the peer is. */
  constructor(isServer: boolean) {
    this.#isServer = isServer;
  }

  /** Takes the payload of a SETTINGS frame, of whole settings. */
  apply(bytes: Buffer, start: number, end: number): FrameFault | null {
    for (let at = start; at < end; at += 6) {
      const fault = this.#set(bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2));
      if (fault !== null) return fault;
    }
    return null;
  }

  /** Unknown settings mean nothing. */
  #set(id: number, value: number): FrameFault | null {
    switch (id) {
      case settingId.headerTableSize:
        this.headerTableBytes = value;
        return null;
      case settingId.enablePush:
        return value > (this.#isServer ? 0 : 1) ? badPush : null;
      case settingId.maxConcurrentStreams:
        this.maxConcurrentStreams = value;
        return null;
      case settingId.initialWindowSize:
        this.initialWindowBytes = value;
        return value > int31Max ? badWindow : null;
      case settingId.maxFrameSize:
        this.frameBytes = value;
        return value < defaultFrameBytes || value > frameBytesLimit ? badFrameBytes : null;
      case settingId.enableConnectProtocol:
        if (value > 1 || (value === 0 && this.extendedConnect)) return badConnect;
        this.extendedConnect = value === 1;
        return null;
      default:
        return null;
    }
  }
}
