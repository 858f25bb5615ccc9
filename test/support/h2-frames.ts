/** HTTP/2 frames (RFC 9113, 4 and 6) as bytes, for peers in tests that may break every rule. */

export const frameTypes = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const frameFlags = {
  endStream: 0x1,
  ack: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

export const clientPreface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

const headLength = 9;
/** The largest payload that every peer must take (RFC 9113, 4.2). */
export const defaultFrameSize = 16_384;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

export function encodeFrame(frame: Omit<Frame, 'flags'> & { readonly flags?: number }): Buffer {
  const head = Buffer.alloc(headLength);
  head.writeUIntBE(frame.payload.length, 0, 3);
  head.writeUInt8(frame.type, 3);
  head.writeUInt8(frame.flags ?? 0, 4);
  head.writeUInt32BE(frame.streamId, 5);
  return Buffer.concat([head, frame.payload]);
}

/** A SETTINGS frame of `[identifier, value]` pairs. */
export function encodeSettings(pairs: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  pairs.forEach(([identifier, value], index) => {
    payload.writeUInt16BE(identifier, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  });
  return encodeFrame({ type: frameTypes.settings, streamId: 0, payload });
}

/** Reads the payload of a SETTINGS frame. */
export function readSettings(payload: Buffer): ReadonlyMap<number, number> {
  const settings = new Map<number, number>();
  for (let at = 0; at + 6 <= payload.length; at += 6) {
    settings.set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
  }
  return settings;
}

/** A frame whose payload is one 32-bit number: RST_STREAM's code, WINDOW_UPDATE's increment. */
export function encodeNumber(type: number, streamId: number, value: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value);
  return encodeFrame({ type, streamId, payload });
}

/** The frame at the start of `bytes`, null while it is not complete. */
export function readFrame(bytes: Buffer): { readonly frame: Frame; readonly rest: Buffer } | null {
  if (bytes.length < headLength) return null;
  const end = headLength + bytes.readUIntBE(0, 3);
  if (bytes.length < end) return null;
  const frame = {
    type: bytes.readUInt8(3),
    flags: bytes.readUInt8(4),
    streamId: bytes.readUInt32BE(5) & 0x7fff_ffff,
    payload: bytes.subarray(headLength, end),
  };
  return { frame, rest: bytes.subarray(end) };
}

/** The payload of DATA or HEADERS without padding and priority (RFC 9113, 6.1 and 6.2). */
export function contentOf({ type, flags, payload }: Frame): Buffer {
  const padded = (flags & frameFlags.padded) !== 0;
  let start = padded ? 1 : 0;
  if (type === frameTypes.headers && (flags & frameFlags.priority) !== 0) start += 5;
  return payload.subarray(start, payload.length - (padded ? payload.readUInt8(0) : 0));
}

const errorNames = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

/** The name of an error code (RFC 9113, 7). */
export function errorName(code: number): string {
  return errorNames[code] ?? String(code);
}

export const cancelCode = errorNames.indexOf('CANCEL');
