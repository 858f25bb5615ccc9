/** Frames as tests write and read them, without the code that is tested. */

import { HpackEncoder } from '../../src/http2/hpack-encoder.ts';
import { flag, frameType, settingId } from '../../src/http2/protocol.ts';
import { encodeBytes } from './hpack-blocks.ts';

export interface Frame {
  readonly type: string;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

const typeNames = new Map<number, string>(
  Object.entries(frameType).map(([name, number]) => [number, name]),
);

/** A frame with any payload; `type` may be one that nobody knows. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array | string = '',
): Buffer {
  const bytes = Buffer.from(payload as string, 'latin1');
  const header = Buffer.alloc(9);
  header.writeUIntBE(bytes.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, bytes]);
}

export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, index * 4);
  });
  return bytes;
}

export function settings(values: Partial<Record<keyof typeof settingId, number>> = {}): Buffer {
  const payload = Object.entries(values).map(([name, value]) => {
    const bytes = Buffer.alloc(6);
    bytes.writeUInt16BE(settingId[name as keyof typeof settingId]);
    bytes.writeUInt32BE(value, 2);
    return bytes;
  });
  return frame(frameType.settings, 0, 0, Buffer.concat(payload));
}

export const settingsAck = frame(frameType.settings, flag.ack, 0);

export function data(streamId: number, payload: Uint8Array | string, flags = 0): Buffer {
  return frame(frameType.data, flags, streamId, payload);
}

/** In one frame. Nothing goes into the table of the peer, so that any order will do. */
export function headers(
  streamId: number,
  fields: readonly string[],
  flags: number = flag.endHeaders | flag.endStream,
): Buffer {
  return frame(frameType.headers, flags, streamId, block(fields));
}

export function block(fields: readonly string[]): Buffer {
  const encoder = new HpackEncoder();
  encoder.setMaxTableBytes(0);
  return encodeBytes(encoder, fields);
}

export function windowUpdate(streamId: number, increment: number): Buffer {
  return frame(frameType.windowUpdate, 0, streamId, uint32(increment));
}

export function rstStream(streamId: number, code: number): Buffer {
  return frame(frameType.rstStream, 0, streamId, uint32(code));
}

export function ping(flags = 0, payload = '12345678'): Buffer {
  return frame(frameType.ping, flags, 0, payload);
}

export function goaway(lastStreamId: number, code: number): Buffer {
  return frame(frameType.goaway, 0, 0, uint32(lastStreamId, code));
}

/** Whole frames only. */
export function parseFrames(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = bytes.readUIntBE(at, 3);
    const number = bytes[at + 3] as number;
    frames.push({
      type: typeNames.get(number) ?? `type ${number}`,
      flags: bytes[at + 4] as number,
      streamId: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(at + 9, at + 9 + length),
    });
    at += 9 + length;
    if (at > bytes.length) throw new Error('a frame is cut short');
  }
  return frames;
}

export const getFields: readonly string[] = [
  ...[':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'a.example'],
];
export const postFields: readonly string[] = [':method', 'POST', ...getFields.slice(2)];
