/** How long a request and each of its tries may take: what its route says, and who may differ. */

import type { HeaderList } from '../../http1/header-list.ts';
import { isGrpc } from '../grpc.ts';

const unitMs: ReadonlyMap<string, number> = new Map([
  ['H', 3_600_000],
  ['M', 60_000],
  ['S', 1000],
  ['m', 1],
  ['u', 1e-3],
  ['n', 1e-6],
]);

/**
 * Milliseconds, 0 for no limit. Only gRPC clients may shorten it (Envoy max_grpc_timeout, which
 * Istio sets to the route's timeout); without a timeout of the route theirs is taken as it is.
 */
export function requestTimeoutMs(routeMs: number, headers: HeaderList): number {
  const grpcTimeout = headers.get('grpc-timeout');
  if (grpcTimeout === undefined || !isGrpc(headers)) return routeMs;
  const asked = parseGrpcTimeout(grpcTimeout);
  if (asked === 0) return routeMs;
  return routeMs === 0 ? asked : Math.min(asked, routeMs);
}

/** `100m`: up to eight digits and a unit (gRPC over HTTP/2, Timeout). 0: no limit. */
function parseGrpcTimeout(text: string): number {
  const unit = unitMs.get(text.charAt(text.length - 1));
  const amount = text.slice(0, -1);
  if (unit === undefined || amount.length > 8 || !/^\d+$/.test(amount)) return 0;
  // A time that is too short to measure still is a limit.
  return Math.ceil(Number(amount) * unit);
}

/** More is as good as no limit, and no timer waits longer. */
const longestMs = 2 ** 31 - 1;

/** Takes a limit that an internal client sets out of the block; `otherwise` where it sets none. */
export function takeTimeoutMs(headers: HeaderList, name: string, otherwise: number): number {
  const value = headers.get(name);
  if (value === undefined) return otherwise;
  headers.remove(name);
  return /^\d+$/.test(value) ? Math.min(Number(value), longestMs) : otherwise;
}

/** What of a request's own block says how long it may take, or is spoken of beside that. */
const timeoutFields: readonly string[] = [
  'x-envoy-upstream-rq-timeout-ms',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-upstream-rq-timeout-alt-response',
  'x-envoy-upstream-alt-stat-name',
];

export function removeTimeoutFields(headers: HeaderList): void {
  for (const name of timeoutFields) headers.remove(name);
}

/** The time that one try has; 0 for no limit. `leftMs`: what the request has. */
export function expectedTimeoutMs(leftMs: number, perTryMs: number): number {
  if (perTryMs > 0 && (leftMs === 0 || perTryMs < leftMs)) return perTryMs;
  return leftMs;
}

/** The largest amount that a gRPC timeout can write. */
const grpcAmountMax = 99_999_999;

/** Tells the endpoint how long it has, if there is a limit. */
export function setExpectedTimeout(headers: HeaderList, expectedMs: number): void {
  if (expectedMs === 0) return;
  headers.set('x-envoy-expected-rq-timeout-ms', String(expectedMs));
  if (isGrpc(headers)) headers.set('grpc-timeout', grpcTimeout(expectedMs));
}

function grpcTimeout(ms: number): string {
  if (ms <= grpcAmountMax) return `${ms}m`;
  return `${Math.min(Math.floor(ms / 1000), grpcAmountMax)}S`;
}
