/** Sends one recorded request on its own connection and tells what came of it. */

import type { Socket } from 'node:net';
import { pause } from '../../support/deadline.ts';
import { headerValue } from '../../support/http-reader.ts';
import { RawClientError, RawConnection, type RawResponse } from '../../support/raw-client.ts';
import { exchangeH2, type H2Result } from '../../support/raw-h2-client.ts';
import { errorCode, type OpenedConnection, openConnection } from './open-connection.ts';
import { bodyText, headerList, requestBytes, requestHeaderList } from './request-bytes.ts';
import { type ClientTls, type RequestSpec, type Scenario, tlsOf } from './scenario.ts';
import type { TestKeys } from './test-keys.ts';

/** What one protocol's client found out. */
interface Conversation {
  /** null: no response. */
  readonly response: RawResponse | null;
  /** Why there is no response. */
  readonly error: string | null;
  /** What came back after a 101. */
  readonly echoed?: string | null;
  /** What came on a connection of tcp or tls, latin1. */
  readonly received?: string | null;
  /** Set where the request says how long to hold the connection. */
  readonly held?: 'open' | 'closed' | null;
  readonly h2?: H2Result | null;
}

export interface ClientResult extends Required<Conversation> {
  readonly caseId: string;
  readonly elapsedMs: number;
  readonly tls: ClientTls | null;
  /** The client gave up on purpose. */
  readonly aborted: boolean;
  /** `address:port` of the client's end. */
  readonly localEndpoint: string;
}

export interface SendOptions {
  readonly scenario: Scenario;
  readonly request: RequestSpec;
  readonly caseId: string;
  readonly port: number;
  readonly keys: TestKeys;
}

/** Twice as long as the slowest answer of the recordings took. */
const defaultTimeoutMs = 6_000;
const defaultReadMs = 400;
const patienceMs = 3000;

export async function sendRequest(options: SendOptions): Promise<ClientResult> {
  const { scenario, request, caseId } = options;
  const start = performance.now();
  const timeoutMs = request.client_timeout_ms ?? defaultTimeoutMs;
  const opened = await openConnection({
    port: options.port,
    localAddress: request.localAddress ?? (scenario.role === 'gateway' ? '127.0.0.2' : '127.0.0.1'),
    tls: tlsOf(request),
    alpn: request.protocol === 'h2' ? ['h2', 'http/1.1'] : ['http/1.1'],
    keys: options.keys,
    timeoutMs,
  });
  let aborted = request.rst_after_ms !== undefined;
  const abort = setTimeout(
    () => {
      aborted = true;
      opened.socket?.destroy();
    },
    request.abort_after_ms ?? 2 ** 30,
  );
  const conversation = await converse(opened, { request, caseId, timeoutMs });
  clearTimeout(abort);
  opened.socket?.destroy();
  return {
    echoed: null,
    received: null,
    held: null,
    h2: null,
    ...conversation,
    caseId,
    tls: opened.tls,
    aborted: aborted && conversation.response === null,
    localEndpoint: opened.localEndpoint,
    elapsedMs: performance.now() - start,
  };
}

interface Turn {
  readonly request: RequestSpec;
  readonly caseId: string;
  readonly timeoutMs: number;
}

async function converse(opened: OpenedConnection, turn: Turn): Promise<Conversation> {
  const { socket, tls, error } = opened;
  const { protocol, force_h2: forced } = turn.request;
  const bytes = protocol === 'tcp' || protocol === 'tls';
  if (socket === null && bytes && error === 'closed') {
    return { response: null, error: null, received: '', held: 'closed' };
  }
  if (socket === null) return { response: null, error, received: bytes ? '' : null };
  if (bytes) return converseBytes(socket, turn);
  if (protocol === 'h2c') return converseH2(socket, turn);
  if (protocol !== 'h2') return converseHttp1(socket, turn);
  if (tls?.alpn !== 'h2' && forced !== true) return { response: null, error: 'no-h2' };
  return converseH2(socket, turn);
}

async function converseHttp1(socket: Socket, turn: Turn): Promise<Conversation> {
  const { request, caseId, timeoutMs } = turn;
  const connection = RawConnection.over(socket);
  try {
    const { head, body } = requestBytes(request, caseId);
    const waits = request.expectContinue === true;
    connection.write(waits ? head : head + body);
    const response = await connection.readResponse({
      method: request.method ?? (/^HEAD /.test(head) ? 'HEAD' : 'GET'),
      timeoutMs,
      onInterim: (status) => {
        if (waits && status === 100) connection.write(body);
      },
    });
    const echoed = response.status === 101 ? await exchangeAfter101(connection, turn) : null;
    return { response, error: null, echoed, held: await hold(connection, request) };
  } catch (error) {
    const code = error instanceof RawClientError ? errorCode(error.code) : String(error);
    return { response: null, error: code };
  }
}

async function exchangeAfter101(connection: RawConnection, turn: Turn): Promise<string | null> {
  const { request, caseId, timeoutMs } = turn;
  if (request.after101 === undefined) return null;
  if (request.after101_delay_ms !== undefined) await pause(request.after101_delay_ms);
  connection.write(request.after101);
  // A body of the request itself comes back too.
  const { head, body } = requestBytes(request, caseId);
  const early = head.length - head.indexOf('\r\n\r\n') - 4 + body.length;
  const echoed = await connection.readBytes(early + request.after101.length, timeoutMs);
  return echoed.toString('latin1');
}

/** Keeps the connection for `hold_ms` and sees who ends it; null where the request has none. */
async function hold(
  connection: RawConnection,
  { hold_ms: ms }: RequestSpec,
): Promise<'open' | 'closed' | null> {
  if (ms === undefined) return null;
  await Promise.race([connection.closed, pause(ms)]);
  return connection.isClosed ? 'closed' : 'open';
}

async function converseH2(socket: Socket, turn: Turn): Promise<Conversation> {
  const { request, caseId, timeoutMs } = turn;
  const body = bodyText(request);
  const h2 = await exchangeH2(socket, {
    headers: requestHeaderList(request, caseId),
    timeoutMs,
    ...(body === null ? {} : { body: Buffer.from(body, 'latin1') }),
    ...(request.trailers === undefined ? {} : { trailers: headerList(request.trailers) }),
    ...(request.keep_open === undefined ? {} : { keepOpen: request.keep_open }),
    ...(request.body_after_100 === undefined ? {} : { bodyAfter100: request.body_after_100 }),
    ...(request.rst_after_ms === undefined ? {} : { resetAfterMs: request.rst_after_ms }),
    ...(request.wait_settings === undefined ? {} : { waitSettings: request.wait_settings }),
    ...(request.after101 === undefined
      ? {}
      : { after200: Buffer.from(request.after101, 'latin1') }),
  });
  if (h2.status === 0) {
    const error = h2.end === 'timeout' ? 'client-timeout' : 'closed';
    return { response: null, error: h2.end === 'reset' ? null : error, h2 };
  }
  const { status, interim, headers, trailers } = h2;
  const truncated = h2.end !== 'complete';
  const response = { status, httpVersion: '2', headers, body: h2.body, trailers, interim };
  return { response: { ...response, truncated }, error: null, h2 };
}

async function converseBytes(socket: Socket, turn: Turn): Promise<Conversation> {
  const { request, timeoutMs } = turn;
  const connection = RawConnection.over(socket);
  if (request.send !== undefined) connection.write(request.send);
  const wanted = request.expect_bytes;
  const complete = (): boolean => wanted !== undefined && connection.unread.length >= wanted;
  // Bytes that are sure to come may take longer on a busy machine than when they were recorded.
  const patience = wanted === undefined ? 0 : Math.min(patienceMs, timeoutMs);
  const deadline = performance.now() + Math.max(request.read_ms ?? defaultReadMs, patience);
  while (!complete() && !connection.isClosed && performance.now() < deadline) await pause(5);
  const waiting = !complete() && !connection.isClosed;
  // Nothing more was expected, so that it stayed open is the outcome.
  const held = (await hold(connection, request)) ?? (waiting ? 'open' : null);
  const closed = connection.isClosed && !complete();
  const received = connection.unread.toString('latin1');
  const late = waiting && wanted !== undefined;
  return {
    response: null,
    error: late ? 'client-timeout' : null,
    received,
    held: closed ? 'closed' : late ? null : held,
  };
}

/** The backend that answered, null for an answer of the proxy. */
export function answeredBy(response: RawResponse): string | null {
  return headerValue(response.headers, 'x-backend');
}
