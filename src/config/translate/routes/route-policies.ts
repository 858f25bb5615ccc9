/** Fault, CORS and mirror blocks of an HTTP rule in Envoy's words. */

import { parseDuration } from '../../../base/duration.ts';
import { grpcStatusNames } from '../../../model/grpc-status-names.ts';
import type { StringMatch } from '../../../model/route-match.ts';
import type { CorsPolicy, FaultPolicy, MirrorPolicy } from '../../../model/route-policy.ts';
import type { CorsPolicy as IstioCorsPolicy } from '../../schema/cors-policy.ts';
import type { Destination } from '../../schema/destination.ts';
import type { HttpFaultInjection } from '../../schema/http-fault.ts';
import type { HttpRoute } from '../../schema/virtual-service.ts';
import { everyRequest, perMillion } from '../percentage.ts';
import { translateString } from './route-match.ts';

export function translateFault(
  fault: HttpFaultInjection | undefined,
  inAttempt: boolean,
): FaultPolicy | null {
  if (fault === undefined) return null;
  const delay = translateDelay(fault.delay);
  const abort = translateAbort(fault.abort);
  return delay === null && abort === null ? null : { delay, abort, inAttempt };
}

/** Without a percentage a fault concerns no request at all. */
function translateDelay(delay: HttpFaultInjection['delay']): FaultPolicy['delay'] {
  const fixedDelayMs = parseDuration(delay?.fixedDelay ?? '0s') ?? 0;
  if (delay === undefined || fixedDelayMs <= 0) return null;
  const percentage =
    delay.percentage === undefined ? (delay.percent ?? 0) * 10_000 : perMillion(delay.percentage);
  return percentage === 0 ? null : { percentage, fixedDelayMs };
}

function translateAbort(abort: HttpFaultInjection['abort']): FaultPolicy['abort'] {
  if (abort?.percentage === undefined) return null;
  const percentage = perMillion(abort.percentage);
  const grpcStatus = grpcStatusNames.indexOf((abort.grpcStatus ?? '').toUpperCase());
  const httpStatus = abort.httpStatus ?? null;
  // An abort without a status is accepted by Istio, and does nothing.
  if (percentage === 0 || (httpStatus === null && grpcStatus === -1)) return null;
  return { percentage, httpStatus, grpcStatus: grpcStatus === -1 ? null : grpcStatus };
}

export function translateCors(cors: IstioCorsPolicy | undefined): CorsPolicy | null {
  if (cors === undefined) return null;
  // The old list counts only where the new one is empty.
  const { allowOrigins = [], allowOrigin = [] } = cors;
  const origins = allowOrigins.length > 0 ? allowOrigins : allowOrigin.map((exact) => ({ exact }));
  const maxAgeMs = cors.maxAge === undefined ? null : parseDuration(cors.maxAge);
  return {
    allowOrigins: origins.map((origin): StringMatch => {
      // Envoy takes an exact "*" as any origin.
      return origin.exact === '*' ? { kind: 'present' } : translateString(origin);
    }),
    allowMethods: joinList(cors.allowMethods),
    allowHeaders: joinList(cors.allowHeaders),
    exposeHeaders: joinList(cors.exposeHeaders),
    maxAgeSeconds: maxAgeMs === null ? null : Math.floor(maxAgeMs / 1000),
    allowCredentials: cors.allowCredentials ?? false,
    forwardUnmatchedPreflights: cors.unmatchedPreflights !== 'IGNORE',
  };
}

/** Without a percentage every request is mirrored, unlike faults. */
export function translateMirrors(
  rule: HttpRoute,
  clusterOf: (destination: Destination) => string,
): MirrorPolicy[] {
  const mirrors: MirrorPolicy[] = [];
  if (rule.mirror !== undefined) {
    const percentage = mirrorPercentage(rule);
    if (percentage > 0) mirrors.push({ cluster: clusterOf(rule.mirror), percentage });
  }
  for (const { destination, percentage: given } of rule.mirrors ?? []) {
    const percentage = given === undefined ? everyRequest : perMillion(given);
    if (percentage > 0) mirrors.push({ cluster: clusterOf(destination), percentage });
  }
  return mirrors;
}

function mirrorPercentage(rule: HttpRoute): number {
  if (rule.mirrorPercentage !== undefined) return perMillion(rule.mirrorPercentage);
  return rule.mirrorPercent === undefined ? everyRequest : rule.mirrorPercent * 10_000;
}

function joinList(values: readonly string[] | undefined): string | null {
  return values === undefined || values.length === 0 ? null : values.join(',');
}
