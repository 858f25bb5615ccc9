/**
 * Takes up the trace that a request belongs to, or starts one, and passes it on: W3C Trace Context
 * and B3. Every form that came in goes out again, all of them with the same ids. The proxy records
 * no spans itself; it is a link in the chain.
 */

import { randomHex16 } from '../base/hex.ts';
import type { Random } from '../base/random.ts';
import type { HeaderList } from '../http1/header-list.ts';
import {
  type B3Context,
  readB3Multi,
  readB3Single,
  type Sampling,
  writeB3Multi,
  writeB3Single,
} from './b3.ts';
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
}

/** Istio samples one trace in a hundred of those that it starts. */
const startedSampledFraction = 0.01;

/**
 * B3 is looked at before W3C, as Envoy does; where both are valid and name different traces, B3
 * wins and goes out in both forms. Invalid headers are as good as none.
 */
export function continueOrStart(headers: HeaderList, random: Random): TraceContext {
  const single = readB3Single(headers);
  const multi = readB3Multi(headers);
  const b3 = usable(single) ?? usable(multi);
  const w3c = readTraceParent(headers);
  const forms = {
    w3c: headers.has('traceparent'),
    b3Single: single !== 'absent',
    b3Multi: multi !== 'absent',
  };
  if (b3 !== null && b3.traceId !== null) return continueB3(b3, { headers, w3c, forms, random });
  if (w3c !== null) return continueW3c(w3c, { headers, b3, forms, random });
  return start(b3, forms, random);
}

interface Forms {
  readonly w3c: boolean;
  readonly b3Single: boolean;
  readonly b3Multi: boolean;
}

function usable(reading: B3Context | 'absent' | 'invalid'): B3Context | null {
  return typeof reading === 'string' ? null : reading;
}

function continueB3(
  b3: B3Context,
  from: {
    readonly headers: HeaderList;
    readonly w3c: TraceParent | null;
    readonly forms: Forms;
    readonly random: Random;
  },
): TraceContext {
  const traceId = b3.traceId as string;
  // Flags and state of W3C belong to the trace of their traceparent and to no other.
  const w3c = from.w3c?.traceId === longTraceId(traceId) ? from.w3c : null;
  return {
    ...from.forms,
    traceId,
    spanId: randomHex16(from.random),
    parentSpanId: b3.spanId,
    sampling: b3.sampling,
    randomTraceId: w3c?.random ?? false,
    traceState: w3c === null ? null : readTraceState(from.headers),
  };
}

function continueW3c(
  w3c: TraceParent,
  from: {
    readonly headers: HeaderList;
    readonly b3: B3Context | null;
    readonly forms: Forms;
    readonly random: Random;
  },
): TraceContext {
  return {
    ...from.forms,
    traceId: w3c.traceId,
    spanId: randomHex16(from.random),
    parentSpanId: w3c.parentId,
    // A lone B3 decision about sampling stands beside the ids of W3C.
    sampling: from.b3?.sampling ?? (w3c.sampled ? 'accept' : 'deny'),
    randomTraceId: w3c.random,
    traceState: readTraceState(from.headers),
  };
}

/** A trace that starts here goes out as W3C and, as Istio's Zipkin tracer does, as B3 in lines. */
function start(b3: B3Context | null, forms: Forms, random: Random): TraceContext {
  const drawn = random.fraction() < startedSampledFraction ? 'accept' : 'deny';
  const cameWithForm = forms.w3c || forms.b3Single || forms.b3Multi;
  return {
    w3c: forms.w3c || !cameWithForm,
    b3Single: forms.b3Single,
    b3Multi: forms.b3Multi || !cameWithForm,
    traceId: randomHex16(random) + randomHex16(random),
    spanId: randomHex16(random),
    parentSpanId: null,
    sampling: b3 === null || b3.sampling === 'defer' ? drawn : b3.sampling,
    randomTraceId: true,
    traceState: null,
  };
}

function longTraceId(traceId: string): string {
  return traceId.padStart(32, '0');
}

/** Writes every form of the context over what came in. */
export function applyTraceHeaders(headers: HeaderList, context: TraceContext): void {
  if (context.w3c) {
    const sampled = context.sampling === 'accept' || context.sampling === 'debug';
    const { traceId, spanId, randomTraceId } = context;
    const parent = {
      traceId: longTraceId(traceId),
      parentId: spanId,
      sampled,
      random: randomTraceId,
    };
    headers.set('traceparent', formatTraceParent(parent));
  }
  if (context.traceState === null) headers.remove('tracestate');
  else headers.set('tracestate', context.traceState);
  if (context.b3Single) writeB3Single(headers, context);
  if (context.b3Multi) writeB3Multi(headers, context);
}
