/** One path of the admin API: pure functions from a query to an answer. */

import type { RunningState } from './running-state.ts';

export interface AdminEndpoint {
  /** Without a query. */
  readonly path: string;
  /** Mutations must be sent by POST. */
  readonly mutation: boolean;
  /** One line for /help and the index. */
  readonly help: string;
  /** Names of the query parameters, as /help shows them. */
  readonly parameters: readonly string[];
  handle(query: URLSearchParams, state: RunningState): AdminResponse;
}

export interface AdminResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Called when the response has been sent. */
  readonly afterwards?: () => void;
}

const textType = 'text/plain; charset=utf-8';

export function text(body: string, status = 200): AdminResponse {
  return { status, contentType: textType, body };
}

export function json(value: unknown, status = 200): AdminResponse {
  const body = `${JSON.stringify(value, null, 1)}\n`;
  return { status, contentType: 'application/json', body };
}
