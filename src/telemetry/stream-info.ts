/**
 * What is known of one exchange, or of a connection that is passed on as it is. Filled in as it
 * proceeds, and finalised once at its end. Nothing changes it after: metrics read it then, access
 * log and traces a moment later. Fixed fields, all set in the constructor, so that every instance
 * has one shape.
 */

import type { HeaderList } from '../http1/header-list.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Listener } from '../model/listener.ts';
import type { TlsInfo } from './tls-info.ts';
import type { ExchangeSpans } from './tracing/spans.ts';
import { traceIdDigits, traceIdOf } from './tracing/w3c-trace-context.ts';
import type { FailedAttempt } from './traffic/request-record.ts';

export class StreamInfo {
  readonly listener: Listener;
  /** Clock.now() when the first byte of the request was read, milliseconds. */
  readonly startedAt: number;
  /** Clock.wall() at the same moment. */
  readonly startedWall: number;

  method = '';
  /** Path as the upstream sees it; the client's own is in `originalPath` when they differ. */
  path = '';
  originalPath: string | null = null;
  authority = '';
  /** Empty for a connection that is passed on as it is. */
  protocol: 'HTTP/1.0' | 'HTTP/1.1' | 'HTTP/2' | '' = 'HTTP/1.1';
  scheme: 'http' | 'https' = 'http';
  /** As they go upstream, or as they came where nothing goes upstream. */
  requestHeaders: HeaderList | null = null;
  requestId: string | null = null;
  /** The id of its trace, or a traceparent of version 00 that has it; null without. */
  trace: string | null = null;
  /** null: this exchange is not recorded as spans. */
  spans: ExchangeSpans | null = null;

  routeName = '';
  virtualHostName = '';
  /** The cluster that the route chose, known or not. */
  clusterName = '';
  cluster: Cluster | null = null;
  endpoint: Endpoint | null = null;
  /** `address:port` of the endpoint of the last attempt. */
  upstreamAddress: string | null = null;
  /** Set once a connection is established, so it also says that there was one. */
  upstreamLocalAddress: string | null = null;
  upstreamProtocol: 'HTTP/1.1' | 'HTTP/2' | '' = 'HTTP/1.1';
  upstreamTransportFailure: string | null = null;
  /** Of the connection to the endpoint; null: plain text, or no connection. */
  upstreamTls: TlsInfo | null = null;
  attempts = 0;
  /** Those before the last, in order; null where the first was the last. */
  failedAttempts: FailedAttempt[] | null = null;

  /** 0 while unknown, and for exchanges that ended without a response. */
  status = 0;
  /** As they go downstream. */
  responseHeaders: HeaderList | null = null;
  responseTrailers: HeaderList | null = null;
  responseFlags = 0;
  /** Envoy's response code details, for example `via_upstream` or `route_not_found`. */
  details = '';
  grpcStatus: number | null = null;
  /** What the proxy itself answered, wire text; empty for none. */
  localReplyBody = '';
  /** gRPC messages that passed; 0 where it is no gRPC. */
  requestMessages = 0;
  responseMessages = 0;

  /** Body bytes, without framing. */
  bytesReceived = 0;
  bytesSent = 0;
  /** Clock.now() when the last byte of the request had been read; 0 if it never was. */
  requestEndAt = 0;
  /** Clock.now() when the last attempt had got the whole request; 0 if it never had. */
  upstreamRequestEndAt = 0;
  /** Clock.now() at the last byte of a whole response of the upstream; 0 without one. */
  upstreamEndAt = 0;
  /** Clock.now() at the upstream's response head; 0 without one. */
  upstreamHeadAt = 0;
  /** Milliseconds between sending to the upstream and its response head; -1 without one. */
  upstreamServiceMs = -1;
  /** Clock.now() when the last byte of a whole response had been sent; 0 if it never was. */
  responseEndAt = 0;
  /** Clock.now() at the end. */
  endedAt = 0;

  downstreamLocalAddress = '';
  /** The client; where x-forwarded-for of a trusted peer names it, with port 0. */
  downstreamRemoteAddress = '';
  /** The peer of the connection; empty where that is `downstreamRemoteAddress`. */
  downstreamDirectRemoteAddress = '';
  /** Number of the downstream connection within this process. */
  connectionId = 0;
  /** Name of the filter chain of the connection; empty for one without. */
  filterChainName = '';
  /** Server name that the client's TLS asks for; null: none, or no TLS. */
  requestedServerName: string | null = null;
  /** null: TLS does not end here. */
  tls: TlsInfo | null = null;

  constructor(listener: Listener, startedAt: number, startedWall: number) {
    this.listener = listener;
    this.startedAt = startedAt;
    this.startedWall = startedWall;
  }

  /** Cut out when it is asked for: most of them nobody reads. 32 digits, or 16 of a B3 caller. */
  get traceId(): string | null {
    const { trace } = this;
    return trace === null || trace.length <= traceIdDigits ? trace : traceIdOf(trace);
  }
}
