/**
 * One exchange from first byte to last, pinned to the snapshot it began with: holds the request as
 * the steps change it, sends the response, and records the end exactly once.
 */

import type { Timer } from '../base/timers.ts';
import type { LiveCluster } from '../cluster/live-cluster.ts';
import { chunkEnd, chunkHead, writeLastChunk, writeResponseHead } from '../http1/head-writer.ts';
import type { HeaderList } from '../http1/header-list.ts';
import type { RequestHead, ResponseHead } from '../http1/message-head.ts';
import type { Limits } from '../model/limits.ts';
import type { HttpSettings } from '../model/listener.ts';
import type { WeightedCluster } from '../model/route.ts';
import type { CompiledRoute } from '../routing/compiled-route.ts';
import type { RouteRequest } from '../routing/route-request.ts';
import { responseFlag } from '../telemetry/response-flags.ts';
import { StreamInfo } from '../telemetry/stream-info.ts';
import { applyTraceHeaders, continueOrStart } from '../telemetry/trace-context.ts';
import type { Attempt } from './attempt.ts';
import { dispatch } from './dispatch.ts';
import { originalDestination } from './original-destination.ts';
import type { DownstreamConnection } from './downstream-connection.ts';
import { buildDownstreamHead, buildUpgradeHead, removeConnectionFields } from './downstream-head.ts';
import {
  grpcReply,
  grpcStatusFor,
  type LocalReply,
  localReply,
  localReplyHeaders,
} from './local-reply.ts';
import { Mirror } from './mirror.ts';
import { prepareRequest } from './prepare-request.ts';
import type { ProxyContext } from './proxy-context.ts';
import type { ProxyError } from './proxy-error.ts';
import { isGrpc } from './request-timeout.ts';
import { RequestBody } from './request-body.ts';
import type { ForwardedFacts } from './request-headers.ts';
import type { RouteRuntime, WeightedClusterRuntime } from './route-runtime.ts';
import { Router } from './router.ts';
import type { Snapshot } from './snapshot.ts';
import type { UpstreamHead } from './upstream-head.ts';
import { Tunnel, type TunnelOwner } from './tunnel.ts';

export class Stream implements RouteRequest, TunnelOwner {
  readonly connection: DownstreamConnection;
  readonly context: ProxyContext;
  readonly snapshot: Snapshot;
  readonly info: StreamInfo;
  readonly head: RequestHead;
  readonly facts: ForwardedFacts = { requestId: null, forwardedProto: null };

  // RouteRequest: the request as routes see it.
  method = '';
  scheme: 'http' | 'https' = 'http';
  authority = '';
  path = '';
  pathname = '';
  query: string | null = null;
  readonly headers: HeaderList;

  /** What the upstream is sent in place of the path. */
  upstreamPath = '';
  upgrading = false;
  /** For the request with its retries; 0 is no limit. */
  timeoutMs = 0;
  /** The cluster that the route chose, for routes that forward. */
  chosen: WeightedCluster | null = null;
  /** That cluster at work; null where it does not exist. */
  cluster: LiveCluster | null = null;
  runtime: RouteRuntime | null = null;
  clusterRuntime: WeightedClusterRuntime | null = null;
  corsOrigin: string | null = null;

  readonly #body: RequestBody | null;
  #router: Router | null = null;
  /** null where nothing is mirrored. */
  #mirrors: Mirror[] | null = null;
  #tunnel: Tunnel | null = null;
  #tunnelAttempt: Attempt | null = null;
  #delay: Timer | null = null;
  #cookie: string | null = null;
  #requestEnded = false;
  #responseStarted = false;
  #chunked = false;
  #closing = false;
  #over = false;

  constructor(connection: DownstreamConnection, head: RequestHead) {
    const { context, listener } = connection;
    const now = context.clock.now();
    this.connection = connection;
    this.context = context;
    this.snapshot = context.snapshot;
    this.head = head;
    this.headers = head.headers;
    const { kind } = head.framing;
    this.#body = kind === 'none' ? null : new RequestBody(kind === 'chunked');
    this.info = new StreamInfo(listener.model, now, context.clock.wall());
    this.info.requestHeaders = head.headers;
    this.info.downstreamLocalAddress = connection.localAddress;
    this.info.downstreamRemoteAddress = connection.remoteAddress;
  }

  get settings(): HttpSettings {
    return this.info.listener.http;
  }

  get limits(): Limits {
    return this.info.listener.http.limits;
  }

  get remoteAddress(): string {
    return this.connection.peerAddress;
  }

  start(): void {
    const refusal = prepareRequest(this, this.head);
    if (refusal !== null) {
      this.reply(refusal);
      return;
    }
    if (this.settings.tracing) {
      const trace = continueOrStart(this.headers, this.context.random);
      applyTraceHeaders(this.headers, trace);
      this.info.traceId = trace.traceId;
    }
    dispatch(this);
  }

  setTarget(authority: string, path: string): void {
    const question = path.indexOf('?');
    this.authority = authority;
    this.path = path;
    this.upstreamPath = path;
    this.pathname = question < 0 ? path : path.slice(0, question);
    this.query = question < 0 ? null : path.slice(question + 1);
    this.info.authority = authority;
    this.info.path = path;
  }

  setRoute(route: CompiledRoute): void {
    this.runtime = this.snapshot.routes.get(route.route) ?? null;
    this.info.routeName = route.route.name;
  }

  /** Answers that are not of the route's making do not get its header operations. */
  withoutRouteHeaders(): void {
    this.runtime = null;
  }

  addCookie(cookie: string): void {
    this.#cookie = cookie;
  }

  /** Goes on after a pause, unless the exchange has ended meanwhile. */
  wait(ms: number, then: () => void): void {
    this.#delay = this.context.timers.set(ms, () => {
      this.#delay = null;
      then();
      this.connection.flush();
    });
  }

  forward(cluster: LiveCluster, hash: bigint | null): void {
    this.#router = new Router(
      this,
      this.#upstreamHead(),
      {
        cluster,
        body: this.#body,
        timeoutMs: this.timeoutMs,
        retryPolicy: this.runtime?.retryPolicy ?? null,
        hash,
        destination:
          cluster.model.discovery === 'original-dst' ? originalDestination(this) : null,
        attemptCountHeader: this.settings.attemptCountHeader,
      },
    );
    this.#router.start();
    if (this.#requestEnded) this.#router?.onRequestEnd();
  }

  /** Sends a copy with `headers` to `cluster` too. */
  mirror(cluster: LiveCluster, headers: HeaderList): void {
    const mirror = new Mirror(this, { ...this.#upstreamHead(), headers }, cluster);
    this.#mirrors ??= [];
    this.#mirrors.push(mirror);
    mirror.start(this);
  }

  // From downstream.

  onRequestBody(bytes: Buffer, start: number, end: number): void {
    this.info.bytesReceived += end - start;
    const body = this.#body;
    // Once answered, the rest of a request is read only to get rid of it.
    if (body === null || this.#over) return;
    body.push(bytes, start, end);
    if (this.#mirrors !== null) {
      for (const mirror of this.#mirrors) mirror.onRequestBody(bytes, start, end);
    }
    if (this.#router !== null) this.#router.onRequestBody(body);
    else if (body.keptBytes > this.limits.streamBufferBytes) this.connection.pauseReading();
  }

  onRequestEnd(trailers: HeaderList | null): void {
    this.#requestEnded = true;
    this.#body?.end(trailers);
    this.#router?.onRequestEnd();
    if (this.#mirrors !== null) for (const mirror of this.#mirrors) mirror.onRequestEnd(trailers);
  }

  /** The body of the request broke HTTP/1.1. */
  onRequestError(reply: LocalReply): void {
    this.#router?.abort();
    if (this.#responseStarted) this.#abandon(reply.flag, reply.details);
    else this.reply(reply);
  }

  /** The client has gone. */
  onDownstreamClosed(): void {
    if (this.#over) return;
    if (this.#tunnel !== null) {
      this.#tunnel.onDownstreamEnd();
      return;
    }
    this.info.responseFlags |= responseFlag.downstreamTermination;
    if (!this.#responseStarted) this.info.details = 'downstream_remote_disconnect';
    this.#finish();
  }

  onDownstreamDrain(): void {
    if (this.#tunnel !== null) this.#tunnel.onDownstreamDrain();
    else this.#router?.resumeUpstream();
  }

  onTunnelBytes(bytes: Buffer, start: number, end: number): boolean {
    if (this.#tunnel === null) return false;
    this.#tunnel.onDownstreamBytes(bytes, start, end);
    return true;
  }

  flushUpstream(): void {
    this.#router?.flushUpstream();
    if (this.#mirrors !== null) for (const mirror of this.#mirrors) mirror.flush();
  }

  // Responses.

  sendInformational(head: ResponseHead): void {
    if (this.#responseStarted) return;
    removeConnectionFields(head.headers);
    this.connection.writer.text(writeResponseHead(head.status, head.reason, head.headers));
  }

  sendUpstreamHead(head: ResponseHead): void {
    const { headers } = head;
    this.info.details = 'via_upstream';
    removeConnectionFields(headers);
    const serviceMs = this.#router?.serviceMs ?? -1;
    this.info.upstreamServiceMs = serviceMs;
    headers.set('x-envoy-upstream-service-time', String(serviceMs < 0 ? 0 : serviceMs));
    this.#sendHead(head.status, headers, head.framing.kind);
  }

  /** The bytes are valid during the call only. */
  sendBody(bytes: Buffer, start: number, end: number): void {
    if (this.#over) return;
    const { writer } = this.connection;
    this.info.bytesSent += end - start;
    if (!this.#chunked) {
      writer.bytes(bytes, start, end);
      return;
    }
    writer.text(chunkHead(end - start));
    writer.bytes(bytes, start, end);
    writer.text(chunkEnd);
  }

  sendEnd(trailers: HeaderList | null): void {
    if (this.#over) return;
    if (this.#chunked && this.method !== 'HEAD') {
      this.connection.writer.text(writeLastChunk(trailers));
    }
    this.#complete();
  }

  /** An answer of the proxy's own; ends the exchange. */
  reply(answer: LocalReply, grpcStatus: number | null = null): void {
    if (this.#over || this.#responseStarted) return;
    const local = isGrpc(this.headers)
      ? grpcReply(answer, grpcStatus ?? grpcStatusFor(answer.status))
      : answer;
    this.info.responseFlags |= local.flag;
    this.info.details = local.details;
    this.#closing ||= local.close || !this.#requestIsOver();
    const headers = localReplyHeaders(local);
    this.#applyRouteHeaders(headers);
    if (local.body !== '') {
      headers.set('content-length', String(local.body.length));
      if (!headers.has('content-type')) headers.append('content-type', 'text/plain');
    }
    this.#sendHead(local.status, headers, local.body === '' ? 'empty' : 'length');
    if (local.body !== '' && this.#mayHaveBody(local.status)) {
      this.connection.writer.text(local.body);
      this.info.bytesSent += local.body.length;
    }
    this.#complete();
  }

  replyUpstreamFailure(error: ProxyError, last: { retried: boolean; exhausted: boolean }): void {
    const { outcome } = error;
    if (last.exhausted) this.info.responseFlags |= responseFlag.upstreamRetryLimit;
    this.reply(
      localReply(outcome.status, error.details, {
        flag: outcome.flag,
        body: error.body(last.retried),
        headers: error.code === 'overflow' ? [['x-envoy-overloaded', 'true']] : [],
      }),
    );
  }

  /** The upstream broke off after the response had begun: all that is left is to break off too. */
  onUpstreamLost(error: ProxyError): void {
    const reason = error.outcome.reason ?? error.outcome.details;
    const details = `upstream_reset_after_response_started{${reason.replaceAll(' ', '_')}}`;
    this.#abandon(error.outcome.flag, details);
  }

  switchProtocols(attempt: Attempt, head: ResponseHead): void {
    const upstream = attempt.handOver();
    if (upstream === null) return;
    this.#responseStarted = true;
    this.info.status = 101;
    this.info.responseHeaders = head.headers;
    this.#tunnelAttempt = attempt;
    this.#tunnel = new Tunnel(this.connection, upstream, this, this.limits.streamBufferBytes);
    this.connection.writer.text(buildUpgradeHead(head, this.settings));
    this.connection.becomeTunnel();
    upstream.becomeTunnel(this.#tunnel);
  }

  onTunnelOver(byDownstream: boolean): void {
    this.info.bytesReceived += this.#tunnel?.bytesUp ?? 0;
    this.info.bytesSent += this.#tunnel?.bytesDown ?? 0;
    this.info.details = byDownstream ? 'downstream_remote_disconnect' : 'upstream_remote_disconnect';
    if (byDownstream) this.info.responseFlags |= responseFlag.downstreamTermination;
    this.#finish();
    this.#tunnelAttempt?.endTunnel();
  }

  #sendHead(status: number, headers: HeaderList, body: ResponseHead['framing']['kind'] | 'empty'): void {
    this.#responseStarted = true;
    this.info.status = status;
    this.info.responseHeaders = headers;
    if (this.#cookie !== null) headers.append('set-cookie', this.#cookie);
    if (body !== 'empty' && this.info.details === 'via_upstream') this.#applyRouteHeaders(headers);
    this.#closing ||= !this.head.keepAlive || this.connection.draining;
    const bodyAllowed = status >= 200 && status !== 204 && status !== 304;
    const streamed = body === 'chunked' || body === 'close';
    const headWithoutLength =
      this.method === 'HEAD' && body !== 'length' && !headers.has('content-length');
    this.#chunked = bodyAllowed && (streamed || headWithoutLength);
    const options = {
      settings: this.settings,
      date: this.context.date.value,
      close: this.#closing,
      chunked: this.#chunked,
      empty: bodyAllowed && body === 'empty',
    };
    this.connection.writer.text(buildDownstreamHead(status, headers, options));
  }

  #upstreamHead(): UpstreamHead {
    return {
      method: this.method,
      path: this.upstreamPath,
      headers: this.headers,
      framing: this.head.framing,
      upgrading: this.upgrading,
    };
  }

  #applyRouteHeaders(headers: HeaderList): void {
    this.clusterRuntime?.responseHeaders?.apply(headers, this.info);
    this.runtime?.responseHeaders?.apply(headers, this.info);
    // The CORS filter sees responses after the router, so its word is the last one.
    if (this.corsOrigin !== null) this.runtime?.cors?.decorate(headers, this.corsOrigin);
  }

  #mayHaveBody(status: number): boolean {
    return this.method !== 'HEAD' && status !== 304 && status !== 204;
  }

  /** Nothing of the request is left to read. */
  #requestIsOver(): boolean {
    return this.#requestEnded || this.head.framing.kind === 'none';
  }

  #complete(): void {
    if (!this.#requestIsOver()) this.#closing = true;
    this.#finish();
    this.connection.onStreamDone(this, !this.#closing);
  }

  #abandon(flag: number, details: string): void {
    if (this.#over) return;
    this.info.responseFlags |= flag;
    this.info.details = details;
    this.#finish();
    this.connection.abandon();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#delay?.cancel();
    this.#router?.abort();
    if (this.#mirrors !== null && !this.#requestIsOver()) {
      for (const mirror of this.#mirrors) mirror.abort();
    }
    this.info.endedAt = this.context.clock.now();
    this.connection.listener.onStreamEnd(this.info);
    this.context.onStreamEnd(this.info);
  }
}
