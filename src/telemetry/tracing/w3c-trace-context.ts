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

/** As everybody writes it, found without taking it apart. */
const plainPattern = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
/** Later versions may carry more fields behind a further hyphen; version ff is forbidden. */
const traceParentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const noTraceId = '0'.repeat(32);
const noSpanId = '0'.repeat(16);

/** null where there is none or an invalid one: the trace starts anew then. */
export function readTraceParent(headers: HeaderList): TraceParent | null {
  const value = headers.get('traceparent');
  if (value === undefined || isRepeated(headers)) return null;
  if (plainPattern.test(value)) {
    return traceParentOf(value.slice(3, 35), value.slice(36, 52), value.slice(53));
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
  return { traceId, parentId, sampled: (bits & 1) !== 0, random: (bits & 2) !== 0 };
}

function isRepeated({ flat }: HeaderList): boolean {
  let lines = 0;
  for (let i = 0; i < flat.length; i += 2) if (flat[i] === 'traceparent') lines++;
  return lines > 1;
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
  const flags = (parent.sampled ? 1 : 0) | (parent.random ? 2 : 0);
  return `00-${parent.traceId}-${parent.parentId}-0${flags}`;
}
