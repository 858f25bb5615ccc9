/** Fault injection (Istio HTTPFaultInjection): a delay and an abort, drawn independently. */

import type { Random } from '../../base/random.ts';
import type { FaultPolicy } from '../../model/route-policy.ts';
import { responseFlag } from '../../telemetry/response-flags.ts';
import { type LocalReply, localReply } from '../local-reply.ts';
import type { Stream } from '../stream/stream.ts';

const million = 1_000_000;

export interface FaultAbortReply {
  readonly httpStatus: number | null;
  readonly grpcStatus: number | null;
}

export interface FaultFilter {
  /** Milliseconds to wait before anything else; 0 for this request not to be delayed. */
  drawDelay(random: Random): number;
  /** null for this request not to be aborted. */
  drawAbort(random: Random): FaultAbortReply | null;
}

export function createFaultFilter(policy: FaultPolicy): FaultFilter {
  const { delay, abort } = policy;
  return {
    drawDelay: (random) =>
      delay !== null && hits(delay.percentage, random) ? delay.fixedDelayMs : 0,
    drawAbort: (random) => (abort !== null && hits(abort.percentage, random) ? abort : null),
  };
}

/** Counts a delay that begins. */
export function noteFaultDelay(stream: Stream, delayMs: number): void {
  stream.info.spans?.event('fault.delay', { 'fault.delay_ms': delayMs });
  const { stats } = stream.connection.listener;
  stream.info.responseFlags |= responseFlag.delayInjected;
  stats.faultDelaysInjected++;
  if (!stream.faultActive) stats.faultActive++;
  stream.faultActive = true;
}

/** Counts an abort. */
export function noteFaultAbort({ info, connection }: Stream, abort: FaultAbortReply): void {
  connection.listener.stats.faultAbortsInjected++;
  if (info.spans === null) return;
  const { httpStatus, grpcStatus } = abort;
  info.spans.event('fault.abort', {
    ...(httpStatus === null ? {} : { 'fault.http_status': httpStatus }),
    ...(grpcStatus === null ? {} : { 'fault.grpc_status': grpcStatus }),
  });
}

/** Envoy answers a plain request with 200 where only a gRPC status is given. */
export function faultReply({ httpStatus }: FaultAbortReply): LocalReply {
  return localReply(httpStatus ?? 200, 'fault_filter_abort', {
    flag: responseFlag.faultInjected,
    body: 'fault filter abort',
  });
}

/** Certain outcomes draw nothing, so that seeded runs do not depend on them. */
export function hits(partsPerMillion: number, random: Random): boolean {
  if (partsPerMillion <= 0) return false;
  return partsPerMillion >= million || random.fraction() * million < partsPerMillion;
}
