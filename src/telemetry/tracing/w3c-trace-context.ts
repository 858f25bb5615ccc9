/** The headers of W3C Trace Context, level 2: traceparent and tracestate. */

import { hexDigit } from '../../base/hex.ts';
import type { Random } from '../../base/random.ts';
import type { HeaderList } from '../../http1/header-list.ts';

export interface TraceParent {
  /** 32 lower-case hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 digits: the span of the caller. */
  readonly parentId: string;
  readonly sampled: boolean;
  /** The trace id was made at random (level 2). */
  readonly random: boolean;
}

/** Later versions may carry more fields behind a further hyphen; version ff is forbidden. */
const traceParentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const noTraceId = '0'.repeat(32);
const noSpanId = '0'.repeat(16);

/** Flags: the spans of the trace are recorded; its id was made at random (level 2). */
const sampledFlag = 1;
const randomIdFlag = 2;

const hyphen = 0x2d;
const zero = 0x30;
/** 1 for the lower-case hexadecimal digits, by character. */
const isHex = new Uint8Array(256);
for (const digit of '0123456789abcdef') isHex[digit.charCodeAt(0)] = 1;

/** Where the parts of version 00 are, which everybody writes. */
const plain = { traceId: 3, parentId: 36, flags: 53, length: 55, digits: 50 } as const;

/** A valid one of version 00, with nothing around it. */
export function isPlainTraceParent(value: string): boolean {
  if (value.length !== plain.length || !value.startsWith('00-')) return false;
  if (value.charCodeAt(plain.parentId - 1) !== hyphen) return false;
  if (value.charCodeAt(plain.flags - 1) !== hyphen) return false;
  let digits = 0;
  for (let i = plain.traceId; i < plain.length; i++) digits += isHex[value.charCodeAt(i)] ?? 0;
  if (digits !== plain.digits) return false;
  return !value.startsWith(noTraceId, plain.traceId) && !value.startsWith(noSpanId, plain.parentId);
}

/** Of the first line; null where there is none or an invalid one: the trace starts anew then. */
export function readTraceParent(headers: HeaderList): TraceParent | null {
  const value = headers.get('traceparent');
  if (value === undefined) return null;
  if (isPlainTraceParent(value)) {
    return traceParentOf(traceIdOf(value), parentIdOf(value), value.slice(plain.flags));
  }
  const found = traceParentPattern.exec(value.trim());
  if (found === null) return null;
  const [, version, traceId = '', parentId = '', flags = '', rest] = found;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return null;
  return traceParentOf(traceId, parentId, flags);
}

function traceParentOf(traceId: string, parentId: string, flags: string): TraceParent | null {
  if (traceId === noTraceId || parentId === noSpanId) return null;
  const bits = Number.parseInt(flags, 16);
  const sampled = (bits & sampledFlag) !== 0;
  return { traceId, parentId, sampled, random: (bits & randomIdFlag) !== 0 };
}

/** A member of tracestate. Level 2 takes `@` for an ordinary character after the first one. */
const memberPattern = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;
const maxMembers = 32;

/** All lines as one; null where there is none, or where a member is invalid and all are dropped. */
export function readTraceState(headers: HeaderList): string | null {
  const members: string[] = [];
  for (const line of headers.getAll('tracestate')) {
    for (const part of line.split(',')) {
      const member = part.replace(/^[ \t]+|[ \t]+$/g, '');
      // Empty members are allowed and mean nothing.
      if (member === '') continue;
      if (!memberPattern.test(member) || members.length === maxMembers) return null;
      members.push(member);
    }
  }
  return members.length === 0 ? null : members.join(',');
}

export function formatTraceParent(parent: TraceParent): string {
  const flags = (parent.sampled ? sampledFlag : 0) | (parent.random ? randomIdFlag : 0);
  return `00-${parent.traceId}-${parent.parentId}-0${flags}`;
}

/**
 * That of a trace which begins and is not sampled, nearly always the one that is made. The digits
 * of base/hex.ts once more, because one call makes one flat string: each piece of a joined one costs
 * when the head is written.
 */
export function startUnsampledParent(random: Random): string {
  const a = random.uint32();
  const b = random.uint32() || 1;
  const c = random.uint32();
  const d = random.uint32();
  const e = random.uint32();
  const f = random.uint32() || 1;
  // biome-ignore format: a line for each half of a word
  return String.fromCharCode(
    zero, zero, hyphen,
    hexDigit(a, 28), hexDigit(a, 24), hexDigit(a, 20), hexDigit(a, 16),
    hexDigit(a, 12), hexDigit(a, 8), hexDigit(a, 4), hexDigit(a, 0),
    hexDigit(b, 28), hexDigit(b, 24), hexDigit(b, 20), hexDigit(b, 16),
    hexDigit(b, 12), hexDigit(b, 8), hexDigit(b, 4), hexDigit(b, 0),
    hexDigit(c, 28), hexDigit(c, 24), hexDigit(c, 20), hexDigit(c, 16),
    hexDigit(c, 12), hexDigit(c, 8), hexDigit(c, 4), hexDigit(c, 0),
    hexDigit(d, 28), hexDigit(d, 24), hexDigit(d, 20), hexDigit(d, 16),
    hexDigit(d, 12), hexDigit(d, 8), hexDigit(d, 4), hexDigit(d, 0), hyphen,
    hexDigit(e, 28), hexDigit(e, 24), hexDigit(e, 20), hexDigit(e, 16),
    hexDigit(e, 12), hexDigit(e, 8), hexDigit(e, 4), hexDigit(e, 0),
    hexDigit(f, 28), hexDigit(f, 24), hexDigit(f, 20), hexDigit(f, 16),
    hexDigit(f, 12), hexDigit(f, 8), hexDigit(f, 4), hexDigit(f, 0), hyphen,
    zero, zero + randomIdFlag,
  );
}

/** The ids of one of version 00. */
export function traceIdOf(parent: string): string {
  return parent.slice(plain.traceId, plain.parentId - 1);
}

export function parentIdOf(parent: string): string {
  return parent.slice(plain.parentId, plain.flags - 1);
}
