/**
 * What tracing does to each request. Nearly all of them are not sampled: they are passed on with a
 * header or two, and nothing is made for them but its text. Whatever is not that plain goes through
 * trace-context.ts.
 */

import { randomHex16 } from '../../base/hex.ts';
import type { Random } from '../../base/random.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import {
  applyTraceHeaders,
  continueOrStart,
  isSampled,
  startSampled,
  type TraceContext,
} from './trace-context.ts';
import { findTraceFields, traceField } from './trace-fields.ts';
import type { TraceRules } from './trace-rules.ts';
import { isPlainTraceParent, traceIdOf } from './w3c-trace-context.ts';

/** A request as far as tracing changes it. */
export interface TracedRequest {
  readonly headers: HeaderList;
  readonly info: { traceId: string | null };
}

/**
 * Takes up the trace that a request belongs to, or starts one, and names it in the headers. Returns
 * the trace if its spans are to be recorded.
 */
export function passTrace(
  { headers, info }: TracedRequest,
  rules: TraceRules,
  random: Random,
): TraceContext | null {
  const fields = findTraceFields(headers);
  let context: TraceContext;
  if (fields === 0) {
    if (!rules.draw(random)) {
      info.traceId = startUnsampled(headers, rules, random);
      return null;
    }
    context = startSampled(rules, random);
  } else {
    if (fields === traceField.traceParent && !rules.sendsB3) {
      info.traceId = passPlainParent(headers, rules, random);
      if (info.traceId !== null) return null;
    }
    context = continueOrStart({ headers, fields, rules, random });
  }
  applyTraceHeaders(headers, context);
  info.traceId = context.traceId;
  return rules.records && isSampled(context) ? context : null;
}

/** Nobody has spoken of this trace before. Returns its id. */
function startUnsampled(headers: HeaderList, rules: TraceRules, random: Random): string {
  const { ids } = rules;
  const half = ids.next(random);
  if (rules.startsW3c) headers.append('traceparent', ids.traceParent(half));
  const traceId = ids.traceId(half);
  if (rules.startsB3) {
    headers.append('x-b3-traceid', traceId);
    headers.append('x-b3-spanid', ids.spanId);
    headers.append('x-b3-sampled', '0');
  }
  return traceId;
}

/** W3C flags: sampled, and of a random id. */
const flagSampled = 1;
const knownFlags = 3;
const letterA = 0x61;

/** By known flags. */
const endings = ['-00', '-01', '-02', '-03'];

/**
 * Puts the span of this proxy into the one traceparent that there is. Returns the id of the trace;
 * null where there is more to do.
 */
function passPlainParent({ flat }: HeaderList, rules: TraceRules, random: Random): string | null {
  let at = 1;
  while (flat[at - 1] !== 'traceparent') at += 2;
  const value = flat[at] as string;
  if (!isPlainTraceParent(value)) return null;
  const flags = lastDigit(value) & knownFlags;
  if ((flags & flagSampled) !== 0 && rules.records) return null;
  flat[at] = value.slice(0, 36) + randomHex16(random) + (endings[flags] as string);
  return traceIdOf(value);
}

/** Its value: 0 to 9 are there in the low bits of ASCII, a to f are not. */
function lastDigit(hex: string): number {
  const code = hex.charCodeAt(hex.length - 1);
  return code < letterA ? code & 15 : code - letterA + 10;
}
