/** Sends requests to the proxy under load, in whatever protocol. */

import type { FailureKind } from '../request-log.ts';
import { noEndpoint } from '../request-log.ts';
import type { LoadRequest } from '../request-mix.ts';
import { endpointHeader } from '../upstream/messages.ts';

/** Told once how a request ended. */
export interface AnswerListener {
  /** The whole answer is there. `endpoint`: who says that it answered. */
  onAnswer(status: number, endpoint: number): void;
  onFailure(failure: FailureKind): void;
}

export interface LoadClient {
  /** Sends it as soon as a connection is free. The result gives the request up. */
  send(request: LoadRequest, listener: AnswerListener): () => void;
  close(): Promise<void>;
}

export interface LoadClientOptions {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly timeoutMs: number;
  /** null: plain text. */
  readonly tls: {
    readonly serverName: string;
    /** In PEM; null: those of the system. */
    readonly ca: string | null;
    readonly insecure: boolean;
  } | null;
}

/** `HOST:PORT` as an origin. */
export function originOf({ host, port, tls }: LoadClientOptions): string {
  return `${tls === null ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export function endpointOf(headers: Readonly<Record<string, unknown>>): number {
  const text = headers[endpointHeader];
  return typeof text === 'string' ? Number(text) : noEndpoint;
}

export function failureOf(error: Error): FailureKind {
  const { code = '' } = error as { code?: string };
  if (/TIMEOUT|TIMEDOUT/.test(code)) return 'timeout';
  if (/ECONNREFUSED|ENOTFOUND|EADDRNOTAVAIL/.test(code)) return 'refused';
  return /ECONNRESET|EPIPE|UND_ERR_SOCKET|STREAM|SESSION|GOAWAY/.test(code) ? 'reset' : 'other';
}
