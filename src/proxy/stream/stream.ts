/**
 * One exchange from first byte to last, pinned to the snapshot it began with: holds the request as
 * the steps change it, passes the response on, and records the end exactly once.
 */

import { assert } from '../../base/assert.ts';
import type { Timer } from '../../base/timers.ts';
import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { RequestHead, ResponseHead } from '../../http1/message-head.ts';
import type { HttpFilterChain } from '../../model/filter-chain.ts';
import type { HttpSettings } from '../../model/http-settings.ts';
import type { Limits } from '../../model/limits.ts';
import type { WeightedCluster } from '../../model/route.ts';
import type { CompiledRoute } from '../../routing/compiled-route.ts';
import type { RouteRequest } from '../../routing/route-request.ts';
import { GrpcMessages } from '../../telemetry/grpc-messages.ts';
import { readGrpcStatus } from '../../telemetry/grpc-status.ts';
import { responseFlag } from '../../telemetry/response-flags.ts';
import type { StreamInfo } from '../../telemetry/stream-info.ts';
import { passTrace, startTrace } from '../../telemetry/tracing/pass-trace.ts';
import { ExchangeSpans } from '../../telemetry/tracing/spans.ts';
import { noBodyLimit, tooLargeReply } from '../admission/admission-filter.ts';
import type { ConcurrencySlots } from '../admission/concurrency-zone.ts';
import type { Downstream, RequestReader } from '../downstream/downstream.ts';
import type {
  ResponseFraming,
  ResponseOutput,
  ResponseWriter,
} from '../downstream/response-writer.ts';
import type { Base64Reader } from '../filters/base64-reader.ts';
import { base64Reply, GrpcWebResponseWriter, translateRequest } from '../filters/grpc-web.ts';
import { grpcStatusFor, isGrpc } from '../grpc.ts';
import type { ForwardedFacts } from '../headers/request-headers.ts';
import type { LocalReply } from '../local-reply.ts';
import { isShed } from '../overload/overload-shedding.ts';
import type { ProxyContext } from '../proxy-context.ts';
import { ProxyError } from '../proxy-error.ts';
import type { CompiledRetryPolicy } from '../retry/retry.ts';
import type { Attempt } from '../router/attempt.ts';
import type { Snapshot } from '../snapshot.ts';
import type { StreamToxics } from '../toxics/stream-toxics.ts';
import { dispatch } from './dispatch.ts';
import { ForwardedRequest } from './forwarded-request.ts';
import { prepareRequest } from './prepare-request.ts';
import { idleTimeoutReply, sendReply, upstreamFailureReply } from './reply.ts';
import { applyUpstreamRules, prepareResponseHead } from './response-rules.ts';
import type { RouteRuntime, WeightedClusterRuntime } from './route-runtime.ts';
import { Upgrade } from './upgrade.ts';

export class Stream implements RouteRequest {
  readonly connection: Downstream;
  readonly context: ProxyContext;
  readonly snapshot: Snapshot;
  readonly info: StreamInfo;
  /** The filter chain's, pinned like the snapshot. */
  readonly chain: HttpFilterChain;
  /** The listener's, pinned too. */
  readonly limits: Limits;
  readonly head: RequestHead;
  readonly request: ForwardedRequest;
  response: ResponseWriter;
  readonly facts: ForwardedFacts = {
    requestId: null,
    forwardedProto: null,
    clientAddress: null,
    isInternal: false,
    bearsOnTracing: false,
  };

  // RouteRequest: the request as routes see it.
  method = '';
  scheme: 'http' | 'https' = 'http';
  authority = '';
  path = '';
  pathname = '';
  query: string | null = null;
  readonly headers: HeaderList;
  /** The client speaks it, and is answered in it; gRPC-Web does not count. */
  isGrpc = false;

  // What the route has decided.
  runtime: RouteRuntime | null = null;
  clusterRuntime: WeightedClusterRuntime | null = null;
  /** The cluster that the route chose, for routes that forward. */
  chosen: WeightedCluster | null = null;
  /** That cluster at work; null where it does not exist. */
  cluster: LiveCluster | null = null;
  /** Where the request itself wants to go, for clusters that let it choose. */
  destination: { readonly address: string; readonly port: number } | null = null;
  /** What the upstream is sent in place of the path. */
  upstreamPath = '';
  /** For the request with its retries; 0 is no limit. */
  timeoutMs = 0;
  /** The route's, or one for this request alone. */
  retryPolicy: CompiledRetryPolicy | null = null;
  /** The answer to a request that took too long; an internal client may ask for 204. */
  timeoutStatus = 504;
  upgrading = false;
  /** It asks for a protocol that is not spoken here. */
  upgradeRefused = false;
  /** The request's origin, where answers to it get CORS headers. */
  corsOrigin: string | null = null;
  /** Lines of set-cookie that the load balancer adds to what the upstream answers. */
  cookies: readonly string[] | null = null;
  /** A fault has delayed it: it counts as active until the end. */
  faultActive = false;
  /** null where no toxic hits. */
  toxics: StreamToxics | null = null;
  /** A larger body of the request is refused; -1 is no limit. */
  bodyBytesMax = noBodyLimit;
  /** What it takes up of limits; null: nothing. */
  slots: ConcurrencySlots | null = null;
  /** Clock.now() of the last byte either way; kept up only where a limit asks for it. */
  activeAt: number;

  /** Reads the body of a request in base64 (gRPC-Web); null where it is bytes. */
  #base64: Base64Reader | null = null;
  /** null where it is no gRPC; translated gRPC-Web is. */
  #messages: GrpcMessages | null = null;
  /** null while it is no tunnel. */
  #upgrade: Upgrade | null = null;
  #delay: Timer | null = null;
  /** Another cluster answers in place of the route's. */
  #isReplaced = false;
  #over = false;

  constructor(connection: Downstream, head: RequestHead) {
    const { context } = connection;
    const now = context.clock.now();
    this.connection = connection;
    this.context = context;
    this.snapshot = context.snapshot;
    this.head = head;
    this.headers = head.headers;
    this.activeAt = now;
    this.info = connection.startInfo(now);
    this.chain = connection.chain.model;
    this.limits = this.info.listener.limits;
    this.info.requestHeaders = head.headers;
    this.request = new ForwardedRequest(this);
    this.response = connection.startResponse(this.info);
  }

  get settings(): HttpSettings {
    return this.chain.http;
  }

  /** Where the body of the request comes from, for those who cannot take more of it now. */
  get reader(): RequestReader {
    return this.toxics ?? this.connection;
  }

  /** Bytes of the response that the client has not taken yet. */
  get queuedBytes(): number {
    return this.connection.bufferedBytes + (this.toxics?.queuedBytes ?? 0);
  }

  get connectionEnds(): string {
    return this.info.downstreamDirectRemoteAddress + this.info.downstreamLocalAddress;
  }

  get remoteAddress(): string {
    return this.facts.clientAddress ?? this.connection.peerAddress;
  }

  /** Where the response goes. */
  get output(): ResponseOutput {
    return this.toxics ?? this.response;
  }

  start(): void {
    this.isGrpc = isGrpc(this.headers);
    if (this.isGrpc) this.#messages = new GrpcMessages();
    if (this.context.overload.stopAcceptingRequests > 0 && isShed(this)) return;
    const refusal = prepareRequest(this, this.head);
    // Its end is told later, when the answer may have been given.
    if (this.request.isComplete && !this.upgrading) this.info.requestEndAt = this.activeAt;
    if (refusal !== null) {
      this.reply(refusal);
      return;
    }
    if (this.settings.tracing) this.#startTrace();
    dispatch(this);
  }

  /** What is told of a request that is not started is what has come. */
  noteUnrouted(): void {
    this.method = this.head.method;
    this.info.method = this.head.method;
    this.setTarget(this.head.host ?? '', this.head.target);
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

  /** The client speaks gRPC-Web where gRPC goes on. */
  translateGrpcWeb(): void {
    this.response = new GrpcWebResponseWriter(this.response, this.headers.get('accept'));
    this.#base64 = translateRequest(this.head);
    // Envoy's filters of gRPC and of metrics come behind the one that translates.
    this.#messages = new GrpcMessages();
  }

  setRoute(route: CompiledRoute): void {
    this.runtime = this.snapshot.routes.get(route.route) ?? null;
    this.info.routeName = route.route.name;
    if (this.info.spans !== null) this.info.spans.route = route.route;
  }

  /** Answers that are not of the route's making do not get its header operations. */
  withoutRouteHeaders(): void {
    this.runtime = null;
  }

  /** Goes on after a pause, unless the exchange has ended meanwhile. */
  wait(ms: number, then: () => void): void {
    this.#delay = this.context.timers.set(ms, () => {
      this.#delay = null;
      then();
    });
  }

  // From downstream.

  onRequestBody(bytes: Buffer, start: number, end: number): void {
    // Once answered, the rest of a request is read only to get rid of it.
    if (this.#over) return;
    this.info.bytesReceived += end - start;
    if (this.bodyBytesMax !== noBodyLimit && this.info.bytesReceived > this.bodyBytesMax) {
      this.bodyBytesMax = noBodyLimit;
      this.connection.listener.stats.downstreamRqTooLarge++;
      this.onRequestError(tooLargeReply);
      return;
    }
    if (this.#base64 === null) {
      this.#passBody(bytes, start, end);
      return;
    }
    const decoded = this.#base64.push(bytes, start, end);
    if (decoded !== null) this.#passBody(decoded, 0, decoded.length);
    else this.onRequestError(base64Reply('grpc_base_64_decode_failed'));
  }

  onRequestEnd(trailers: HeaderList | null): void {
    if (this.#base64?.isWhole === false && !this.#over) {
      this.info.requestEndAt = this.context.clock.now();
      this.onRequestError(base64Reply('grpc_base_64_decode_failed_bad_size'));
    }
    if (this.#over) return;
    if (this.toxics === null) this.request.onEnd(trailers);
    else this.toxics.onRequestEnd(trailers);
  }

  /** The body of the request broke the rules of its protocol, or of base64. */
  onRequestError(reply: LocalReply): void {
    this.request.abort();
    if (this.response.started) this.abandon(reply.flag, reply.details);
    else this.reply(reply);
  }

  /** The client has gone, or is cut off: `flag` and `details` in Envoy's words. */
  onDownstreamClosed(
    details = 'downstream_remote_disconnect',
    flag: number = responseFlag.downstreamTermination,
  ): void {
    if (this.#over) return;
    if (this.#upgrade !== null) {
      this.#upgrade.tunnel.onDownstreamEnd();
      return;
    }
    this.info.responseFlags |= flag;
    if (!this.response.started) this.info.details = details;
    this.finish();
  }

  onDownstreamDrain(): void {
    if (this.#upgrade !== null) this.#upgrade.tunnel.onDownstreamDrain();
    else this.onResponseProgress();
  }

  /** No byte has passed either way for longer than `limits.streamIdleMs`. */
  onIdleTimeout(): void {
    const error = new ProxyError('stream-idle-timeout');
    if (this.response.started) {
      this.onUpstreamLost(error);
      return;
    }
    this.request.abort();
    this.reply(idleTimeoutReply(this, error));
  }

  onTunnelBytes(bytes: Buffer, start: number, end: number): void {
    this.#upgrade?.tunnel.onDownstreamBytes(bytes, start, end);
    this.request.onTunnelBytes(bytes, start, end);
  }

  // Responses.

  passResponseHead(head: ResponseHead, serviceMs: number): void {
    this.touch();
    prepareResponseHead(this, head, serviceMs);
    this.sendHead(head.status, head.headers, head.framing.kind);
  }

  sendHead(status: number, headers: HeaderList, framing: ResponseFraming): void {
    // The CORS filter sees responses after the router, so its word is the last one.
    if (this.corsOrigin !== null) this.runtime?.cors?.decorate(headers, this.corsOrigin);
    // What a client sends that expected a tunnel is no further request.
    this.response.close ||= !this.head.keepAlive || this.connection.draining || this.upgrading;
    this.output.head(status, headers, framing);
  }

  /** The bytes are valid during the call only. */
  sendBody(bytes: Buffer, start: number, end: number): void {
    if (this.#over) return;
    this.touch();
    if (this.#messages !== null) this.#messages.response.push(bytes, start, end);
    this.output.body(bytes, start, end);
  }

  sendEnd(trailers: HeaderList | null): void {
    if (this.#over) return;
    this.info.responseTrailers = trailers;
    (this.toxics ?? this).finishResponse(trailers);
  }

  /** An answer of the proxy's own; ends the exchange. */
  reply(answer: LocalReply, grpcStatus: number | null = null): void {
    if (this.#over || this.response.started) return;
    const page = this.pageFor(answer.status, answer.flag);
    if (page !== null) {
      this.info.responseFlags |= answer.flag;
      this.askForPage(page, answer.status);
      return;
    }
    // What goes wrong here goes wrong by itself; a direct response stands for an endpoint's.
    if (answer.details !== 'direct_response') this.toxics?.leaveResponse();
    sendReply(this, answer, grpcStatus);
    (this.toxics ?? this).finishResponse(null);
  }

  /** Who gives the answer in place of one with this status that has not been sent; null: it stays. */
  pageFor(status: number, flag = 0): LiveCluster | null {
    const custom = this.runtime === null ? null : this.runtime.customResponse;
    if (custom === null || this.#isReplaced || this.upgrading) return null;
    return custom.clusterFor(this, status, flag);
  }

  /** `cluster`: of `pageFor`. */
  askForPage(cluster: LiveCluster, status: number): void {
    const custom = this.runtime === null ? null : this.runtime.customResponse;
    assert(custom !== null, 'a route that has pages');
    this.#isReplaced = true;
    this.bodyBytesMax = noBodyLimit;
    this.touch();
    this.request.askElsewhere(cluster, custom.head(this, status), custom);
  }

  replyUpstreamFailure(error: ProxyError, retried: boolean): void {
    this.reply(upstreamFailureReply(this, error, retried));
  }

  /** The upstream broke off after the response had begun: all that is left is to break off too. */
  onUpstreamLost(error: ProxyError): void {
    if (!this.response.started) {
      // Its head was held back by a toxic.
      this.replyUpstreamFailure(error, false);
      return;
    }
    const reason = error.outcome.reason ?? error.outcome.details;
    const details = `upstream_reset_after_response_started{${reason.replaceAll(' ', '_')}}`;
    this.abandon(error.outcome.flag, details);
  }

  switchProtocols(attempt: Attempt, head: ResponseHead): void {
    const upstream = attempt.handOver();
    const { tunnel } = this.connection;
    // The router lets no other exchange ask for a tunnel.
    assert(upstream !== null && tunnel !== null, 'a switch of protocols has both its ends');
    applyUpstreamRules(this, head);
    this.#upgrade = new Upgrade(this, tunnel, { attempt, upstream });
    this.#upgrade.start(head);
  }

  /** The client has taken some of the response. */
  onResponseProgress(): void {
    this.touch();
    if (this.queuedBytes <= this.connection.bufferBytesMax) this.request.resumeResponse();
  }

  /** All of the response but its end has been sent. */
  finishResponse(trailers: HeaderList | null): void {
    this.response.end(trailers);
    this.#complete();
  }

  /** Breaks the response off where it is. */
  abandon(flag: number, details: string, byReset = false): void {
    if (this.#over) return;
    this.info.responseFlags |= flag;
    this.info.details = details;
    this.connection.listener.stats.downstreamRqTxReset++;
    this.finish();
    if (byReset) this.connection.reset();
    else this.connection.abandon();
  }

  /** The end, which is recorded once. `isWhole`: the client has all of the response. */
  finish(isWhole = false): void {
    if (this.#over) return;
    this.#over = true;
    this.#delay?.cancel();
    // Before the request is given up, which would cut what is still queued for the endpoint.
    this.#upgrade?.end();
    this.request.abort();
    this.toxics?.cancel();
    this.slots?.release();
    if (this.faultActive) this.connection.listener.stats.faultActive--;
    if (this.#upgrade !== null) this.connection.listener.stats.downstreamCxUpgradesActive--;
    const { info } = this;
    if (this.#messages !== null) {
      const { status, responseTrailers, responseHeaders } = info;
      const read = readGrpcStatus(responseTrailers) ?? readGrpcStatus(responseHeaders);
      info.grpcStatus = read ?? (status === 0 ? null : grpcStatusFor(status));
      info.requestMessages = this.#messages.request.count;
      info.responseMessages = this.#messages.response.count;
      this.cluster?.stats.countCall(info);
    }
    // Without toxics the client has what the endpoint sent when the endpoint has ended.
    const isPassedOn = isWhole && info.upstreamEndAt > 0 && this.toxics === null;
    info.endedAt = isPassedOn ? info.upstreamEndAt : this.context.clock.now();
    if (isWhole) info.responseEndAt = info.endedAt;
    this.connection.listener.onStreamEnd(info);
    this.context.onStreamEnd(info);
  }

  /** Bytes have passed, one way or the other. */
  touch(): void {
    if (this.limits.streamIdleMs > 0) this.activeAt = this.context.clock.now();
  }

  /** Takes up the trace of the caller, or starts one. */
  #startTrace(): void {
    const { info, context } = this;
    const { client, server } = this.snapshot.traceRules;
    const rules = info.listener.direction === 'inbound' ? server : client;
    if (rules === null) return;
    const { random } = context;
    const trace = this.facts.bearsOnTracing
      ? passTrace(this, rules, random)
      : startTrace(this, rules, random);
    if (trace !== null) info.spans = new ExchangeSpans(trace, context.clock, random);
  }

  #passBody(bytes: Buffer, start: number, end: number): void {
    if (this.#messages !== null) this.#messages.request.push(bytes, start, end);
    if (this.toxics === null) this.request.onBody(bytes, start, end);
    else this.toxics.onRequestBody(bytes, start, end);
  }

  #complete(): void {
    if (!this.request.isComplete) {
      this.response.close = true;
      this.connection.listener.stats.downstreamRqResponseBeforeRqComplete++;
    }
    this.finish(true);
    this.connection.onStreamDone(this, !this.response.close, this.info.endedAt);
  }
}
