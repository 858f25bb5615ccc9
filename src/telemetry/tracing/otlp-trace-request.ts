/**
 * Puts spans together into what a collector for OTLP is asked to take: `ExportTraceServiceRequest`
 * of opentelemetry/proto/collector/trace/v1/trace_service.proto, all of one resource and one scope.
 */

import { encodeKey, OtlpWriter } from './otlp-writer.ts';
import type { SpanBatch } from './span-batch.ts';
import { varintLength, writeVarint } from './varint.ts';

const requestField = { resourceSpans: 1 } as const;
const resourceSpansField = { resource: 1, scopeSpans: 2 } as const;
const scopeSpansField = { scope: 1, spans: 2 } as const;
const resourceField = { attributes: 1 } as const;
const scopeField = { name: 1, version: 2 } as const;

export interface TraceOrigin {
  /** Attributes of the resource. */
  readonly resource: Readonly<Record<string, string>>;
  /** Who makes the spans. */
  readonly scope: { readonly name: string; readonly version: string };
}

export class OtlpTraceRequests {
  /** The fields in front of the spans, whole: they are the same in every request. */
  readonly #resource: Buffer;
  readonly #scope: Buffer;

  constructor({ resource, scope }: TraceOrigin) {
    const out = new OtlpWriter();
    const ofResource = out.open(resourceSpansField.resource);
    for (const [name, value] of Object.entries(resource)) {
      out.textAttribute(resourceField.attributes, encodeKey(name), value);
    }
    out.close(ofResource);
    this.#resource = Buffer.from(out.take());
    const ofScope = out.open(scopeSpansField.scope);
    out.text(scopeField.name, scope.name);
    out.text(scopeField.version, scope.version);
    out.close(ofScope);
    this.#scope = Buffer.from(out.take());
  }

  /** `spans`: as `OtlpSpanEncoder` has made them. */
  join(spans: SpanBatch): Buffer {
    let scopeSpans = this.#scope.length;
    for (let i = 0; i < spans.length; i++) scopeSpans += sizeOf(spans.lengthOf(i));
    const resourceSpans = this.#resource.length + sizeOf(scopeSpans);
    const request = Buffer.allocUnsafe(sizeOf(resourceSpans));
    request[0] = messageTag(requestField.resourceSpans);
    let at = writeVarint(request, 1, resourceSpans);
    at += this.#resource.copy(request, at);
    request[at] = messageTag(resourceSpansField.scopeSpans);
    at = writeVarint(request, at + 1, scopeSpans);
    at += this.#scope.copy(request, at);
    for (let i = 0; i < spans.length; i++) {
      request[at] = messageTag(scopeSpansField.spans);
      at = writeVarint(request, at + 1, spans.lengthOf(i));
      at = spans.copy(i, request, at);
    }
    return request;
  }
}

/** Of a field that is a message, of a number below 16. */
function messageTag(field: number): number {
  return (field << 3) | 2;
}

/** Of a message with its tag and its length. */
function sizeOf(length: number): number {
  return 1 + varintLength(length) + length;
}
