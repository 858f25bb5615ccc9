/**
 * Sends hostile bytes through a proxy and judges what came of them. The rule for every case: the
 * client gets an error and a closed connection and the origin gets nothing, or what the origin
 * got parses strictly as the requests that the bytes mean, and no others.
 */

import { within } from './deadline.ts';
import {
  headerValue,
  IncompleteMessageError,
  parseRequestsStrictly,
  type ReadRequest,
} from './http-reader.ts';
import { Origin, type OriginConnection } from './origin.ts';
import { RawClientError, RawConnection, type RawResponse } from './raw-client.ts';

export interface ProbeResult {
  readonly responses: readonly RawResponse[];
  /** The proxy closed the connection. */
  readonly closed: boolean;
  /** Whole requests that the origin got. */
  readonly forwarded: readonly ReadRequest[];
  /** Requests that the origin got only in part, on connections then closed by the proxy. */
  readonly aborted: number;
  /** What the origin got that is no well-formed request; empty is good. */
  readonly malformed: readonly string[];
}

/** A harmless request sent last: its answer shows that everything before it is done with. */
const sentinel = 'GET /sentinel HTTP/1.1\r\nHost: a.test\r\n\r\n';

/** An origin that answers a request once it is complete and well-formed, then closes. */
export function startProbeOrigin(): Promise<Origin> {
  return Origin.start((connection) => {
    const [request] = readConnection(connection).requests;
    if (request === undefined || connection.socket.writableEnded) return;
    const mark = isSentinel(request) ? 'X-Sentinel: 1\r\n' : '';
    const head = `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${mark}Connection: close\r\n\r\n`;
    connection.socket.end(request.startLine.startsWith('HEAD ') ? head : `${head}ok`);
  });
}

function isSentinel({ startLine }: ReadRequest): boolean {
  return startLine.startsWith('GET /sentinel ');
}

export interface ProbeOptions {
  readonly port: number;
  readonly origin: Origin;
  /** Separate writes. */
  readonly segments: readonly Buffer[];
  /** How long to wait for an answer to bytes that may be incomplete, milliseconds. */
  readonly quietMs?: number;
}

export async function probe(options: ProbeOptions): Promise<ProbeResult> {
  const { origin, port, segments, quietMs = 1000 } = options;
  origin.forget();
  const connection = await RawConnection.connect({ port });
  for (const segment of segments) connection.write(segment);
  const responses = await readResponses(connection, { quietMs, segments });
  const closed = connection.isClosed;
  connection.destroy();
  await within(5000, 'end of the origin connections', originConnectionsClosed(origin));
  return { responses, closed, ...readOrigin(origin) };
}

/** Every answer up to the sentinel's, to the close, or to a silence. */
async function readResponses(
  connection: RawConnection,
  { quietMs, segments }: { readonly quietMs: number; readonly segments: readonly Buffer[] },
): Promise<RawResponse[]> {
  const responses: RawResponse[] = [];
  const method = segments[0]?.toString('latin1').startsWith('HEAD ') ? 'HEAD' : 'GET';
  try {
    responses.push(await connection.readResponse({ timeoutMs: quietMs, method }));
    connection.write(sentinel);
    for (;;) {
      const response = await connection.readResponse({ timeoutMs: quietMs });
      if (headerValue(response.headers, 'x-sentinel') !== null) break;
      responses.push(response);
    }
  } catch (error) {
    // A timeout or a close ends the answers; bytes that are no response are for the caller to see.
    if (!(error instanceof RawClientError)) throw error;
  }
  return responses;
}

/** A connection on which nothing came may stay in the proxy's pool. */
async function originConnectionsClosed(origin: Origin): Promise<void> {
  for (const { socket, received } of origin.connections) {
    if (!socket.closed && received().length > 0)
      await new Promise<void>((resolve) => socket.once('close', resolve));
  }
}

function readOrigin(origin: Origin): Pick<ProbeResult, 'forwarded' | 'aborted' | 'malformed'> {
  const forwarded: ReadRequest[] = [];
  const malformed: string[] = [];
  let aborted = 0;
  for (const connection of origin.connections) {
    const read = readConnection(connection);
    forwarded.push(...read.requests.filter((request) => !isSentinel(request)));
    if (read.error instanceof IncompleteMessageError) aborted += 1;
    else if (read.error !== null) malformed.push(read.error.message);
  }
  return { forwarded, aborted, malformed };
}

function readConnection(connection: OriginConnection): {
  requests: readonly ReadRequest[];
  error: Error | null;
} {
  try {
    return { requests: parseRequestsStrictly(connection.received()), error: null };
  } catch (error) {
    return { requests: [], error: error as Error };
  }
}

/** Whether the proxy refused: an error status, closed, and nothing whole reached the origin. */
export function isRefused(result: ProbeResult): boolean {
  const status = result.responses.at(-1)?.status ?? 0;
  return status >= 400 && result.closed && result.forwarded.length === 0 && isSafe(result);
}

/** Whether everything the origin got was well-formed. */
export function isSafe(result: ProbeResult): boolean {
  return result.malformed.length === 0;
}

/** A short account for a failed assertion. */
export function describeProbe(result: ProbeResult): Record<string, unknown> {
  return {
    statuses: result.responses.map(({ status }) => status),
    closed: result.closed,
    forwarded: result.forwarded.map(({ startLine }) => startLine),
    aborted: result.aborted,
    malformed: result.malformed,
  };
}
