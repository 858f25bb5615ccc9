/** How long a request may take, from its route and, for gRPC, from the client itself. */

import type { HeaderList } from '../http1/header-list.ts';
import { isGrpc } from './grpc.ts';

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
  if (asked === null) return routeMs;
  return routeMs === 0 ? asked : Math.min(asked, routeMs);
}

/** `100m`: up to eight digits and a unit (gRPC over HTTP/2, Timeout). */
function parseGrpcTimeout(text: string): number | null {
  const unit = unitMs.get(text.charAt(text.length - 1));
  const amount = text.slice(0, -1);
  if (unit === undefined || amount.length > 8 || !/^\d+$/.test(amount)) return null;
  // A time that is too short to measure still is a limit.
  return Math.max(1, Math.ceil(Number(amount) * unit));
}

/** The time that one try has, for x-envoy-expected-rq-timeout-ms; 0 for no limit. */
export function expectedTimeoutMs(leftMs: number, perTryMs: number): number {
  if (perTryMs > 0 && (leftMs === 0 || perTryMs < leftMs)) return perTryMs;
  return leftMs;
}
