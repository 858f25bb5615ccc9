/** Numbers of HTTP/2: frame types, flags, error codes and settings (RFC 9113, RFC 8441). */

/** RFC 9113, section 6. */
export const frameType = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  rstStream: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goaway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

export const flag = {
  /** Of SETTINGS and PING. */
  ack: 0x1,
  /** Of DATA and HEADERS. */
  endStream: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

/** RFC 9113, section 7. */
export const errorCode = {
  noError: 0x0,
  protocolError: 0x1,
  internalError: 0x2,
  flowControlError: 0x3,
  settingsTimeout: 0x4,
  streamClosed: 0x5,
  frameSizeError: 0x6,
  refusedStream: 0x7,
  cancel: 0x8,
  compressionError: 0x9,
  connectError: 0xa,
  enhanceYourCalm: 0xb,
  inadequateSecurity: 0xc,
  http11Required: 0xd,
} as const;

/** RFC 9113, section 6.5.2; RFC 8441, section 3. */
export const settingId = {
  headerTableSize: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  maxHeaderListSize: 0x6,
  enableConnectProtocol: 0x8,
} as const;

/** Length, type, flags and stream identifier. */
export const frameHeaderBytes = 9;

/** What frames may carry until SETTINGS say more (RFC 9113, section 6.5.2). */
export const defaultFrameBytes = 16_384;

/** What a stream and a connection may send before the first SETTINGS and WINDOW_UPDATE. */
export const defaultWindowBytes = 65_535;

/** The largest window and the largest stream identifier. */
export const int31Max = 0x7fff_ffff;
