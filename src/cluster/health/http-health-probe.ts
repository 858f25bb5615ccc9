/**
 * A health check over HTTP/1.1: one request on a connection of its own, decided when the answer has
 * come in full. A connection that was kept would say nothing about whether new ones are taken.
 */

import type { Socket } from 'node:net';
import { http } from '../../base/node-http.ts';
import type { HttpHealthCheck } from '../../model/health-check.ts';
import { type ProbeResult, probeFailure } from './health-probe.ts';
import { judgeAnswer, probeAuthority, probeUserAgent } from './http-health-answer.ts';
import type { ProbeStart } from './probe-connector.ts';

/** Returns what breaks the check off. `onResult` may be called more than once: the first counts. */
export function startHttpProbe(
  { target, tls, connector }: ProbeStart,
  check: HttpHealthCheck,
  onResult: (result: ProbeResult) => void,
): () => void {
  let socket: Socket | null = null;
  const request = http.request({
    method: check.method,
    path: check.path,
    headers: {
      host: probeAuthority(check, target),
      'user-agent': probeUserAgent,
      ...check.headers,
    },
    // Without an agent: nothing is kept, and nothing is kept ready for it.
    createConnection: (_options, onCreate) => {
      const opening = connector.connect(target, tls, () => onCreate(null, opening));
      opening.on('error', (error) => onCreate(error, opening));
      socket = opening;
      return undefined;
    },
  });
  const onLost = (reason: string): void => onResult(probeFailure('network-failure', reason));
  request.on('response', (response) => {
    // Whatever it says beyond its status is read and dropped; the timeout bounds it.
    response.resume();
    response.on('error', (error) => onLost(reasonOf(error)));
    response.on('end', () =>
      onResult(judgeAnswer(response.statusCode ?? 0, response.headers, check)),
    );
  });
  request.on('error', (error) => onLost(reasonOf(error)));
  request.on('close', () => onLost('connection closed'));
  request.end();
  return () => {
    request.destroy();
    socket?.destroy();
  };
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  // The parser's names mean nothing to those who read the log.
  return code?.startsWith('HPE_') === true ? 'the answer is no HTTP/1.1' : (code ?? message);
}
