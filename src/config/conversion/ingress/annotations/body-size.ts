/** proxy-body-size: how large the body of a request may be. */

import type { RouteExtension } from '../../../schema/route-extension.ts';
import type { AnnotationReader } from './annotation-reader.ts';

const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** 0 is no limit. */
export function readBodySize(reader: AnnotationReader): Pick<RouteExtension, 'maxRequestBytes'> {
  const text = reader.text('proxy-body-size');
  if (text === null) return {};
  const [, amount, unit = ''] = /^(\d{1,15})([kmg]?)$/.exec(text.toLowerCase()) ?? [];
  const bytes = Number(amount) * (units[unit] ?? 1);
  if (!Number.isSafeInteger(bytes)) {
    reader.refuse('proxy-body-size', 'write a number of bytes, or 8k, 8m, 1g; 0 is no limit');
    return {};
  }
  return bytes === 0 ? {} : { maxRequestBytes: bytes };
}
