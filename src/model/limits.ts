/** Every limit on what a peer can grow or hold. Sizes in bytes, times in milliseconds. */

export interface Limits {
  /** Request line and headers together. Envoy max_request_headers_kb 60. Over: 431. */
  readonly requestHeadBytes: number;
  /** Envoy max_headers_count 100. Over: 431. */
  readonly requestHeaderCount: number;
  /** Response heads: 80 KiB (Envoy max_response_headers_kb), 100 lines. Over: 502 UPE or 503 UR. */
  readonly responseHeadBytes: number;
  readonly responseHeaderCount: number;
  /** All trailers of one message together. Over: 431 or 502. */
  readonly trailerBytes: number;
  /** One chunk-size line with its extensions. Over: 400. */
  readonly chunkLineBytes: number;
  /** For a TLS handshake, from the ClientHello on. Istio's gateways: 15 s. Over: close. */
  readonly tlsHandshakeTimeoutMs: number;
  /**
   * From the first byte of a head to its end; 0 is no limit. Over: 408. On HTTP/2, where the preface
   * of the client counts as a head: GOAWAY, and the connection ends.
   */
  readonly requestHeadTimeoutMs: number;
  /** A kept-alive downstream connection without a request. Envoy idle_timeout 1h. Over: close. */
  readonly downstreamIdleMs: number;
  /** No byte either way on an open stream; 0 is no limit. Envoy stream_idle_timeout. Over: 408 or 504, SI. */
  readonly streamIdleMs: number;
  /**
   * Bytes queued for a slow peer before the other side is no longer read. Envoy: 1 MiB; its best
   * practices for edge proxies say 32 KiB (docs/decisions/0060-paused-sockets.md).
   */
  readonly streamBufferBytes: number;
  /**
   * The same for all streams of a client's HTTP/2 connection, which divide it evenly: each has its
   * part of it, but no more than `streamBufferBytes` and no less than 16 KiB. As it is divided by
   * the streams that are open, those that were there before others came may hold more for a while.
   */
  readonly http2ConnectionBufferBytes: number;
  /** A mirrored copy that has no answer after this long is given up. */
  readonly mirrorTimeoutMs: number;
  /** Bytes of such a copy that its endpoint has not taken yet; over: it is given up. */
  readonly mirrorBufferBytes: number;
  /** Request body kept for a retry. Over: no retry. */
  readonly retryBufferBytes: number;
  /** Bytes of pipelined requests kept while one is answered; over: reading pauses. */
  readonly pipelineBufferBytes: number;
  /**
   * Requests that one connection begins in a turn of the event loop, after which others have
   * theirs. Over: they wait for the next turn. Envoy http.max_requests_per_io_cycle (no limit).
   */
  readonly requestsPerTurn: number;
  /** The same for frames of HTTP/2 and chunks of HTTP/1.1. */
  readonly framesPerTurn: number;
  /**
   * First bytes of a connection that are looked at to choose its filter chain: PROXY protocol
   * header, ClientHello, first line of a request. Over: closed, or taken as unknown bytes.
   */
  readonly inspectionBytes: number;
  /** Open downstream connections of one listener; over: closed at once. */
  readonly connectionsPerListener: number;
  /** Destinations that clients name, kept for one passthrough cluster. Over: 503 UH. */
  readonly destinationsPerCluster: number;
  /**
   * Server names (SNI) of clients' making under which connections to one endpoint are kept. Over:
   * those of the name that was used least recently end with their requests.
   */
  readonly serverNamesPerEndpoint: number;
  /**
   * Connections of clients with connections of their own to one endpoint, which is told who they
   * are (PROXY protocol). Over: those of the client that was seen least recently are closed.
   */
  readonly clientsPerEndpoint: number;
  /**
   * Clients whose use of a rate limit (Ingress limit-rps, limit-rpm) is remembered. Over: the one
   * seen least recently is forgotten, and begins anew.
   */
  readonly clientsPerRateLimit: number;
  /** 1xx responses before the response proper. Over: 502 UPE. */
  readonly informationalCount: number;
  /** Body of a response that nobody wants (it is tried again, or was mirrored). Over: reset. */
  readonly discardBytes: number;
  /** Time for the end of such a response. Over: reset. */
  readonly discardMs: number;
  /**
   * An idle upstream connection is given up so long before the end that the endpoint's Keep-Alive
   * line announces, so that no request meets the close.
   */
  readonly peerIdleMarginMs: number;
  /** What a tunnel has left behind is written to the endpoint for so long. Over: close. */
  readonly tunnelLingerMs: number;
  /** After its last response a client is read for so long (Envoy delayed_close_timeout 1s). */
  readonly closeLingerMs: number;
  /** A client that takes nothing of its last response for so long is cut off. */
  readonly slowReaderMs: number;
}

export const defaultLimits: Limits = {
  requestHeadBytes: 60 * 1024,
  requestHeaderCount: 100,
  responseHeadBytes: 80 * 1024,
  responseHeaderCount: 100,
  trailerBytes: 60 * 1024,
  chunkLineBytes: 4096,
  tlsHandshakeTimeoutMs: 15_000,
  requestHeadTimeoutMs: 60_000,
  downstreamIdleMs: 3_600_000,
  streamIdleMs: 0,
  streamBufferBytes: 256 * 1024,
  http2ConnectionBufferBytes: 8 * 1024 * 1024,
  mirrorTimeoutMs: 15_000,
  mirrorBufferBytes: 1024 * 1024,
  retryBufferBytes: 1024 * 1024,
  pipelineBufferBytes: 64 * 1024,
  requestsPerTurn: 16,
  framesPerTurn: 128,
  inspectionBytes: 64 * 1024,
  connectionsPerListener: 65_536,
  destinationsPerCluster: 10_000,
  serverNamesPerEndpoint: 100,
  clientsPerEndpoint: 1024,
  clientsPerRateLimit: 65_536,
  informationalCount: 32,
  discardBytes: 64 * 1024,
  discardMs: 1000,
  peerIdleMarginMs: 1000,
  tunnelLingerMs: 5000,
  closeLingerMs: 1000,
  slowReaderMs: 60_000,
};
