/**
 * Sends spans to Zipkin, encoded already. OpenTelemetry's exporter waits without end for a collector
 * that has taken a request and does not answer.
 */

import { http } from '../../base/node-http.ts';
import type { Collector } from '../../model/collector.ts';
import type { Exporter } from '../export-queue.ts';
import type { SpanBatch } from './span-batch.ts';

type Answer = Parameters<Exporter<SpanBatch>['export']>[1];

/** What the queue takes for an answer. */
const success = 0;
const failed = 1;

export class ZipkinExporter implements Exporter<SpanBatch> {
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

  /** `spans`: JSON of each. `answer` is called once, within the collector's time. */
  export(spans: SpanBatch, answer: Answer): void {
    const body = `[${[...spans.texts()].join(',')}]`;
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
      if (error === null && status >= 200 && status < 300) answer({ code: success });
      else answer({ code: failed, error: error ?? new Error(`Zipkin answers ${status}`) });
    });
    request.end(body);
  }

  /** Nothing is kept between requests. */
  async shutdown(): Promise<void> {}
}
