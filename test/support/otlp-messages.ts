/**
 * OTLP as its own protocol buffers have it. Only this package of OpenTelemetry still has code made
 * from them that decodes; exporters of today bring an encoder alone.
 */

import { createRequire } from 'node:module';

export interface KeyValue {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: string;
    readonly doubleValue?: number;
  };
}

export interface Attributed {
  readonly attributes: readonly KeyValue[];
}

export interface WireSpan extends Attributed {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId: Buffer;
  readonly traceState: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly events: readonly ({ readonly name: string } & Attributed)[];
  readonly status: { readonly code: number; readonly message: string } | null;
}

export interface TraceRequest {
  readonly resourceSpans: readonly {
    readonly resource: Attributed;
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly spans: readonly WireSpan[];
    }[];
  }[];
}

export interface WireLogRecord extends Attributed {
  readonly timeUnixNano: string;
  readonly body: KeyValue['value'];
  readonly traceId: Buffer;
  readonly spanId: Buffer;
}

export interface LogsRequest {
  readonly resourceLogs: readonly {
    readonly resource: Attributed;
    readonly scopeLogs: readonly { readonly logRecords: readonly WireLogRecord[] }[];
  }[];
}

/** A type of message as protobufjs makes it. */
interface MessageType {
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): object;
}

const { opentelemetry } = createRequire(import.meta.url)(
  '@opentelemetry/otlp-proto-exporter-base/build/src/generated/root.js',
);
const { trace, logs } = opentelemetry.proto.collector;
const { Span } = opentelemetry.proto.trace.v1;

/** Throws for bytes that are no such message. */
export function decodeTraces(bytes: Uint8Array): TraceRequest {
  return decode(trace.v1.ExportTraceServiceRequest, bytes) as TraceRequest;
}

/** One span by itself. */
export function decodeSpan(bytes: Uint8Array): WireSpan {
  return decode(Span, bytes) as WireSpan;
}

export function decodeLogs(bytes: Uint8Array): LogsRequest {
  return decode(logs.v1.ExportLogsServiceRequest, bytes) as LogsRequest;
}

function decode(type: MessageType, bytes: Uint8Array): object {
  const options = { longs: String, bytes: Buffer, defaults: true, oneofs: true };
  return type.toObject(type.decode(bytes), options);
}
