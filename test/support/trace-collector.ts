/**
 * A collector of traces for tests: takes OTLP over HTTP and gRPC, decoded by the protocol's own
 * messages, and Zipkin's JSON, all on ports of its own.
 */

import type { IncomingHttpHeaders } from 'node:http';
import type { Test } from 'tap';
import { eventually } from './deadline.ts';
import { decodeTraces, type KeyValue, type WireSpan } from './otlp-messages.ts';
import { OtlpReceiver } from './otlp-receiver.ts';

/** A span as it came, whatever brought it. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: 'server' | 'client';
  readonly startNanos: bigint;
  readonly endNanos: bigint;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly events: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, string | number>>;
  }[];
  readonly status: { readonly code: number; readonly message: string };
  readonly traceState: string;
  readonly resource: Readonly<Record<string, string | number>>;
  readonly scope: string;
}

/** A span of Zipkin's API v2. */
export interface ZipkinSpan {
  readonly traceId: string;
  readonly id: string;
  readonly parentId?: string;
  readonly name: string;
  readonly kind: string;
  readonly timestamp: number;
  readonly duration: number;
  readonly localEndpoint: { readonly serviceName: string };
  readonly tags: Readonly<Record<string, string>>;
  readonly annotations?: readonly { readonly timestamp: number; readonly value: string }[];
}

export class TraceCollector {
  readonly spans: CollectedSpan[] = [];
  readonly zipkinSpans: ZipkinSpan[] = [];
  readonly #receiver: OtlpReceiver;

  private constructor(receiver: OtlpReceiver) {
    this.#receiver = receiver;
  }

  /** Listens until the test ends. */
  static async start(t: Test): Promise<TraceCollector> {
    const receiver = await OtlpReceiver.open({
      service: 'opentelemetry.proto.collector.trace.v1.TraceService',
      onBytes: (bytes, path) => collector.#take(bytes, path),
    });
    const collector = new TraceCollector(receiver);
    t.teardown(() => collector.stop());
    return collector;
  }

  get requestHeaders(): IncomingHttpHeaders[] {
    return this.#receiver.requestHeaders;
  }

  /** Answers of the next requests over HTTP; 200 when there are none. */
  get statuses(): number[] {
    return this.#receiver.statuses;
  }

  /** Takes requests and leaves them without an answer. */
  set silent(silent: boolean) {
    this.#receiver.silent = silent;
  }

  get otlpUrl(): string {
    return `${this.#receiver.httpUrl}/v1/traces`;
  }

  get zipkinUrl(): string {
    return `${this.#receiver.httpUrl}/api/v2/spans`;
  }

  get grpcUrl(): string {
    return this.#receiver.grpcUrl;
  }

  stop(): void {
    this.#receiver.close();
  }

  /** Resolves when so many spans have come. */
  async received(count: number): Promise<readonly CollectedSpan[]> {
    const has = (): boolean => this.spans.length >= count;
    await eventually(`${count} spans`, { within: 10_000, every: 5 }, has);
    return this.spans;
  }

  #take(bytes: Buffer, path: string | null): void {
    if (path === '/api/v2/spans') {
      this.zipkinSpans.push(...(JSON.parse(bytes.toString()) as ZipkinSpan[]));
      return;
    }
    const request = decodeTraces(bytes);
    for (const { resource, scopeSpans } of request.resourceSpans) {
      for (const { scope, spans } of scopeSpans) {
        const from = { resource: recordOf(resource.attributes), scope: scope.name };
        this.spans.push(...spans.map((span) => ({ ...collectedSpan(span), ...from })));
      }
    }
  }
}

/** What a span says, of itself. */
export function collectedSpan(span: WireSpan): Omit<CollectedSpan, 'resource' | 'scope'> {
  return {
    traceId: span.traceId.toString('hex'),
    spanId: span.spanId.toString('hex'),
    parentSpanId: span.parentSpanId.toString('hex'),
    name: span.name,
    kind: span.kind === 2 ? 'server' : 'client',
    startNanos: BigInt(span.startTimeUnixNano),
    endNanos: BigInt(span.endTimeUnixNano),
    attributes: recordOf(span.attributes),
    events: span.events.map(({ name, attributes }) => ({ name, attributes: recordOf(attributes) })),
    status: { code: span.status?.code ?? 0, message: span.status?.message ?? '' },
    traceState: span.traceState,
  };
}

function recordOf(attributes: readonly KeyValue[]): Record<string, string | number> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.doubleValue ?? Number(value.intValue),
    ]),
  );
}
