/** What one cluster counts. Numbers are fields whose names are Envoy's in camel case. */

import { LogLinearHistogram } from '../base/log-linear-histogram.ts';
import { GrpcCounts } from './grpc-counts.ts';
import { ResponseCounts } from './response-counts.ts';

const statusCount = 500;

export class ClusterStats {
  // Requests. Every attempt counts, except in `rqCompleted` and its classes: those are responses.
  upstreamRqTotal = 0;
  upstreamRqActive = 0;
  upstreamRqCompleted = 0;
  upstreamRq1xx = 0;
  upstreamRq2xx = 0;
  upstreamRq3xx = 0;
  upstreamRq4xx = 0;
  upstreamRq5xx = 0;
  upstreamRqTimeout = 0;
  upstreamRqPerTryTimeout = 0;
  upstreamRqPerTryIdleTimeout = 0;
  upstreamRqCancelled = 0;
  upstreamRqRxReset = 0;

  // Requests that wait for a connection.
  upstreamRqPendingTotal = 0;
  upstreamRqPendingActive = 0;
  upstreamRqPendingOverflow = 0;
  upstreamRqPendingFailureEject = 0;

  // Retries.
  upstreamRqRetry = 0;
  upstreamRqRetrySuccess = 0;
  upstreamRqRetryOverflow = 0;
  upstreamRqRetryLimitExceeded = 0;
  upstreamRqRetryBackoffExponential = 0;

  // Connections.
  upstreamCxTotal = 0;
  upstreamCxActive = 0;
  upstreamCxHttp1Total = 0;
  upstreamCxHttp2Total = 0;
  upstreamCxOverflow = 0;
  upstreamCxConnectFail = 0;
  upstreamCxConnectTimeout = 0;
  upstreamCxConnectAttemptsExceeded = 0;
  upstreamCxIdleTimeout = 0;
  upstreamCxMaxRequests = 0;
  upstreamCxMaxDurationReached = 0;
  upstreamCxProtocolError = 0;
  http2KeepaliveTimeout = 0;
  upstreamCxNoneHealthy = 0;
  upstreamCxDestroy = 0;
  upstreamCxDestroyLocal = 0;
  upstreamCxDestroyRemote = 0;
  upstreamCxDestroyWithActiveRq = 0;
  upstreamCxDestroyLocalWithActiveRq = 0;
  upstreamCxDestroyRemoteWithActiveRq = 0;
  upstreamCxRxBytesTotal = 0;
  upstreamCxTxBytesTotal = 0;

  // TLS.
  sslHandshake = 0;
  sslSessionReused = 0;
  sslConnectionError = 0;
  sslFailVerifyNoCert = 0;
  sslFailVerifyError = 0;
  sslFailVerifySan = 0;
  sslFailVerifyCertHash = 0;
  upstreamContextSecretsNotReady = 0;

  // Membership and load balancing.
  membershipChange = 0;
  lbHealthyPanic = 0;
  updateAttempt = 0;
  updateSuccess = 0;
  updateFailure = 0;
  updateEmpty = 0;

  // Outlier detection.
  ejectionsActive = 0;
  ejectionsOverflow = 0;
  ejectionsEnforcedTotal = 0;
  ejectionsDetectedConsecutive5xx = 0;
  ejectionsEnforcedConsecutive5xx = 0;
  ejectionsDetectedConsecutiveGatewayFailure = 0;
  ejectionsEnforcedConsecutiveGatewayFailure = 0;
  ejectionsDetectedConsecutiveLocalOriginFailure = 0;
  ejectionsEnforcedConsecutiveLocalOriginFailure = 0;

  // Active health checks.
  healthCheckAttempt = 0;
  healthCheckSuccess = 0;
  healthCheckFailure = 0;
  healthCheckNetworkFailure = 0;
  healthCheckPassiveFailure = 0;
  healthCheckHealthy = 0;

  /** Processes that follow this one have had connections for requests. */
  hasTrafficElsewhere = false;

  // In milliseconds.
  /** From the end of the request to the end of the response. */
  readonly rqTime = new LogLinearHistogram();
  readonly cxConnectMs = new LogLinearHistogram();
  readonly cxLengthMs = new LogLinearHistogram();

  /** Of requests from inside the mesh, which are among the others; null until there is one. */
  internal: InternalStats | null = null;
  /** Responses that were tried again; null until there is one. */
  retried: ResponseCounts | null = null;
  /** null until there is a call. */
  grpc: GrpcCounts | null = null;

  /** Responses by status, from 100; null until there is one. */
  #byStatus: Float64Array | null = null;

  histograms(): readonly LogLinearHistogram[] {
    const all = [this.rqTime, this.cxConnectMs, this.cxLengthMs];
    return this.internal === null ? all : [...all, this.internal.rqTime];
  }

  /** One that goes nowhere, for the request is tried again. */
  countRetried(status: number): void {
    this.retried ??= new ResponseCounts();
    this.retried.count(status);
  }

  /** The end of a response that was passed on. `isInternal`: of a request from inside the mesh. */
  recordTime(ms: number, isInternal: boolean): void {
    this.rqTime.record(ms);
    if (!isInternal) return;
    this.internal ??= new InternalStats();
    this.internal.rqTime.record(ms);
  }

  /** The end of a gRPC call. */
  countCall(call: GrpcCall): void {
    this.grpc ??= new GrpcCounts();
    this.grpc.countStatus(call.grpcStatus);
    this.grpc.requestMessages += call.requestMessages;
    this.grpc.responseMessages += call.responseMessages;
  }

  /**
   * Counts the response that goes downstream: once for each request, retries apart. `isInternal`: of
   * a request from inside the mesh.
   */
  countResponse(status: number, isInternal = false): void {
    if (isInternal) {
      this.internal ??= new InternalStats();
      this.internal.responses.count(status);
    }
    this.upstreamRqCompleted++;
    if (status >= 500) this.upstreamRq5xx++;
    else if (status >= 400) this.upstreamRq4xx++;
    else if (status >= 300) this.upstreamRq3xx++;
    else if (status >= 200) this.upstreamRq2xx++;
    else this.upstreamRq1xx++;
    this.#byStatus ??= new Float64Array(statusCount);
    const index = status - 100;
    // A typed array ignores an index that it does not have, so any status is safe here.
    this.#byStatus[index] = (this.#byStatus[index] ?? 0) + 1;
  }

  /** `[status, count]` of every status that was seen, ascending. */
  responsesByStatus(): (readonly [number, number])[] {
    const seen: (readonly [number, number])[] = [];
    this.#byStatus?.forEach((count, index) => {
      if (count > 0) seen.push([index + 100, count]);
    });
    return seen;
  }
}

/** Envoy counts all responses, and those from inside or outside the mesh apart. */
class InternalStats {
  readonly responses = new ResponseCounts();
  readonly rqTime = new LogLinearHistogram();
}

/** What is counted of a call; `grpcStatus` null: it ended without one. */
interface GrpcCall {
  readonly grpcStatus: number | null;
  readonly requestMessages: number;
  readonly responseMessages: number;
}
