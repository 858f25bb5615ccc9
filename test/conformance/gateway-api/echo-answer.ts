/** What an echo server of the conformance suite does with a request: tells it, late or never. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { pause } from '../../support/deadline.ts';

/** Where a request came to; the body of the answer. */
export interface Echo {
  readonly path: string;
  readonly host: string;
  readonly method: string;
  readonly proto: string;
  /** Names in lower case, values in order. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly namespace: string;
  readonly pod: string;
  /** null in clear text. */
  readonly tls: EchoTls | null;
}

export interface EchoTls {
  readonly serverName: string;
  /** In PEM; empty where the client showed none. */
  readonly clientCertificate: string;
}

/** Header by which a request and its mirrors are known. */
export const caseIdHeader = 'x-case-id';
/** `name:value,name:value`: headers of the response. */
export const setHeader = 'x-echo-set-header';

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

export type EchoRequest = IncomingMessage | Http2ServerRequest;
export type EchoResponse = ServerResponse | Http2ServerResponse;

export function echoOf(request: EchoRequest, pod: PodName): Echo {
  const headers: Record<string, string[]> = {};
  const { rawHeaders } = request;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    if (name.startsWith(':') || name === 'host') continue;
    headers[name] ??= [];
    headers[name].push(rawHeaders[i + 1] as string);
  }
  const authority = 'authority' in request ? request.authority : undefined;
  return {
    path: request.url ?? '',
    host: authority ?? request.headers.host ?? '',
    method: request.method ?? '',
    proto: `HTTP/${request.httpVersion}`,
    headers,
    namespace: pod.namespace,
    pod: pod.name,
    tls: tlsOf(request.socket as TLSSocket),
  };
}

export function tlsOf(socket: TLSSocket): EchoTls | null {
  if (socket.encrypted !== true) return null;
  const { servername } = socket as { servername?: string | false };
  const raw: Buffer | undefined = socket.getPeerX509Certificate()?.raw;
  return {
    serverName: servername === false || servername === undefined ? '' : servername,
    clientCertificate: raw === undefined ? '' : raw.toString('base64'),
  };
}

/** `attempts`: how often each `uuid` has come. */
export async function answer(
  echo: Echo,
  response: EchoResponse,
  attempts: Map<string, number>,
): Promise<void> {
  const query = new URL(echo.path, 'http://echo').searchParams;
  await pause(durationMs(query.get('delay')));
  const failure = await failureOf(query, attempts);
  // One class or the other, whose methods are the same.
  const head = response as ServerResponse;
  if (failure === resetCode) {
    head.socket?.destroy();
    return;
  }
  head.statusCode = failure ?? 200;
  for (const item of (echo.headers[setHeader] ?? []).flatMap((each) => each.split(','))) {
    const [name = '', value = ''] = item.split(':');
    if (name.trim() !== '') head.setHeader(name.trim(), value.trim());
  }
  head.setHeader('content-type', 'application/json');
  head.end(JSON.stringify(echo));
}

/** In place of a status: the connection is reset. */
const resetCode = 0;

/** The status with which the first `succeedAfter` requests of one `uuid` are answered. */
async function failureOf(
  query: URLSearchParams,
  attempts: Map<string, number>,
): Promise<number | null> {
  const uuid = query.get('uuid');
  if (uuid === null) return null;
  const count = (attempts.get(uuid) ?? 0) + 1;
  attempts.set(uuid, count);
  if (count > Number(query.get('succeedAfter'))) return null;
  await pause(durationMs(query.get('delayRetry')));
  return Number(query.get('responseCode'));
}

/** Of `1s` or `200ms`; 0 where there is none. */
function durationMs(text: string | null): number {
  const [, number = '0', unit] = /^([\d.]+)(ms|s)$/.exec(text ?? '') ?? [];
  return Number(number) * (unit === 's' ? 1000 : 1);
}
