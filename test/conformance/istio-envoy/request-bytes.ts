/** The bytes of a recorded request, and the reading of what comes back. */

import { type HeaderPair, headerValue } from '../../support/http-reader.ts';
import { RawClientError, RawConnection, type RawResponse } from '../../support/raw-client.ts';
import { expandRepeats, type RequestSpec, type Scenario } from './scenario.ts';

export interface ClientResult {
  readonly caseId: string;
  /** null: no response, see `error`. */
  readonly response: RawResponse | null;
  readonly error: string | null;
  /** What came back after a 101. */
  readonly echoed: string | null;
  readonly elapsedMs: number;
}

/** Head and body as the client of the recording sent them. */
export function requestBytes(request: RequestSpec, caseId: string): { head: string; body: string } {
  if (request.raw !== undefined) {
    return { head: expandRepeats(request.raw).replaceAll('${case}', caseId), body: '' };
  }
  const version = request.http ?? '1.1';
  const lines = [`${request.method ?? 'GET'} ${request.path ?? '/'} HTTP/${version}`];
  if (request.authority !== undefined) lines.push(`Host: ${request.authority}`);
  lines.push(`x-case-id: ${caseId}`);
  for (const [name, value] of headerList(request)) lines.push(`${name}: ${value}`);
  let body = '';
  if (request.body !== undefined) {
    body = expandRepeats(request.body);
    if (request.chunked === true) {
      lines.push('transfer-encoding: chunked');
      body = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    } else {
      lines.push(`content-length: ${body.length}`);
    }
  }
  return { head: expandRepeats(`${lines.join('\r\n')}\r\n\r\n`), body };
}

/** The headers of a request in their order. */
export function headerList(request: RequestSpec): readonly HeaderPair[] {
  const { headers = {} } = request;
  if (Array.isArray(headers)) return headers as readonly HeaderPair[];
  return Object.entries(headers as Record<string, string | readonly string[]>).flatMap(
    ([name, value]) => [value].flat().map((one): HeaderPair => [name, String(one)]),
  );
}

export interface SendOptions {
  readonly scenario: Scenario;
  readonly request: RequestSpec;
  readonly caseId: string;
  readonly port: number;
}

/** Sends one request on its own connection. */
export async function sendRequest(options: SendOptions): Promise<ClientResult> {
  const { scenario, request, caseId, port } = options;
  const start = performance.now();
  const localAddress =
    request.localAddress ?? (scenario.role === 'gateway' ? '127.0.0.2' : '127.0.0.1');
  const finish = (outcome: Pick<ClientResult, 'response' | 'error' | 'echoed'>): ClientResult => ({
    caseId,
    ...outcome,
    elapsedMs: performance.now() - start,
  });
  let connection: RawConnection | null = null;
  try {
    connection = await RawConnection.connect({ port, localAddress });
    const outcome = await converse(connection, request, caseId);
    return finish({ ...outcome, error: null });
  } catch (error) {
    const code = error instanceof RawClientError ? error.code : String(error);
    return finish({ response: null, error: code, echoed: null });
  } finally {
    connection?.destroy();
  }
}

async function converse(
  connection: RawConnection,
  request: RequestSpec,
  caseId: string,
): Promise<{ response: RawResponse; echoed: string | null }> {
  const { head, body } = requestBytes(request, caseId);
  const timeoutMs = request.client_timeout_ms ?? 20_000;
  const held = request.expectContinue === true;
  connection.write(held ? head : head + body);
  const method = request.method ?? (/^HEAD /.test(head) ? 'HEAD' : 'GET');
  const response = await connection.readResponse({
    method,
    timeoutMs,
    onInterim: (status) => {
      if (held && status === 100) connection.write(body);
    },
  });
  if (response.status !== 101 || request.after101 === undefined) return { response, echoed: null };
  connection.write(request.after101);
  const echoed = await connection.readBytes(request.after101.length, timeoutMs);
  return { response, echoed: echoed.toString('latin1') };
}

/** The backend that answered, null for an answer of the proxy. */
export function answeredBy(response: RawResponse): string | null {
  return headerValue(response.headers, 'x-backend');
}
