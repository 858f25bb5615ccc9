/**
 * Turns what was written down of a sampled exchange into encoded spans, when it has ended. They are
 * bytes from then on: nothing of the request is kept while they wait for their collector.
 */

import type { StreamInfo } from '../stream-info.ts';
import type { CustomTags } from './custom-tags.ts';
import { writeClientAttributes, writeServerAttributes } from './span-attributes.ts';
import type { AttributeSink, SpanEncoder } from './span-encoder.ts';
import { clientOperation, serverOperation } from './span-operation.ts';
import { clientOutcome, type SpanOutcome, serverOutcome } from './span-status.ts';
import type { ClientSpan, ExchangeSpans, SpanEvent } from './spans.ts';

export interface SpanRecordOptions {
  readonly encoder: SpanEncoder;
  readonly tags: CustomTags;
  /** Characters of the path in attributes. */
  readonly maxPathTagLength: number;
}

/** What the spans of one kind differ in. */
interface SpanParts {
  readonly name: string;
  readonly kind: 'server' | 'client';
  readonly spanId: string;
  readonly parentSpanId: string | null;
  /** Clock.now(). */
  readonly startedAt: number;
  readonly endedAt: number;
}

export class SpanRecords {
  readonly #encoder: SpanEncoder;
  readonly #tags: CustomTags;
  readonly #pathLength: number;

  constructor({ encoder, tags, maxPathTagLength }: SpanRecordOptions) {
    this.#encoder = encoder;
    this.#tags = tags;
    this.#pathLength = maxPathTagLength;
  }

  server(info: StreamInfo, spans: ExchangeSpans): Buffer {
    const { spanId, parentSpanId } = spans.context;
    this.#begin(info, spans, {
      name: serverOperation(info),
      kind: 'server',
      spanId,
      parentSpanId,
      startedAt: info.startedAt,
      endedAt: info.endedAt,
    });
    const out = this.#tags.writeTo(this.#encoder, info);
    writeServerAttributes(out, info, this.#pathLength);
    this.#writeEvents(info, spans.events);
    this.#writeOutcome(out, serverOutcome(info));
    return this.#encoder.end();
  }

  client(info: StreamInfo, spans: ExchangeSpans, span: ClientSpan): Buffer {
    const { cluster, attempt } = span.target;
    this.#begin(info, spans, {
      name: clientOperation(cluster, attempt === null),
      kind: 'client',
      spanId: span.id,
      parentSpanId: spans.context.spanId,
      startedAt: span.startedAt,
      endedAt: span.endedAt,
    });
    const out = this.#encoder;
    writeClientAttributes(out, info, { span, pathLength: this.#pathLength });
    const grpcStatus = grpcStatusOf(info, span);
    if (grpcStatus !== null) out.number('rpc.grpc.status_code', grpcStatus);
    this.#writeEvents(info, span.events);
    this.#writeOutcome(out, clientOutcome(span, grpcStatus));
    return out.end();
  }

  #begin(info: StreamInfo, { context }: ExchangeSpans, parts: SpanParts): void {
    const { name, kind, spanId, parentSpanId, startedAt, endedAt } = parts;
    const { traceId, traceState, randomTraceId } = context;
    this.#encoder.begin({
      name,
      kind,
      // Ids of half that length come from callers with B3.
      traceId: traceId.length === 32 ? traceId : traceId.padStart(32, '0'),
      spanId,
      parentSpanId,
      traceState,
      randomTraceId,
      start: wallMicros(info, startedAt),
      end: wallMicros(info, Math.max(startedAt, endedAt)),
    });
  }

  #writeEvents(info: StreamInfo, events: readonly SpanEvent[]): void {
    for (const event of events) this.#encoder.event(event, wallMicros(info, event.at));
  }

  #writeOutcome(out: AttributeSink, { error, message }: SpanOutcome): void {
    if (error === null) return;
    out.text('error.type', error);
    this.#encoder.fail(message);
  }
}

/** What an attempt ended with is in its head, or, of the last one, in what the client got. */
function grpcStatusOf(info: StreamInfo, span: ClientSpan): number | null {
  if (info.grpcStatus === null || span.status === 0) return null;
  if (span.grpcStatus !== null) return span.grpcStatus;
  return span.target.attempt === info.attempts ? info.grpcStatus : null;
}

/** Of a time by the clock of `info`: whole microseconds since the epoch, as Zipkin has them. */
function wallMicros({ startedWall, startedAt }: StreamInfo, at: number): number {
  return Math.floor((startedWall + (at - startedAt)) * 1000);
}
