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
import { isPlainTraceParent, parentIdOf, traceIdOf } from './w3c-trace-context.ts';

/** A request as far as tracing changes it. */
export interface TracedRequest {
  readonly headers: HeaderList;
  readonly info: { trace: string | null };
}

/**
 * Takes up the trace that a request belongs to, or starts one, and names it in the headers. Returns
 * the trace if its spans are to be recorded.
 */
export function passTrace(
  request: TracedRequest,
  rules: TraceRules,
  random: Random,
): TraceContext | null {
  const { headers, info } = request;
  const fields = findTraceFields(headers);
  if (fields === 0) return startTrace(request, rules, random);
  if (fields === traceField.traceParent && !rules.sendsB3) {
    info.trace = passPlainParent(headers, rules, random);
    if (info.trace !== null) return null;
  }
  return applyTrace(request, rules, continueOrStart({ headers, fields, rules, random }));
}

/** The same for a request that has none of `traceFieldNames`. */
export function startTrace(
  request: TracedRequest,
  rules: TraceRules,
  random: Random,
): TraceContext | null {
  if (rules.draw(random)) return applyTrace(request, rules, startSampled(rules, random));
  request.info.trace = startUnsampled(request.headers, rules, random);
  return null;
}

function applyTrace(
  { headers, info }: TracedRequest,
  rules: TraceRules,
  context: TraceContext,
): TraceContext | null {
  applyTraceHeaders(headers, context);
  info.trace = context.traceId;
  return rules.records && isSampled(context) ? context : null;
}

/** Nobody has spoken of this trace before. Returns its traceparent. */
function startUnsampled(headers: HeaderList, rules: TraceRules, random: Random): string {
  const parent = rules.ids.next(random);
  if (rules.startsW3c) headers.append('traceparent', parent);
  if (rules.startsB3) {
    headers.append('x-b3-traceid', traceIdOf(parent));
    headers.append('x-b3-spanid', parentIdOf(parent));
    headers.append('x-b3-sampled', '0');
  }
  return parent;
}

/** W3C flags: sampled, and of a random id. */
const flagSampled = 1;
const knownFlags = 3;
const letterA = 0x61;

/** By known flags. */
const endings = ['-00', '-01', '-02', '-03'];

/**
 * Puts the span of this proxy into the one traceparent that there is. Returns what it is now; null
 * where there is more to do.
 */
function passPlainParent({ flat }: HeaderList, rules: TraceRules, random: Random): string | null {
  let at = 1;
  while (flat[at - 1] !== 'traceparent') at += 2;
  const value = flat[at] as string;
  if (!isPlainTraceParent(value)) return null;
  const flags = lastDigit(value) & knownFlags;
  if ((flags & flagSampled) !== 0 && rules.records) return null;
  const passed = value.slice(0, 36) + randomHex16(random) + (endings[flags] as string);
  flat[at] = passed;
  return passed;
}

/** Its value: 0 to 9 are there in the low bits of ASCII, a to f are not. */
function lastDigit(hex: string): number {
  const code = hex.charCodeAt(hex.length - 1);
  return code < letterA ? code & 15 : code - letterA + 10;
}
