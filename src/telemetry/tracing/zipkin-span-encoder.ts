/** Encodes spans for Zipkin, each as JSON of its API v2. */

import { unicodeFromWire } from '../../base/wire-text.ts';
import type { SpanEncoder, SpanHead } from './span-encoder.ts';
import type { SpanEvent } from './spans.ts';

const kinds = { server: 'SERVER', client: 'CLIENT' } as const;

interface Annotation {
  /** Microseconds since the epoch. */
  readonly timestamp: number;
  readonly value: string;
}

export class ZipkinSpanEncoder implements SpanEncoder {
  readonly #resource: Readonly<Record<string, string>>;
  #head: SpanHead | null = null;
  #tags: Record<string, string> = {};
  #annotations: Annotation[] = [];

  /** `resource`: attributes, which are tags of every span here. */
  constructor(resource: Readonly<Record<string, string>>) {
    this.#resource = resource;
  }

  begin(head: SpanHead): void {
    this.#head = head;
    this.#tags = {};
    this.#annotations = [];
  }

  text(name: string, value: string): void {
    this.#tags[name] = value;
  }

  wireText(name: string, value: string): void {
    if (value !== '') this.#tags[name] = unicodeFromWire(value);
  }

  number(name: string, value: number): void {
    this.#tags[name] = String(value);
  }

  event({ name }: SpanEvent, time: number): void {
    this.#annotations.push({ timestamp: time, value: name });
  }

  /** As OpenTelemetry maps spans to Zipkin's: all that has no place of its own is a tag. */
  fail(message: string): void {
    this.#tags['otel.status_code'] = 'ERROR';
    if (message !== '') this.#tags['error'] = message;
  }

  end(): Buffer {
    const head = this.#head as SpanHead;
    const span = {
      traceId: head.traceId,
      parentId: head.parentSpanId ?? undefined,
      name: head.name,
      id: head.spanId,
      kind: kinds[head.kind],
      timestamp: head.start,
      duration: head.end - head.start,
      localEndpoint: { serviceName: this.#resource['service.name'] },
      tags: { ...this.#tags, ...this.#resource },
      annotations: this.#annotations,
    };
    return Buffer.from(JSON.stringify(span));
  }
}
