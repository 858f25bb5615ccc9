/**
 * Sends spans to Zipkin, as JSON of its API v2. OpenTelemetry's exporter waits without end for a
 * collector that has taken a request and does not answer.
 */

import type { HrTime } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { http } from '../../base/node-http.ts';
import type { Collector } from '../../model/collector.ts';

type Answer = Parameters<SpanExporter['export']>[1];

/** Values of ExportResultCode, SpanKind and SpanStatusCode. */
const success = 0;
const failed = 1;
const kinds: Readonly<Record<number, string>> = { 1: 'SERVER', 2: 'CLIENT' };
const statusNames: Readonly<Record<number, string>> = { 1: 'OK', 2: 'ERROR' };

export class ZipkinExporter implements SpanExporter {
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly #request: typeof http.request;

  private constructor(collector: Collector, request: typeof http.request) {
    this.#url = new URL(collector.url);
    this.#headers = { 'content-type': 'application/json', ...collector.headers };
    this.#timeoutMs = collector.timeoutMs;
    this.#request = request;
  }

  static async load(collector: Collector): Promise<ZipkinExporter> {
    const isTls = collector.url.startsWith('https:');
    const request = isTls ? (await import('node:https')).request : http.request;
    return new ZipkinExporter(collector, request);
  }

  /** `answer` is called once, within the collector's time. */
  export(spans: ReadableSpan[], answer: Answer): void {
    const body = JSON.stringify(spans.map(zipkinSpan));
    const signal = AbortSignal.timeout(this.#timeoutMs);
    let status = 0;
    let error: Error | null = null;
    const request = this.#request(this.#url, { method: 'POST', headers: this.#headers, signal });
    request.on('response', (response) => {
      status = response.statusCode ?? 0;
      response.on('error', (reason) => (error = reason)).resume();
    });
    request.on('error', (reason) => {
      error = signal.aborted ? new Error('the collector does not answer') : reason;
    });
    request.on('close', () => {
      if (error === null && status >= 200 && status < 400) answer({ code: success });
      else answer({ code: failed, error: error ?? new Error(`Zipkin answers ${status}`) });
    });
    request.end(body);
  }

  /** Nothing is kept between requests. */
  async shutdown(): Promise<void> {}
}

function zipkinSpan(span: ReadableSpan): object {
  const { traceId, spanId } = span.spanContext();
  const { attributes } = span.resource;
  return {
    traceId,
    parentId: span.parentSpanContext?.spanId,
    name: span.name,
    id: spanId,
    kind: kinds[span.kind],
    timestamp: microseconds(span.startTime),
    duration: microseconds(span.duration),
    localEndpoint: { serviceName: attributes['service.name'] },
    tags: tagsOf(span),
    annotations: span.events.map(({ name, time }) => {
      return { timestamp: microseconds(time), value: name };
    }),
  };
}

/** As OpenTelemetry maps spans to Zipkin's: all that has no place of its own is a tag, as text. */
function tagsOf({ attributes, status, resource }: ReadableSpan): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) tags[name] = String(value);
  const statusName = statusNames[status.code];
  if (statusName !== undefined) tags['otel.status_code'] = statusName;
  if (statusName === 'ERROR' && status.message) tags['error'] = status.message;
  for (const [name, value] of Object.entries(resource.attributes)) tags[name] = String(value);
  return tags;
}

function microseconds([seconds, nanoseconds]: HrTime): number {
  return Math.round(seconds * 1e6 + nanoseconds / 1e3);
}
