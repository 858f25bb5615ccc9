/** Turns what was written down of a sampled exchange into the spans of OpenTelemetry's SDK. */

import type { HrTime, SpanContext, TraceState } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { ownText } from '../../base/own-text.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { CustomTags } from './custom-tags.ts';
import { clientAttributes, type SpanAttributes, serverAttributes } from './span-attributes.ts';
import { clientOperation, serverOperation } from './span-operation.ts';
import { clientOutcome, type SpanOutcome, serverOutcome } from './span-status.ts';
import type { ClientSpan, ExchangeSpans, SpanEvent } from './spans.ts';

/** Values of SpanKind and SpanStatusCode; their package is loaded only where spans are sent. */
const kindServer = 1;
const kindClient = 2;
const statusUnset = 0;
const statusError = 2;

/** W3C flags. */
const flagSampled = 1;
const flagRandom = 2;

export interface SpanRecordOptions {
  readonly resource: Resource;
  readonly tags: CustomTags;
  /** Characters of the path in attributes. */
  readonly maxPathTagLength: number;
  /** Of the program. */
  readonly version: string;
  readonly createTraceState: (text: string) => TraceState;
}

/** What the spans of one kind differ in. */
interface SpanParts {
  readonly name: string;
  readonly kind: typeof kindServer | typeof kindClient;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  /** Clock.now(). */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: SpanAttributes;
  readonly outcome: SpanOutcome;
  readonly events: readonly SpanEvent[];
}

export class SpanRecords {
  readonly #options: SpanRecordOptions;
  readonly #scope: { readonly name: string; readonly version: string };

  constructor(options: SpanRecordOptions) {
    this.#options = options;
    this.#scope = { name: 'sluice', version: options.version };
  }

  server(info: StreamInfo, spans: ExchangeSpans): ReadableSpan {
    const { tags, maxPathTagLength } = this.#options;
    const attributes = serverAttributes(info, maxPathTagLength);
    if (info.grpcStatus !== null) attributes['rpc.grpc.status_code'] = info.grpcStatus;
    tags.addTo(attributes, info);
    const { spanId, parentSpanId } = spans.context;
    return this.#record(info, spans, {
      name: serverOperation(info),
      kind: kindServer,
      spanId,
      parentSpanId,
      startedAt: info.startedAt,
      endedAt: info.endedAt,
      attributes,
      outcome: serverOutcome(info),
      events: spans.events,
    });
  }

  client(info: StreamInfo, spans: ExchangeSpans, span: ClientSpan): ReadableSpan {
    const { cluster, attempt } = span.target;
    const attributes = clientAttributes(info, span, this.#options.maxPathTagLength);
    const grpcStatus = grpcStatusOf(info, span);
    if (grpcStatus !== null) attributes['rpc.grpc.status_code'] = grpcStatus;
    return this.#record(info, spans, {
      name: clientOperation(cluster, attempt === null),
      kind: kindClient,
      spanId: span.id,
      parentSpanId: spans.context.spanId,
      startedAt: span.startedAt,
      endedAt: span.endedAt,
      attributes,
      outcome: clientOutcome(span, grpcStatus),
      events: span.events,
    });
  }

  #record(info: StreamInfo, spans: ExchangeSpans, parts: SpanParts): ReadableSpan {
    const { attributes, outcome } = parts;
    const parentSpanId = parts.parentSpanId === null ? null : ownText(parts.parentSpanId);
    const wallOf = (at: number): number => info.startedWall + (at - info.startedAt);
    if (outcome.error !== null) attributes['error.type'] = outcome.error;
    const context = this.#context(spans, parts.spanId);
    return {
      name: ownText(parts.name),
      kind: parts.kind,
      spanContext: returning(context),
      ...(parentSpanId === null
        ? {}
        : { parentSpanContext: { ...context, spanId: parentSpanId, isRemote: isRemote(parts) } }),
      startTime: hrTime(wallOf(parts.startedAt)),
      endTime: hrTime(wallOf(parts.endedAt)),
      duration: hrTime(Math.max(0, parts.endedAt - parts.startedAt)),
      status: statusOf(outcome),
      attributes,
      links: [],
      events: parts.events.map(({ name, at, attributes: said }) => {
        return { name, time: hrTime(wallOf(at)), attributes: said };
      }),
      ended: true,
      resource: this.#options.resource,
      instrumentationScope: this.#scope,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
  }

  #context({ context }: ExchangeSpans, spanId: string): SpanContext {
    const { traceId, randomTraceId, traceState } = context;
    return {
      // Ids of half that length come from callers with B3.
      traceId: ownText(traceId.padStart(32, '0')),
      spanId,
      traceFlags: randomTraceId ? flagSampled | flagRandom : flagSampled,
      ...(traceState === null
        ? {}
        : { traceState: this.#options.createTraceState(ownText(traceState)) }),
    };
  }
}

/** By itself: a function among others of an exchange would keep all that they know of it. */
function returning(context: SpanContext): () => SpanContext {
  return () => context;
}

/** The caller of an exchange is elsewhere, that of an attempt is the exchange. */
function isRemote({ kind }: SpanParts): boolean {
  return kind === kindServer;
}

function statusOf({ error, message }: SpanOutcome): ReadableSpan['status'] {
  if (error === null) return { code: statusUnset };
  return message === '' ? { code: statusError } : { code: statusError, message };
}

/** What an attempt ended with is in its head, or, of the last one, in what the client got. */
function grpcStatusOf(info: StreamInfo, span: ClientSpan): number | null {
  if (info.grpcStatus === null || span.status === 0) return null;
  if (span.grpcStatus !== null) return span.grpcStatus;
  return span.target.attempt === info.attempts ? info.grpcStatus : null;
}

/** Milliseconds as seconds and nanoseconds: whole microseconds, as Zipkin must have them. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.floor((ms - seconds * 1000) * 1_000) * 1_000];
}
