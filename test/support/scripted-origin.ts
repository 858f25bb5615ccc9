/** An origin that answers each complete request with the bytes that a script returns. */

import { IncompleteMessageError, type ReadRequest, readRequestStrictly } from './http-reader.ts';
import { Origin, type OriginConnection, type OriginHandler } from './origin.ts';

/** What to send; null: the script has answered on the socket itself, or never will. */
export type Script = (request: ReadRequest, connection: OriginConnection) => string | null;

export interface ScriptedOrigin {
  readonly origin: Origin;
  readonly port: number;
  /** Complete requests in the order of arrival. */
  readonly requests: readonly ReadRequest[];
  /** Forgets the requests so far. */
  forget(): void;
  stop(): Promise<void>;
}

export async function scriptedOrigin(script: Script): Promise<ScriptedOrigin> {
  const { handler, requests } = answerByScript(script);
  const origin = await Origin.start(handler);
  const forget = (): void => {
    requests.length = 0;
  };
  return { origin, port: origin.port, requests, forget, stop: () => origin.stop() };
}

/** The same for an origin that is there already; `requests` are those that were answered. */
export function answerByScript(script: Script): {
  readonly handler: OriginHandler;
  readonly requests: ReadRequest[];
} {
  const requests: ReadRequest[] = [];
  const consumed = new WeakMap<OriginConnection, number>();
  const handler: OriginHandler = (connection) => {
    const bytes = connection.received();
    let offset = consumed.get(connection) ?? 0;
    try {
      while (offset < bytes.length) {
        const { request, end } = readRequestStrictly(bytes, offset);
        offset = end;
        requests.push(request);
        const answer = script(request, connection);
        if (answer !== null) connection.socket.write(answer, 'latin1');
      }
    } catch (error) {
      if (!(error instanceof IncompleteMessageError)) throw error;
    }
    consumed.set(connection, offset);
  };
  return { handler, requests };
}

/** A 200 with a body. */
export function ok(body: string, headers = ''): string {
  return `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/** Method and target of a request. */
export function methodAndPath(request: ReadRequest): string {
  return request.startLine.replace(/ HTTP\/1\.1$/, '');
}
