/** Header blocks as tests write and read them. */

import { HpackDecoder } from '../../src/http2/hpack-decoder.ts';
import { HpackEncoder } from '../../src/http2/hpack-encoder.ts';
import type { HpackError } from '../../src/http2/hpack-error.ts';

export const ample = { maxBytes: 1 << 20, maxCount: 1000 };

export function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
}

/** Decodes with surroundings, so that reading outside the block would be seen. */
export function decodeBytes(
  decoder: HpackDecoder,
  block: Uint8Array,
  limits: { readonly maxBytes: number; readonly maxCount: number } = ample,
): string[] | HpackError {
  const padded = Buffer.concat([Buffer.from('\xff\xff', 'latin1'), block, Buffer.alloc(2, 0xff)]);
  return decoder.decode(padded, 2, 2 + block.length, limits);
}

export function decodeHex(decoder: HpackDecoder, hex: string): string[] | HpackError {
  return decodeBytes(decoder, bytesOf(hex));
}

/** The code of the error, or the fields. */
export function outcomeOf(result: string[] | HpackError): string[] | string {
  return Array.isArray(result) ? result : result.code;
}

export function newDecoder(maxTableBytes = 4096): HpackDecoder {
  return new HpackDecoder({ maxTableBytes });
}

/** The block of `flat`. Throws where more is written than was announced. */
export function encodeBytes(encoder: HpackEncoder, flat: readonly string[]): Buffer {
  const bound = encoder.sizeBound(flat);
  const target = Buffer.alloc(bound + 12, 0xaa);
  const end = encoder.encode(flat, target, 2);
  const around = Buffer.concat([target.subarray(0, 2), target.subarray(2 + bound)]);
  if (around.some((byte) => byte !== 0xaa)) throw new Error('written outside the bound');
  return Buffer.from(target.subarray(2, end));
}

export function encodeHex(encoder: HpackEncoder, flat: readonly string[]): string {
  return encodeBytes(encoder, flat).toString('hex');
}

/** An encoder for a peer whose table has so many bytes, which it has been told already. */
export function encoderFor(peerTableBytes: number): HpackEncoder {
  const encoder = new HpackEncoder();
  encoder.setMaxTableBytes(peerTableBytes);
  encodeBytes(encoder, []);
  return encoder;
}
