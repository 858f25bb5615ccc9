/** One path of the admin API: a function from a request and the running state to an answer. */

import type { IncomingHttpHeaders } from 'node:http';
import type { RunningState } from './running-state.ts';
import type { LongBody, StreamBody } from './streaming-response.ts';

export interface AdminEndpoint {
  /** Without a query. A segment `{name}` takes any one segment, which the handler gets. */
  readonly path: string;
  /** Mutations must be sent by POST. */
  readonly mutation: boolean;
  /** Reads may be sent by POST too: what is asked for may be in the body. Default: GET only. */
  readonly byPost?: boolean;
  /** One line for /help and the index. */
  readonly help: string;
  /** Of the query, or of a form that is sent as the body. */
  readonly parameters: readonly AdminParameter[];
  /** Names of parameters that are not among them mean something, too. Default: they do not. */
  readonly takesAnyParameter?: boolean;
  /** It tells what has been counted, also by others: see `RunningState.refresh`. */
  readonly tellsCounts?: boolean;
  /** A handler that throws, or whose promise rejects, is answered for with 500. */
  handle(request: AdminRequest, state: RunningState): AdminResponse | Promise<AdminResponse>;
}

/** A name alone takes any text. */
export type AdminParameter = string | DescribedParameter;

export interface DescribedParameter {
  readonly name: string;
  readonly help: string;
  /** `flag` counts by being there. */
  readonly takes: 'text' | 'flag' | readonly string[];
}

export interface AdminRequest {
  readonly query: URLSearchParams;
  /** The segments that stand for `{name}` in the path, decoded. */
  readonly variables: Readonly<Record<string, string>>;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** It comes from this machine. */
  readonly isLocal: boolean;
  /** As UTF-8, at most 1 MiB; empty unless sent by POST. */
  readonly body: string;
}

export interface AdminResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array | StreamBody | LongBody;
  /** Names in lower case; they win over those that every response has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called when the response has been sent. */
  readonly afterwards?: () => void;
}

/** For parameters of which not much is to be said. */
export function parameter(
  name: string,
  help: string,
  takes: DescribedParameter['takes'] = 'text',
): DescribedParameter {
  return { name, help, takes };
}

const textType = 'text/plain; charset=utf-8';

export function text(body: string, status = 200): AdminResponse {
  return { status, contentType: textType, body };
}

export function json(value: unknown, status = 200): AdminResponse {
  const body = `${JSON.stringify(value, null, 1)}\n`;
  return { status, contentType: 'application/json', body };
}
