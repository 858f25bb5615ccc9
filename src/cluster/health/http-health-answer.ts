/** What checks over HTTP/1.1 and HTTP/2 have in common: who asks whom, and what an answer means. */

import type { HttpHealthCheck, StatusRange } from '../../model/health-check.ts';
import { endpointKey } from '../live-endpoint.ts';
import { type ProbeResult, type ProbeTarget, probeSuccess } from './health-probe.ts';

/** By which applications tell checks from visitors; Envoy's. */
export const probeUserAgent = 'Envoy/HC';

export function probeAuthority({ host }: HttpHealthCheck, { address, port }: ProbeTarget): string {
  return host ?? endpointKey(address, port);
}

/** Envoy's HttpActiveHealthCheckSession::healthCheckResult. */
export function judgeAnswer(
  status: number,
  headers: Readonly<Record<string, unknown>>,
  check: HttpHealthCheck,
): ProbeResult {
  if (isIn(check.expectedStatuses, status)) return probeSuccess;
  return {
    outcome: isIn(check.retriableStatuses, status) ? 'retriable-failure' : 'failure',
    detail: `status ${status}`,
    exclude: headers['x-envoy-immediate-health-check-fail'] !== undefined,
  };
}

function isIn(ranges: readonly StatusRange[], status: number): boolean {
  return ranges.some(({ start, end }) => status >= start && status < end);
}
