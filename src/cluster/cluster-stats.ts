/** Counters and gauges of one cluster. The fields are Envoy's names in camel case. */

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

  /** Responses by status, from 100; null until there is one. */
  #byStatus: Float64Array | null = null;

  /** Counts the response that goes downstream: once for each request, retries apart. */
  countResponse(status: number): void {
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
