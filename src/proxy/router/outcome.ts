/**
 * Tells a cluster how an attempt went, whoever made it: its counters, the endpoint's, and outlier
 * detection. Not for clients that left: of those nobody upstream is to blame.
 */

import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { LiveEndpoint } from '../../cluster/live-endpoint.ts';
import type { ResponseHead } from '../../http1/message-head.ts';
import { httpStatusFor } from '../grpc.ts';
import type { ProxyErrorCode } from '../proxy-error.ts';
import type { Attempt } from './attempt.ts';

/** The endpoint asks to be left out at once, where its cluster is health checked. */
const immediateFailHeader = 'x-envoy-immediate-health-check-fail';

/** A response head came. A gRPC status in it counts as the HTTP status that it stands for. */
export function reportResponse(
  cluster: LiveCluster,
  endpoint: LiveEndpoint,
  head: ResponseHead,
): void {
  const grpcStatus = head.headers.get('grpc-status');
  const status = grpcStatus === undefined ? head.status : httpStatusFor(grpcStatus);
  cluster.onResponse(endpoint, status);
  if (cluster.model.healthCheck !== null && head.headers.has(immediateFailHeader)) {
    cluster.onImmediateHealthCheckFail(endpoint);
  }
}

interface Failure {
  readonly code: ProxyErrorCode;
  /** The system's words for it. */
  readonly message: string;
}

/** There was no descriptor for the socket: no endpoint is to blame, and all would be. */
const outOfDescriptors = /\bE[MN]FILE\b/;

/** The attempt ended without a whole response. */
export function reportFailure(
  cluster: LiveCluster,
  endpoint: LiveEndpoint,
  { code, message }: Failure,
): void {
  const { stats } = cluster;
  switch (code) {
    case 'connect-refused':
      if (outOfDescriptors.test(message)) return;
      cluster.onLocalOriginFailure(endpoint, 'connect-failure');
      return;
    case 'connect-timeout':
      cluster.onLocalOriginFailure(endpoint, 'connect-timeout');
      return;
    case 'per-try-timeout':
      stats.upstreamRqPerTryTimeout++;
      cluster.onLocalOriginFailure(endpoint, 'timeout');
      return;
    case 'per-try-idle-timeout':
      stats.upstreamRqPerTryIdleTimeout++;
      cluster.onLocalOriginFailure(endpoint, 'timeout');
      return;
    case 'refused-stream':
    case 'remote-reset':
      stats.upstreamRqRxReset++;
      cluster.onLocalOriginFailure(endpoint, 'reset');
      return;
    case 'connection-termination':
    case 'reset':
    case 'protocol-error':
      cluster.onLocalOriginFailure(endpoint, 'reset');
      return;
    default:
      return;
  }
}

/** The route's time ran out before a response. */
export function reportRouteTimeout({ cluster, endpoint, stream }: Attempt): void {
  cluster.stats.upstreamRqTimeout++;
  // What waits for a connection has never reached the endpoint, so that is not to blame.
  if (stream !== null) cluster.onLocalOriginFailure(endpoint, 'timeout');
}
