/**
 * Encodes spans for OTLP: messages `Span` of opentelemetry/proto/trace/v1/trace.proto. Numbers of
 * fields are those of the protocol, in which they never change.
 */

import { encodeKey, OtlpWriter } from './otlp-writer.ts';
import type { SpanEncoder, SpanHead } from './span-encoder.ts';
import type { SpanEvent } from './spans.ts';

const spanField = {
  traceId: 1,
  spanId: 2,
  traceState: 3,
  parentSpanId: 4,
  name: 5,
  kind: 6,
  startTimeUnixNano: 7,
  endTimeUnixNano: 8,
  attributes: 9,
  events: 11,
  status: 15,
  flags: 16,
} as const;
const eventField = { timeUnixNano: 1, name: 2, attributes: 3 } as const;
const statusField = { message: 2, code: 3 } as const;

const kinds = { server: 2, client: 3 } as const;
const statusError = 2;

/** W3C flags, and whether the parent is elsewhere. */
const flagSampled = 0x1;
const flagRandom = 0x2;
const flagHasIsRemote = 0x100;
const flagIsRemote = 0x200;

const twoTo32 = 2 ** 32;

export class OtlpSpanEncoder implements SpanEncoder {
  readonly #out = new OtlpWriter();
  /** By name. */
  readonly #keys = new Map<string, Buffer>();

  begin(head: SpanHead): void {
    const { traceState, parentSpanId } = head;
    const out = this.#out;
    // A span that could not be ended leaves nothing behind.
    out.clear();
    out.hex(spanField.traceId, head.traceId);
    out.hex(spanField.spanId, head.spanId);
    if (traceState !== null) out.text(spanField.traceState, traceState);
    if (parentSpanId !== null) out.hex(spanField.parentSpanId, parentSpanId);
    out.text(spanField.name, head.name);
    out.varint(spanField.kind, kinds[head.kind]);
    this.#time(spanField.startTimeUnixNano, head.start);
    this.#time(spanField.endTimeUnixNano, head.end);
    out.fixed32(spanField.flags, flagsOf(head));
  }

  text(name: string, value: string): void {
    this.#out.textAttribute(spanField.attributes, this.#key(name), value);
  }

  wireText(name: string, value: string): void {
    if (value !== '') this.#out.wireAttribute(spanField.attributes, this.#key(name), value);
  }

  number(name: string, value: number): void {
    this.#out.numberAttribute(spanField.attributes, this.#key(name), value);
  }

  event({ name, attributes }: SpanEvent, time: number): void {
    const out = this.#out;
    const event = out.open(spanField.events);
    this.#time(eventField.timeUnixNano, time);
    out.text(eventField.name, name);
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === 'number') {
        out.numberAttribute(eventField.attributes, this.#key(key), value);
      } else {
        out.textAttribute(eventField.attributes, this.#key(key), value);
      }
    }
    out.close(event);
  }

  fail(message: string): void {
    const status = this.#out.open(spanField.status);
    if (message !== '') this.#out.text(statusField.message, message);
    this.#out.varint(statusField.code, statusError);
    this.#out.close(status);
  }

  end(): Buffer {
    return this.#out.take();
  }

  #key(name: string): Buffer {
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const key = encodeKey(name);
    this.#keys.set(name, key);
    return key;
  }

  /** Nanoseconds do not fit into a number that is exact. */
  #time(field: number, microseconds: number): void {
    const high = Math.floor(microseconds / twoTo32);
    const low = (microseconds - high * twoTo32) * 1000;
    const carry = Math.floor(low / twoTo32);
    this.#out.fixed64(field, high * 1000 + carry, low - carry * twoTo32);
  }
}

function flagsOf({ kind, parentSpanId, randomTraceId }: SpanHead): number {
  const random = randomTraceId ? flagRandom : 0;
  // The caller of an exchange is elsewhere, that of an attempt is the exchange.
  const remote = kind === 'server' && parentSpanId !== null ? flagIsRemote : 0;
  return flagSampled | flagHasIsRemote | random | remote;
}
