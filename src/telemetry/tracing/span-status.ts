/** How a span ended, by the conventions of OpenTelemetry: which outcomes are whose errors. */

import { formatResponseFlagsLong, responseFlag } from '../response-flags.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { ClientSpan } from './spans.ts';

export interface SpanOutcome {
  /** `error.type`; null: the span has not failed. */
  readonly error: string | null;
  /** Of the status; empty if there is nothing to add. */
  readonly message: string;
}

const fine: SpanOutcome = { error: null, message: '' };

/** UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const grpcServerErrors: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);

/** A client that leaves is no error of who answers, and a delay is none at all. */
const harmlessFlags =
  responseFlag.downstreamTermination |
  responseFlag.downstreamRemoteReset |
  responseFlag.delayInjected;

export function serverOutcome(info: StreamInfo): SpanOutcome {
  const { status, grpcStatus, responseFlags, responseEndAt } = info;
  const message = info.details === 'via_upstream' ? '' : info.details;
  if (status >= 500) return { error: String(status), message };
  if (grpcStatus !== null && grpcServerErrors.has(grpcStatus)) {
    return { error: String(grpcStatus), message };
  }
  const isBroken = responseEndAt === 0 && (responseFlags & ~harmlessFlags) !== 0;
  return isBroken ? { error: formatResponseFlagsLong(responseFlags), message } : fine;
}

/** `grpcStatus`: what the endpoint answered in gRPC; null for other answers. */
export function clientOutcome(span: ClientSpan, grpcStatus: number | null): SpanOutcome {
  const { error, message, status } = span;
  if (error !== null) return { error, message };
  if (status >= 400) return { error: String(status), message: '' };
  if (grpcStatus !== null && grpcStatus !== 0) return { error: String(grpcStatus), message: '' };
  return fine;
}
