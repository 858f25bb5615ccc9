/** Gathers the answer to one request as it comes in, and tells once how the request ended. */

import { type Answer, type FailureKind, noEndpoint } from '../request-log.ts';
import { answerHeaders } from '../upstream/messages.ts';

/** Told once how a request ended. */
export interface AnswerListener {
  /** The whole answer is there. */
  onAnswer(answer: Answer): void;
  onFailure(failure: FailureKind): void;
}

type Headers = Readonly<Record<string, unknown>>;

export class AnswerReader {
  readonly #listener: AnswerListener;
  readonly #routeHeader: string | null;
  #answer: Answer | null = null;
  #isOver = false;

  constructor(listener: AnswerListener, routeHeader: string | null) {
    this.#listener = listener;
    this.#routeHeader = routeHeader;
  }

  /** Nobody waits for it any more: nothing is told. */
  get isOver(): boolean {
    return this.#isOver;
  }

  giveUp(): void {
    this.#isOver = true;
  }

  head(status: number, headers: Headers): void {
    this.#answer = answerOf(status, headers, this.#routeHeader);
  }

  end(): void {
    if (this.#isOver || this.#answer === null) return;
    this.#isOver = true;
    this.#listener.onAnswer(this.#answer);
  }

  fail(failure: FailureKind): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onFailure(failure);
  }
}

/** What the head of an answer says. `routeHeader` null: not which route it took. */
export function answerOf(status: number, headers: Headers, routeHeader: string | null): Answer {
  const endpoint = numberIn(headers, answerHeaders.endpoint);
  const route = routeHeader === null ? null : headers[routeHeader];
  return {
    status,
    endpoint: Number.isNaN(endpoint) ? noEndpoint : endpoint,
    route: typeof route === 'string' ? route : '',
    tookMs: numberIn(headers, answerHeaders.took),
    askedMs: numberIn(headers, answerHeaders.asked),
  };
}

function numberIn(headers: Headers, name: string): number {
  const text = headers[name];
  return typeof text === 'string' ? Number(text) : Number.NaN;
}

export function failureOf(error: Error): FailureKind {
  const { code = '' } = error as { code?: string };
  if (/TIMEOUT|TIMEDOUT/.test(code)) return 'timeout';
  if (/ECONNREFUSED|ENOTFOUND|EADDRNOTAVAIL/.test(code)) return 'refused';
  return /ECONNRESET|EPIPE|UND_ERR_SOCKET|STREAM|SESSION|GOAWAY/.test(code) ? 'reset' : 'other';
}
