/**
 * Takes up the trace that a request belongs to, or starts one, and passes it on: W3C Trace Context
 * and B3. Every form that came in goes out again, all of them with the same ids.
 */

import { randomHex16, randomHex32 } from '../../base/hex.ts';
import type { Random } from '../../base/random.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import {
  type B3Context,
  readB3Multi,
  readB3Single,
  type Sampling,
  writeB3Multi,
  writeB3Single,
} from './b3.ts';
import { traceField } from './trace-fields.ts';
import type { TraceRules } from './trace-rules.ts';
import {
  formatTraceParent,
  readTraceParent,
  readTraceState,
  type TraceParent,
} from './w3c-trace-context.ts';

export interface TraceContext {
  /** 32 lower-case digits, or 16 where a B3 caller uses short ids. */
  readonly traceId: string;
  /** The span of this proxy, 16 digits. */
  readonly spanId: string;
  /** The span of the caller; null where the trace starts here. */
  readonly parentSpanId: string | null;
  readonly sampling: Sampling;
  /** W3C flag: the trace id is random. */
  readonly randomTraceId: boolean;
  readonly traceState: string | null;
  /** The forms to write. */
  readonly w3c: boolean;
  readonly b3Single: boolean;
  readonly b3Multi: boolean;
  /** No trace header came in, so that there is none to write over. */
  readonly isNew: boolean;
}

/** What a request brings. */
export interface Incoming {
  readonly headers: HeaderList;
  /** Of `traceField`. */
  readonly fields: number;
  readonly rules: TraceRules;
  readonly random: Random;
}

/**
 * B3 is looked at before W3C, as Envoy does; where both are valid and name different traces, B3
 * wins and goes out in both forms. Invalid headers are as good as none.
 */
export function continueOrStart(incoming: Incoming): TraceContext {
  const { headers, fields } = incoming;
  if ((fields & traceField.context) === 0) return start(null, incoming);
  const single = (fields & traceField.b3Single) === 0 ? 'absent' : readB3Single(headers);
  const multi = (fields & traceField.b3Multi) === 0 ? 'absent' : readB3Multi(headers);
  const b3 = usable(single) ?? usable(multi);
  const w3c = hasOneParent(fields) ? readTraceParent(headers) : null;
  if (b3 !== null && b3.traceId !== null) return continueB3(b3, w3c, incoming);
  if (w3c !== null) return continueW3c(w3c, b3, incoming);
  return start(b3, incoming);
}

/** Its spans are recorded. */
export function isSampled({ sampling }: TraceContext): boolean {
  return sampling === 'accept' || sampling === 'debug';
}

function hasOneParent(fields: number): boolean {
  return (fields & traceField.traceParent) !== 0 && (fields & traceField.repeatedParent) === 0;
}

function usable(reading: B3Context | 'absent' | 'invalid'): B3Context | null {
  return typeof reading === 'string' ? null : reading;
}

function continueB3(b3: B3Context, w3c: TraceParent | null, incoming: Incoming): TraceContext {
  const { fields, rules, random } = incoming;
  const traceId = b3.traceId as string;
  // Flags and state of W3C belong to the trace of their traceparent and to no other.
  const own = w3c?.traceId === longTraceId(traceId) ? w3c : null;
  // Who reports spans takes the decision that the caller has left open, and passes it on.
  const isOpen = b3.sampling === 'defer' && rules.records;
  return {
    traceId,
    spanId: randomHex16(random),
    parentSpanId: b3.spanId,
    sampling: isOpen ? decide(incoming) : b3.sampling,
    randomTraceId: own?.random ?? false,
    traceState: own === null ? null : stateOf(incoming),
    w3c: rules.sendsW3c || (fields & traceField.traceParent) !== 0,
    b3Single: (fields & traceField.b3Single) !== 0,
    b3Multi: sendsB3Multi(incoming),
    isNew: false,
  };
}

function continueW3c(w3c: TraceParent, b3: B3Context | null, incoming: Incoming): TraceContext {
  const { fields, random } = incoming;
  return {
    traceId: w3c.traceId,
    spanId: randomHex16(random),
    parentSpanId: w3c.parentId,
    // A lone B3 decision about sampling stands beside the ids of W3C.
    sampling: b3?.sampling ?? (w3c.sampled ? 'accept' : 'deny'),
    randomTraceId: w3c.random,
    traceState: stateOf(incoming),
    w3c: true,
    b3Single: (fields & traceField.b3Single) !== 0,
    b3Multi: sendsB3Multi(incoming),
    isNew: false,
  };
}

function start(b3: B3Context | null, incoming: Incoming): TraceContext {
  const { fields, rules, random } = incoming;
  const cameW3c = (fields & traceField.traceParent) !== 0;
  const cameSingle = (fields & traceField.b3Single) !== 0;
  const cameMulti = (fields & traceField.b3Multi) !== 0;
  const cameWithForm = cameW3c || cameSingle || cameMulti;
  return {
    traceId: randomHex32(random),
    spanId: randomHex16(random),
    parentSpanId: null,
    sampling: b3 === null || b3.sampling === 'defer' ? decide(incoming) : b3.sampling,
    randomTraceId: true,
    traceState: null,
    w3c: cameWithForm ? cameW3c || rules.sendsW3c : rules.startsW3c,
    b3Single: cameSingle,
    b3Multi: cameWithForm ? sendsB3Multi(incoming) : rules.startsB3,
    isNew: (fields & traceField.context) === 0,
  };
}

/** A trace that nobody has spoken of before, and that is recorded. */
export function startSampled(rules: TraceRules, random: Random): TraceContext {
  return {
    traceId: randomHex32(random),
    spanId: randomHex16(random),
    parentSpanId: null,
    sampling: 'accept',
    randomTraceId: true,
    traceState: null,
    w3c: rules.startsW3c,
    b3Single: false,
    b3Multi: rules.startsB3,
    isNew: true,
  };
}

function stateOf({ headers, fields }: Incoming): string | null {
  return (fields & traceField.traceState) === 0 ? null : readTraceState(headers);
}

/** As Envoy does: who sent B3 in one line gets it in one line. */
function sendsB3Multi({ fields, rules }: Incoming): boolean {
  if ((fields & traceField.b3Multi) !== 0) return true;
  return rules.sendsB3 && (fields & traceField.b3Single) === 0;
}

/** Envoy's order. Of clients that are not internal x-envoy-force-trace is gone by now. */
function decide({ fields, rules, random }: Incoming): Sampling {
  if ((fields & traceField.forced) !== 0) return 'accept';
  return rules.draw(random) ? 'accept' : 'deny';
}

function longTraceId(traceId: string): string {
  return traceId.length === 32 ? traceId : traceId.padStart(32, '0');
}

/** Writes every form of the context over what came in. */
export function applyTraceHeaders(headers: HeaderList, context: TraceContext): void {
  if (context.isNew) {
    appendTraceHeaders(headers, context);
    return;
  }
  if (context.w3c) headers.set('traceparent', traceParentOf(context, context.spanId));
  if (context.traceState !== null) headers.set('tracestate', context.traceState);
  // Looked for first: to remove what is not there costs more.
  else if (headers.has('tracestate')) headers.remove('tracestate');
  if (context.b3Single) writeB3Single(headers, context);
  if (context.b3Multi) writeB3Multi(headers, context);
}

/** Of a trace that nobody has spoken of before. */
function appendTraceHeaders(headers: HeaderList, context: TraceContext): void {
  const { traceId, spanId, sampling } = context;
  if (context.w3c) headers.append('traceparent', traceParentOf(context, spanId));
  if (!context.b3Multi) return;
  headers.append('x-b3-traceid', traceId);
  headers.append('x-b3-spanid', spanId);
  headers.append('x-b3-sampled', sampling === 'accept' ? '1' : '0');
}

/**
 * Names a client span below the span of the context as the one that calls. Forms that the route has
 * taken away stay away.
 */
export function applyClientSpan(headers: HeaderList, context: TraceContext, spanId: string): void {
  const { traceId, sampling, spanId: parentSpanId } = context;
  if (headers.has('traceparent')) headers.set('traceparent', traceParentOf(context, spanId));
  const ids = { traceId, spanId, parentSpanId, sampling };
  if (headers.has('b3')) writeB3Single(headers, ids);
  if (headers.has('x-b3-spanid')) writeB3Multi(headers, ids);
}

function traceParentOf(context: TraceContext, parentId: string): string {
  return formatTraceParent({
    traceId: longTraceId(context.traceId),
    parentId,
    sampled: isSampled(context),
    random: context.randomTraceId,
  });
}
