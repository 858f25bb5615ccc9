/** Makes the record of an exchange that has ended, from what is known of it. */

import { ownText } from '../../base/own-text.ts';
import { unicodeFromWire } from '../../base/wire-text.ts';
import type { Workload } from '../../model/endpoint.ts';
import { formatResponseFlags } from '../response-flags.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { RequestParty, RequestRecord, RequestTimings } from './request-record.ts';

/** Characters of a path, or of another text that a client chooses. */
const maxTextLength = 2048;

/** `self`: the workload of this proxy. */
export function recordExchange(info: StreamInfo, id: number, self: RequestParty): RequestRecord {
  const isInbound = info.listener.direction === 'inbound';
  const peer = info.endpoint?.workload ?? null;
  return {
    id,
    startedAt: Math.trunc(info.startedWall),
    durationMs: rounded(info.endedAt - info.startedAt),
    listener: info.listener.name,
    direction: info.listener.direction,
    protocol: info.protocol === '' ? 'TCP' : info.protocol,
    tls: info.tls?.version ?? null,
    client: ownText(info.downstreamRemoteAddress),
    method: keptText(info.method),
    authority: keptText(info.authority === '' ? (info.requestedServerName ?? '') : info.authority),
    path: keptText(info.path),
    originalPath: info.originalPath === null ? null : keptText(info.originalPath),
    status: info.status,
    grpcStatus: info.grpcStatus,
    flags: info.responseFlags === 0 ? [] : formatResponseFlags(info.responseFlags).split(','),
    details: info.details,
    route: info.routeName,
    virtualHost: info.virtualHostName,
    cluster: info.clusterName,
    endpoint: info.upstreamAddress,
    attempts: info.attempts,
    failedAttempts: info.failedAttempts ?? [],
    bytesReceived: info.bytesReceived,
    bytesSent: info.bytesSent,
    timings: timingsOf(info),
    // At the destination only the metadata of a mesh would tell who asks.
    source: isInbound ? null : self,
    destination: isInbound ? self : peer === null ? null : partyOf(peer),
    traceId: info.traceId === null ? null : ownText(info.traceId),
    requestId: info.requestId === null ? null : keptText(info.requestId),
  };
}

export function partyOf(workload: Workload): RequestParty {
  const { name, namespace, app, version, canonicalName } = workload;
  return { workload: known(name), namespace, app, version, service: known(canonicalName) };
}

/** A proxy that is told nothing calls itself what metrics call it. */
function known(name: string): string {
  return name === 'unknown' ? '' : name;
}

function timingsOf(info: StreamInfo): RequestTimings {
  const { startedAt, requestEndAt, upstreamHeadAt, upstreamServiceMs, endedAt } = info;
  return {
    requestMs: requestEndAt === 0 ? null : rounded(requestEndAt - startedAt),
    upstreamMs: upstreamServiceMs < 0 ? null : upstreamServiceMs,
    responseMs: upstreamHeadAt === 0 ? null : rounded(endedAt - upstreamHeadAt),
  };
}

/** To microseconds. Clocks differ in their last digits, and nothing takes less than no time. */
function rounded(ms: number): number {
  return Math.max(0, Math.round(ms * 1000) / 1000);
}

/** In Unicode, and no more of it than people look at. */
function keptText(wire: string): string {
  return ownText(unicodeFromWire(wire.slice(0, maxTextLength)));
}
