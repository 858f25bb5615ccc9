/**
 * A health check over HTTP/1.1: one request on a connection of its own, decided when the answer has
 * come in full. A connection that was kept would say nothing about whether new ones are taken.
 */

import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { http } from '../base/node-http.ts';
import type { HttpHealthCheck, StatusRange } from '../model/health-check.ts';
import { type ProbeResult, type ProbeTarget, probeFailure, probeSuccess } from './health-probe.ts';
import { endpointKey } from './live-endpoint.ts';

/** By which applications tell checks from visitors; Envoy's. */
const userAgent = 'Envoy/HC';

/** Returns what breaks the check off. `onResult` may be called more than once: the first counts. */
export function startHttpProbe(
  target: ProbeTarget,
  check: HttpHealthCheck,
  onResult: (result: ProbeResult) => void,
): () => void {
  const { address, port } = target;
  const request = http.request({
    method: check.method,
    path: check.path,
    headers: {
      host: check.host ?? endpointKey(address, port),
      'user-agent': userAgent,
      ...check.headers,
    },
    // Without an agent: nothing is kept, and nothing is kept ready for it.
    createConnection: () => connect({ host: address, port, noDelay: true }),
  });
  const onLost = (reason: string): void => onResult(probeFailure('network-failure', reason));
  request.on('response', (response) => {
    // Whatever it says beyond its status is read and dropped; the timeout bounds it.
    response.resume();
    response.on('error', (error) => onLost(reasonOf(error)));
    response.on('end', () => onResult(judge(response, check)));
  });
  request.on('error', (error) => onLost(reasonOf(error)));
  request.on('close', () => onLost('connection closed'));
  request.end();
  return () => request.destroy();
}

/** Envoy's HttpActiveHealthCheckSession::healthCheckResult. */
function judge(response: IncomingMessage, check: HttpHealthCheck): ProbeResult {
  const status = response.statusCode ?? 0;
  if (isIn(check.expectedStatuses, status)) return probeSuccess;
  return {
    outcome: isIn(check.retriableStatuses, status) ? 'retriable-failure' : 'failure',
    detail: `status ${status}`,
    exclude: response.headers['x-envoy-immediate-health-check-fail'] !== undefined,
  };
}

function isIn(ranges: readonly StatusRange[], status: number): boolean {
  return ranges.some(({ start, end }) => status >= start && status < end);
}

function reasonOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message;
}
