/** What makes bytes of spans: one for each protocol. */

import type { SpanEvent } from './spans.ts';

/** What is known of a span besides its attributes. */
export interface SpanHead {
  readonly name: string;
  readonly kind: 'server' | 'client';
  /** 32 digits. */
  readonly traceId: string;
  /** 16 digits. */
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly traceState: string | null;
  /** W3C flag: the trace id is random. */
  readonly randomTraceId: boolean;
  /** Whole microseconds since the epoch. */
  readonly start: number;
  readonly end: number;
}

/**
 * Takes attributes of the span that has begun. Each name is told once; names come from the program
 * and its configuration, never from requests, so that they may be remembered.
 */
export interface AttributeSink {
  /** Unicode. */
  text(name: string, value: string): void;
  /** As it came in a header; empty: it is not known, and left out. */
  wireText(name: string, value: string): void;
  number(name: string, value: number): void;
}

export interface SpanEncoder extends AttributeSink {
  begin(head: SpanHead): void;
  /** `time`: whole microseconds since the epoch. */
  event(event: SpanEvent, time: number): void;
  /** The span has failed; `message` is empty if there is nothing to add. */
  fail(message: string): void;
  /** The whole span, valid until the next one begins. */
  end(): Buffer;
}
