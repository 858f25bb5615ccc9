/**
 * Sends spans over OTLP/HTTP, and tries again where the protocol asks for it. OpenTelemetry's own
 * transport imports `node:http` in the way that loads 16 MiB of code, at the first batch.
 */

import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { gzip } from 'node:zlib';
import type { Clock } from '../../base/clock.ts';
import type { http } from '../../base/node-http.ts';
import type { Random } from '../../base/random.ts';
import type { Timer, Timers } from '../../base/timers.ts';
import type { Exporter } from '../export-queue.ts';
import type { OtlpTraceRequests } from './otlp-trace-request.ts';
import type { SpanBatch } from './span-batch.ts';

type Answer = Parameters<Exporter<SpanBatch>['export']>[1];

/** What the queue takes for an answer. */
const success = 0;
const failed = 1;

/** Answers after which the same request may be taken later (OTLP, Retryable Response Codes). */
const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const maxRetries = 5;
/** Milliseconds before the first retry; each later one waits half as long again. */
const firstBackoffMs = 1000;
const maxBackoffMs = 5000;
const backoffFactor = 1.5;
/** Share of a pause by which chance makes it longer or shorter. */
const jitter = 0.2;

export interface OtlpHttpOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds for a batch with all its retries. */
  readonly timeoutMs: number;
  readonly isCompressed: boolean;
  readonly agent: Agent;
  readonly request: typeof http.request;
  readonly requests: OtlpTraceRequests;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

export class OtlpHttpExporter implements Exporter<SpanBatch> {
  readonly #options: OtlpHttpOptions;
  #isShutDown = false;
  readonly #mayRetry = (): boolean => !this.#isShutDown;

  constructor(options: OtlpHttpOptions) {
    this.#options = options;
  }

  /** `answer` is called once, within the collector's time. */
  export(spans: SpanBatch, answer: Answer): void {
    const body = this.#options.requests.join(spans);
    if (!this.#options.isCompressed) {
      this.#deliver(body, answer);
      return;
    }
    gzip(body, (error, compressed) => {
      if (error === null) this.#deliver(compressed, answer);
      else answer({ code: failed, error });
    });
  }

  /** What is under way fails. */
  async shutdown(): Promise<void> {
    this.#isShutDown = true;
    this.#options.agent.destroy();
  }

  #deliver(body: Buffer, answer: Answer): void {
    new Delivery({ ...this.#options, mayRetry: this.#mayRetry }, body, answer).start();
  }
}

interface DeliveryOptions extends OtlpHttpOptions {
  /** False: the exporter has been shut down. */
  readonly mayRetry: () => boolean;
}

/** One batch on its way, with its retries. */
class Delivery {
  readonly #options: DeliveryOptions;
  readonly #body: Buffer;
  readonly #answer: Answer;
  /** Clock.now() when the collector's time is over. */
  readonly #deadline: number;
  #retries = 0;
  #backoffMs = firstBackoffMs;

  constructor(options: DeliveryOptions, body: Buffer, answer: Answer) {
    this.#options = options;
    this.#body = body;
    this.#answer = answer;
    this.#deadline = options.clock.now() + options.timeoutMs;
  }

  start(): void {
    const { request: open, url, headers, agent } = this.#options;
    const request = open(url, { method: 'POST', headers, agent });
    const timer = this.#limit(request);
    let response: IncomingMessage | null = null;
    let error: Error | null = null;
    request.on('response', (head) => {
      response = head;
      head.on('error', (reason) => (error = reason)).resume();
    });
    request.on('error', (reason) => {
      error = reason;
    });
    request.on('close', () => {
      timer.cancel();
      this.#end(response, error);
    });
    request.end(this.#body);
  }

  #startAgain(error: Error): void {
    if (this.#options.mayRetry()) this.start();
    else this.#answer({ code: failed, error });
  }

  #limit(request: ClientRequest): Timer {
    const { timers, clock } = this.#options;
    return timers.set(Math.max(1, this.#deadline - clock.now()), () => {
      request.destroy(new Error('the collector does not answer'));
    });
  }

  /** A collector that has said yes has taken the spans, whatever becomes of the rest it says. */
  #end(response: IncomingMessage | null, error: Error | null): void {
    const status = response?.statusCode ?? 0;
    if (status >= 200 && status < 300) {
      this.#answer({ code: success });
      return;
    }
    const reason = error ?? new Error(`the collector answers ${status}`);
    if (status !== 0 && !retryable.has(status)) this.#answer({ code: failed, error: reason });
    else this.#retry(reason, retryAfterMs(response));
  }

  /** `afterMs`: as the collector asks for it; null: it does not. */
  #retry(error: Error, afterMs: number | null): void {
    const { clock, timers, random, mayRetry } = this.#options;
    const pauseMs = afterMs ?? this.#backoffMs * (1 + jitter * (2 * random.fraction() - 1));
    this.#backoffMs = Math.min(this.#backoffMs * backoffFactor, maxBackoffMs);
    const isLate = clock.now() + pauseMs >= this.#deadline;
    if (isLate || this.#retries === maxRetries || !mayRetry()) {
      this.#answer({ code: failed, error });
      return;
    }
    this.#retries++;
    timers.set(pauseMs, () => this.#startAgain(error));
  }
}

/** Of seconds (RFC 9110 section 10.2.3); a date is no use where clocks differ. */
function retryAfterMs(response: IncomingMessage | null): number | null {
  const text = response?.headers['retry-after'] ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) * 1000 : null;
}
