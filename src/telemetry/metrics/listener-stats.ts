/** What one listener and its HTTP codec count. Plain fields, which the proxy adds to. */

import { LogLinearHistogram } from '../../base/log-linear-histogram.ts';

export class ListenerStats {
  /** Connections. */
  downstreamCxTotal = 0;
  downstreamCxActive = 0;
  /** Those on which HTTP has begun, by its version. */
  downstreamCxHttp1Total = 0;
  downstreamCxHttp1Active = 0;
  downstreamCxHttp2Total = 0;
  downstreamCxHttp2Active = 0;
  downstreamCxDestroy = 0;
  downstreamCxDestroyRemote = 0;
  /** Turned away: by the limit of the listener, by that of all, by overload. */
  downstreamCxOverflow = 0;
  downstreamGlobalCxOverflow = 0;
  downstreamCxOverloadReject = 0;
  downstreamCxProtocolError = 0;
  downstreamCxIdleTimeout = 0;
  downstreamCxDrainClose = 0;
  /** Of these, while overload asks for it. */
  downstreamCxOverloadDisableKeepalive = 0;
  downstreamCxUpgradesTotal = 0;
  downstreamCxUpgradesActive = 0;
  downstreamCxRxBytesTotal = 0;
  downstreamCxTxBytesTotal = 0;

  /** Before a filter chain was chosen. */
  noFilterChainMatch = 0;
  downstreamPreCxTimeout = 0;
  downstreamListenerFilterRemoteClose = 0;
  downstreamListenerFilterError = 0;
  proxyProtoNotFoundDisallowed = 0;
  proxyProtoV1Found = 0;
  proxyProtoV1Error = 0;
  proxyProtoV2Found = 0;
  proxyProtoV2Error = 0;

  /** Connections of HTTP/2 that ended because the client sent too much of something. */
  http2OutboundControlFlood = 0;
  http2OutboundFlood = 0;
  http2InboundEmptyFramesFlood = 0;
  http2InboundPriorityFramesFlood = 0;
  http2InboundWindowUpdateFramesFlood = 0;
  downstreamRqTooManyPrematureResets = 0;
  /** Header blocks of HTTP/2 that are too large, in bytes, fields or frames. */
  http2HeaderOverflow = 0;

  /** Requests. */
  downstreamRqTotal = 0;
  downstreamRqHttp1Total = 0;
  downstreamRqHttp2Total = 0;
  downstreamRqActive = 0;
  downstreamRqCompleted = 0;
  downstreamRq1xx = 0;
  downstreamRq2xx = 0;
  downstreamRq3xx = 0;
  downstreamRq4xx = 0;
  downstreamRq5xx = 0;
  /** The client left before the response was complete. */
  downstreamRqRxReset = 0;
  /** The proxy broke off a response that it had begun. */
  downstreamRqTxReset = 0;
  downstreamRqTooLarge = 0;
  downstreamRqIdleTimeout = 0;
  downstreamRqHeaderTimeout = 0;
  /** Answered with a 503 because of overload. */
  downstreamRqOverloadClose = 0;
  downstreamRqResponseBeforeRqComplete = 0;

  /** Routing. */
  rqTotal = 0;
  noRoute = 0;
  noCluster = 0;
  /** Redirects among them. */
  rqDirectResponse = 0;

  /** Faults. */
  faultDelaysInjected = 0;
  faultAbortsInjected = 0;
  faultActive = 0;

  /** Requests that limits of their clients let in, and refused; clients forgotten for room. */
  rateLimitOk = 0;
  rateLimited = 0;
  rateLimitClientsForgotten = 0;
  concurrencyLimited = 0;
  /** By the address of the client. */
  rbacAllowed = 0;
  rbacDenied = 0;

  /** TLS of clients. Its failures are refusals of a certificate, or errors of another kind. */
  downstreamContextSecretsNotReady = 0;
  downstreamCxTransportSocketConnectTimeout = 0;
  downstreamCxSslTotal = 0;
  downstreamCxSslActive = 0;
  sslHandshake = 0;
  sslSessionReused = 0;
  /** Handshakes that succeeded without a certificate of the client. */
  sslNoCertificate = 0;
  sslConnectionError = 0;
  sslFailVerifyNoCert = 0;
  sslFailVerifyError = 0;
  sslFailVerifySan = 0;
  sslFailVerifyCertHash = 0;

  /** Toxics, when they take effect. */
  toxicFirstByteLatency = 0;
  toxicBandwidthLimit = 0;
  toxicSlowUpload = 0;
  toxicCutBody = 0;
  toxicResetConnection = 0;

  /** Milliseconds from the first byte of a request to the last of its response. */
  readonly rqTime = new LogLinearHistogram();
  /** Milliseconds that connections were open. */
  readonly cxLengthMs = new LogLinearHistogram();

  /** Handshakes of TLS by version, and by OpenSSL's name of the cipher. */
  readonly tlsVersions = new Map<string, number>();
  readonly tlsCiphers = new Map<string, number>();

  /** A handshake that has succeeded. */
  countHandshake(version: string, cipher: string): void {
    this.sslHandshake++;
    this.tlsVersions.set(version, (this.tlsVersions.get(version) ?? 0) + 1);
    this.tlsCiphers.set(cipher, (this.tlsCiphers.get(cipher) ?? 0) + 1);
  }

  histograms(): readonly LogLinearHistogram[] {
    return [this.rqTime, this.cxLengthMs];
  }

  /** Counts the status of a response whose head has been sent. */
  countResponse(status: number): void {
    this.downstreamRqCompleted++;
    if (status < 200) this.downstreamRq1xx++;
    else if (status < 300) this.downstreamRq2xx++;
    else if (status < 400) this.downstreamRq3xx++;
    else if (status < 500) this.downstreamRq4xx++;
    else this.downstreamRq5xx++;
  }
}
