/** A health check over HTTP/2: one request on a connection of its own. */

import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  OutgoingHttpHeaders,
} from 'node:http2';
import type { HttpHealthCheck } from '../../model/health-check.ts';
import { type ProbeResult, type ProbeTarget, probeFailure } from './health-probe.ts';
import { judgeAnswer, probeAuthority, probeUserAgent } from './http-health-answer.ts';
import type { ProbeStart } from './probe-connector.ts';

/** Returns what breaks the check off. `onResult` may be called more than once: the first counts. */
export function startHttp2Probe(
  { target, tls, connector }: ProbeStart,
  check: HttpHealthCheck,
  onResult: (result: ProbeResult) => void,
): () => void {
  const onLost = (reason: string): void => onResult(probeFailure('network-failure', reason));
  const onError = (error: NodeJS.ErrnoException): void => onLost(reasonOf(error));
  let session: ClientHttp2Session | null = null;
  const socket = connector.connect(target, tls, () => {
    // Loaded with the first check: it is 4 MiB that few need.
    const http2 = process.getBuiltinModule('node:http2');
    session = http2.connect('http://endpoint', {
      createConnection: () => socket,
      settings: { enablePush: false },
    });
    session.on('error', onError);
    session.on('close', () => onLost('connection closed'));
    ask(session.request(requestHead(target, check)), check, onResult);
  });
  // Heard before the session cancels its stream, of which the reason would not be seen.
  socket.on('error', onError);
  socket.on('close', () => onLost('connection closed'));
  return () => {
    session?.destroy();
    socket.destroy();
  };
}

function requestHead(target: ProbeTarget, check: HttpHealthCheck): OutgoingHttpHeaders {
  return {
    ':method': check.method,
    ':path': check.path,
    ':authority': probeAuthority(check, target),
    'user-agent': probeUserAgent,
    ...check.headers,
  };
}

function ask(
  request: ClientHttp2Stream,
  check: HttpHealthCheck,
  onResult: (result: ProbeResult) => void,
): void {
  const onLost = (reason: string): void => onResult(probeFailure('network-failure', reason));
  let answer: IncomingHttpHeaders | null = null;
  request.on('response', (headers) => {
    answer = headers;
    // Whatever it says beyond its status is read and dropped; the timeout bounds it.
    request.resume();
  });
  request.on('end', () => {
    // A stream whose connection broke ends too, with an error.
    if (answer === null || request.rstCode !== 0) return;
    onResult(judgeAnswer(Number(answer[':status']), answer, check));
  });
  request.on('error', (error) => onLost(reasonOf(error)));
  request.on('close', () => onLost('stream closed'));
  request.end();
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  // What the library says of frames it cannot read, and of the handshake that does not come.
  return code === 'ERR_HTTP2_ERROR' ? 'the answer is no HTTP/2' : (code ?? message);
}
