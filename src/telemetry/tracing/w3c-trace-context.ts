/** The headers of W3C Trace Context, level 2: traceparent and tracestate. */

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
export const traceIdDigits = 32;
const noTraceId = '0'.repeat(traceIdDigits);
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
const plain = {
  traceId: 3,
  idEnd: 35,
  parentId: 36,
  parentEnd: 52,
  flags: 53,
  length: 55,
} as const;

/** What is looked at: a value that was cut out of a head yields its characters three times slower. */
const bytes = Buffer.alloc(plain.length);

/** A valid one of version 00, with nothing around it. `value`: wire text. */
export function isPlainTraceParent(value: string): boolean {
  if (value.length !== plain.length || !value.startsWith('00-')) return false;
  bytes.write(value, 'latin1');
  if (bytes[plain.idEnd] !== hyphen || bytes[plain.parentEnd] !== hyphen) return false;
  if (!isId(plain.traceId, plain.idEnd) || !isId(plain.parentId, plain.parentEnd)) return false;
  return countDigits(plain.flags, plain.length) === 2;
}

/** `bytes[from, to)` is hexadecimal, and not all zero. */
function isId(from: number, to: number): boolean {
  let differences = 0;
  for (let i = from; i < to; i++) differences |= (bytes[i] as number) ^ zero;
  return differences !== 0 && countDigits(from, to) === to - from;
}

function countDigits(from: number, to: number): number {
  let digits = 0;
  for (let i = from; i < to; i++) digits += isHex[bytes[i] as number] as number;
  return digits;
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

/** The ids of a valid one of version 00. */
export function traceIdOf(parent: string): string {
  return parent.slice(plain.traceId, plain.idEnd);
}

export function parentIdOf(parent: string): string {
  return parent.slice(plain.parentId, plain.parentEnd);
}
