/**
 * Encodes spans for OTLP: messages `Span` of opentelemetry/proto/trace/v1/trace.proto. Numbers of
 * fields are those of the protocol, in which they never change.
 */

import { ProtobufWriter } from './protobuf-writer.ts';
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
const keyValueField = { key: 1, value: 2 } as const;
const valueField = { text: 1, integer: 3, double: 4 } as const;

const kinds = { server: 2, client: 3 } as const;
const statusError = 2;

/** W3C flags, and whether the parent is elsewhere. */
const flagSampled = 0x1;
const flagRandom = 0x2;
const flagHasIsRemote = 0x100;
const flagIsRemote = 0x200;

const twoTo32 = 2 ** 32;

export class OtlpSpanEncoder implements SpanEncoder {
  readonly #out = new ProtobufWriter();
  /** Fields `key` by name, encoded. */
  readonly #keys = new Map<string, Buffer>();

  begin(head: SpanHead): void {
    const { traceState, parentSpanId } = head;
    const out = this.#out;
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
    const attribute = this.#open(spanField.attributes, name);
    const start = this.#out.open(keyValueField.value);
    this.#out.text(valueField.text, value);
    this.#out.close(start);
    this.#out.close(attribute);
  }

  wireText(name: string, value: string): void {
    if (value === '') return;
    const attribute = this.#open(spanField.attributes, name);
    const start = this.#out.open(keyValueField.value);
    this.#out.wireText(valueField.text, value);
    this.#out.close(start);
    this.#out.close(attribute);
  }

  number(name: string, value: number): void {
    this.#number(spanField.attributes, name, value);
  }

  event({ name, attributes }: SpanEvent, time: number): void {
    const event = this.#out.open(spanField.events);
    this.#time(eventField.timeUnixNano, time);
    this.#out.text(eventField.name, name);
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === 'number') this.#number(eventField.attributes, key, value);
      else writeTextAttribute(this.#out, eventField.attributes, { name: key, value });
    }
    this.#out.close(event);
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

  /** An attribute as far as its key. */
  #open(field: number, name: string): number {
    const attribute = this.#out.open(field);
    this.#out.raw(this.#keys.get(name) ?? this.#encodeKey(name));
    return attribute;
  }

  #encodeKey(name: string): Buffer {
    const out = new ProtobufWriter();
    out.text(keyValueField.key, name);
    const key = out.take();
    this.#keys.set(name, key);
    return key;
  }

  #number(field: number, name: string, value: number): void {
    const attribute = this.#open(field, name);
    const start = this.#out.open(keyValueField.value);
    if (Number.isSafeInteger(value) && value >= 0) this.#out.varint(valueField.integer, value);
    else this.#out.double(valueField.double, value);
    this.#out.close(start);
    this.#out.close(attribute);
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

/** An attribute of text whose name is not remembered. */
export function writeTextAttribute(
  out: ProtobufWriter,
  field: number,
  { name, value }: { readonly name: string; readonly value: string },
): void {
  const attribute = out.open(field);
  out.text(keyValueField.key, name);
  const start = out.open(keyValueField.value);
  out.text(valueField.text, value);
  out.close(start);
  out.close(attribute);
}
