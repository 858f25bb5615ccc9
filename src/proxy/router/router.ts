/**
 * The last step of a request: chooses endpoints, makes attempts until one answers, and watches the
 * time. `../retry/retry.ts` says whether an outcome is tried again, `../retry/retries.ts` does it.
 */

import type { LiveEndpoint } from '../../cluster/live-endpoint.ts';
import type { LoadBalancerContext } from '../../cluster/load-balancing/load-balancer-context.ts';
import type { PreviousPriorities } from '../../cluster/load-balancing/previous-priorities.ts';
import { HeaderList } from '../../http1/header-list.ts';
import type { ResponseHead } from '../../http1/message-head.ts';
import type { Limits } from '../../model/limits.ts';
import { responseFlag } from '../../telemetry/response-flags.ts';
import type { ClientSpan } from '../../telemetry/tracing/spans.ts';
import type { UpstreamHead, UpstreamStream } from '../../transport/upstream-stream.ts';
import {
  type FaultAbortReply,
  faultReply,
  noteFaultAbort,
  noteFaultDelay,
} from '../filters/fault.ts';
import { sendUpstreamHead } from '../headers/upstream-head.ts';
import { localReply } from '../local-reply.ts';
import type { ProxyContext } from '../proxy-context.ts';
import { ProxyError, type ProxyErrorCode, transportFailure } from '../proxy-error.ts';
import { Retries } from '../retry/retries.ts';
import type { Stream } from '../stream/stream.ts';
import { PauseWatch } from '../timeouts/pause-watch.ts';
import { RouteTimer } from '../timeouts/route-timer.ts';
import { poolFor } from '../upstream/endpoint-pools.ts';
import { Attempt } from './attempt.ts';
import { AttemptFault, type AttemptFaultOwner } from './attempt-fault.ts';
import { setAttemptHeaders } from './attempt-headers.ts';
import type { AttemptOwner } from './attempt-owner.ts';
import { reportFailure, reportResponse, reportRouteTimeout } from './outcome.ts';
import type { RequestBody } from './request-body.ts';
import type { RouterTask } from './router-task.ts';

export class Router implements AttemptOwner, AttemptFaultOwner, LoadBalancerContext {
  readonly context: ProxyContext;
  // LoadBalancerContext, read for each choice of an endpoint.
  readonly hash: bigint | null;
  readonly maxAttempts: number;
  readonly destination: { readonly address: string; readonly port: number } | null;

  readonly #stream: Stream;
  readonly #head: UpstreamHead;
  readonly #task: RouterTask;
  readonly #body: RequestBody | null;
  readonly #fault: AttemptFault | null;
  /** null: endpoints may take their time. */
  readonly #pauses: PauseWatch | null;
  #attempt: Attempt | null = null;
  /** Of the attempt; null where the exchange is not recorded. */
  #span: ClientSpan | null = null;
  #attempts = 0;
  /** null until an attempt has failed. */
  #retries: Retries | null = null;
  #timer: RouteTimer | null = null;
  /** A 1xx has gone down: as in Envoy nothing is tried again from then on. */
  #informed = false;
  #responseStarted = false;
  #over = false;
  #requestEndedAt = 0;

  constructor(stream: Stream, head: UpstreamHead, task: RouterTask) {
    const policy = task.retryPolicy;
    this.context = stream.context;
    this.#stream = stream;
    this.#head = head;
    this.#task = task;
    this.hash = task.hash;
    this.destination = task.destination;
    this.maxAttempts = policy === null ? 1 : policy.policy.hostSelectionMaxAttempts;
    this.#body = task.body;
    this.#fault = task.fault === null ? null : new AttemptFault(task.fault, this);
    this.#pauses = PauseWatch.of(this, task);
  }

  get limits(): Limits {
    return this.#stream.limits;
  }

  /** Everything of the request has been handed to the stream. */
  get requestSent(): boolean {
    return this.#body === null || this.#body.ended;
  }

  get tried(): readonly LiveEndpoint[] | null {
    return this.#retries === null ? null : this.#retries.tried;
  }

  get previousPriorities(): PreviousPriorities | null {
    return this.#retries === null ? null : this.#retries.previousPriorities;
  }

  /** There is an answer, or nobody left who wants one. */
  get over(): boolean {
    return this.#over;
  }

  start(): void {
    this.#tryOnce();
  }

  // From downstream.

  /** A piece of the body has been pushed. */
  onRequestBody(body: RequestBody): void {
    if (this.#over) return;
    this.#pauses?.onSendProgress();
    const upstream = this.#attempt?.stream ?? null;
    if (upstream !== null) this.#limitKept(body);
    const queued = upstream === null ? body.keptBytes : upstream.bufferedBytes;
    if (queued > this.#stream.connection.bufferBytesMax) this.#stream.reader.pauseReading();
  }

  /** `now`: Clock.now(). */
  onRequestEnd(now: number): void {
    if (this.#over) return;
    this.#requestEndedAt = now;
    if (this.#attempt?.sent === true) {
      this.#stream.info.upstreamRequestEndAt = now;
      this.#pauses?.onRequestSent(now);
    }
    this.#attempt?.watch(this.#tryTimeoutMs(), now);
    const { timeoutMs } = this.#task;
    if (timeoutMs > 0 && this.#timer === null) {
      this.#timer = new RouteTimer(this);
      this.context.wheel.arm(this.#timer, timeoutMs, now);
    }
  }

  /** The client has left, or the exchange is over for another reason. */
  abort(): void {
    if (this.#over) return;
    // A tunnel ends in no other way.
    if (!this.#head.upgrading || !this.#responseStarted) this.#span?.fail('cancelled');
    this.#finish();
    this.#attempt?.cancel();
  }

  pauseUpstream(): void {
    this.#attempt?.stream?.pauseReading();
  }

  resumeUpstream(): void {
    this.#attempt?.stream?.resumeReading();
  }

  // From the attempt.

  onAttemptReady(attempt: Attempt, upstream: UpstreamStream): void {
    this.#task.cluster.onConnected(attempt.endpoint);
    const { info } = this.#stream;
    info.upstreamLocalAddress = upstream.localAddress;
    info.upstreamTls = upstream.tls;
    info.upstreamProtocol = upstream.protocol;
    info.upstreamTransportFailure = null;
    if (this.#attempts > 1) {
      setAttemptHeaders(this.#head.headers, {
        attempt: this.#attempts,
        attemptCountHeader: this.#task.attemptCountHeader,
        leftMs: this.#leftMs(),
        perTryTimeoutMs: this.#perTryTimeoutMs(),
      });
    }
    if (this.#span !== null) this.#span.send(this.#head.headers, upstream.protocol);
    sendUpstreamHead(upstream, this.#head);
    this.#body?.attach(upstream);
    if (this.#body !== null) this.#limitKept(this.#body);
    this.#pauses?.onReady();
    // Before the request has ended, its end does this.
    if (this.#requestEndedAt > 0 && this.requestSent) {
      const now = this.context.clock.now();
      info.upstreamRequestEndAt = now;
      this.#pauses?.onRequestSent(now);
      attempt.watch(this.#tryTimeoutMs(), now);
    }
    this.#stream.reader.resumeReading();
  }

  onInformational(head: ResponseHead): void {
    this.#informed = true;
    this.#pauses?.onSignOfLife();
    this.#stream.response.informational(head);
  }

  onResponseHead(attempt: Attempt, head: ResponseHead): void {
    const { cluster, retryPolicy } = this.#task;
    this.#pauses?.onSignOfLife();
    reportResponse(cluster, attempt.endpoint, head);
    this.#span?.respond(head.status, head.headers);
    if (retryPolicy?.retriesResponse(head.status, head.headers)) {
      if (this.#takeRetry(attempt.endpoint, String(head.status))) {
        cluster.stats.countRetried(head.status);
        attempt.makeWay();
        this.#retry();
        return;
      }
    } else {
      this.#retries?.onSuccess();
    }
    this.#responseStarted = true;
    this.#retries?.end();
    cluster.stats.countResponse(head.status, this.#stream.facts.isInternal);
    this.#body?.forget();
    const now = this.context.clock.now();
    this.#stream.info.upstreamHeadAt = now;
    if (head.status === 101 && !this.#head.upgrading) {
      // Nobody asked for it: past routing and header rules there must be no raw pipe.
      attempt.cancel();
      this.#giveUp('protocol-error', '');
      return;
    }
    if (head.status === 101) {
      // A tunnel has no end that the route's timeout could wait for.
      if (this.#timer !== null) this.context.wheel.disarm(this.#timer);
      this.#pauses?.stop();
      this.#stream.switchProtocols(attempt, head);
      return;
    }
    if (this.#head.upgrading && head.status < 400) {
      this.#refuseHandshake(attempt, head.status);
      return;
    }
    const page = this.#stream.pageFor(head.status);
    if (page !== null) {
      this.#finish();
      attempt.makeWay();
      this.#stream.askForPage(page, head.status);
      return;
    }
    this.#stream.passResponseHead(head, this.#serviceMs(now));
  }

  /** Neither the other protocol nor an error: of such an answer the client gets the status alone. */
  #refuseHandshake(attempt: Attempt, status: number): void {
    attempt.cancel();
    this.#finish();
    this.#stream.reply(localReply(status, 'websocket_handshake_unsuccessful', { close: true }));
  }

  onResponseBody(bytes: Buffer, start: number, end: number): void {
    this.#pauses?.onSignOfLife();
    this.#stream.sendBody(bytes, start, end);
    if (this.#stream.queuedBytes > this.#stream.connection.bufferBytesMax) this.pauseUpstream();
  }

  onResponseEnd(_attempt: Attempt, trailers: HeaderList | null): void {
    this.#finish();
    const { info, facts } = this.#stream;
    // Before the exchange may end, which is when it is logged.
    const now = this.context.clock.now();
    info.upstreamEndAt = now;
    if (this.#requestEndedAt > 0) {
      this.#task.cluster.stats.recordTime(now - this.#requestEndedAt, facts.isInternal);
    }
    this.#stream.sendEnd(trailers);
  }

  onAttemptFailure(attempt: Attempt, code: ProxyErrorCode, message: string): void {
    if (this.#over) return;
    reportFailure(this.#task.cluster, attempt.endpoint, { code, message });
    this.#span?.fail(code, message);
    this.#stream.info.upstreamTransportFailure = transportFailure(code, message);
    if (this.#responseStarted) {
      this.#finish();
      this.#stream.onUpstreamLost(new ProxyError(code, message));
      return;
    }
    if (
      this.#task.retryPolicy?.retriesFailure(code, attempt.sent) &&
      this.#takeRetry(attempt.endpoint, code)
    ) {
      this.#retry();
      return;
    }
    this.#giveUp(code, transportFailure(code, message) ?? '');
  }

  takeBack(): boolean {
    if (this.#body === null) return true;
    if (!this.#body.replayable) return false;
    this.#body.detach();
    return true;
  }

  onAttemptOver(): void {
    this.#body?.detach();
  }

  onUpstreamDrain(): void {
    this.#pauses?.onSendProgress();
    this.#stream.reader.resumeReading();
  }

  get unsentBytes(): number {
    return this.#attempt?.stream?.bufferedBytes ?? 0;
  }

  /** For what a client does not take no endpoint is to blame. */
  get clientIsSlow(): boolean {
    return this.#stream.queuedBytes > 0;
  }

  onPauseTooLong(): void {
    const attempt = this.#attempt;
    if (attempt === null) return;
    attempt.cancel();
    this.onAttemptFailure(attempt, 'per-try-idle-timeout', '');
  }

  onRouteTimeout(): void {
    if (this.#over) return;
    const { cluster } = this.#task;
    const attempt = this.#attempt;
    this.#span?.fail('route-timeout');
    if (this.#responseStarted) {
      // An endpoint that has begun to answer is not to blame: the client may be slow.
      cluster.stats.upstreamRqTimeout++;
      this.abort();
      this.#stream.onUpstreamLost(new ProxyError('route-timeout'));
    } else {
      if (attempt !== null) reportRouteTimeout(attempt);
      attempt?.cancel();
      this.#giveUp('route-timeout', '');
    }
  }

  // From faults. Outlier detection does not hear of them: no endpoint has done anything.

  onFaultDelay(delayMs: number): void {
    noteFaultDelay(this.#stream, delayMs);
  }

  onFaultOver(): void {
    this.#tryEndpoint();
  }

  onFaultAbort(abort: FaultAbortReply): void {
    const { info } = this.#stream;
    noteFaultAbort(this.#stream, abort);
    info.responseFlags |= responseFlag.faultInjected;
    info.endpoint = null;
    info.upstreamAddress = null;
    const reply = faultReply(abort);
    const headers = new HeaderList();
    if (abort.grpcStatus !== null) headers.append('grpc-status', String(abort.grpcStatus));
    if (
      this.#task.retryPolicy?.retriesResponse(reply.status, headers) &&
      this.#takeRetry(null, 'fault')
    ) {
      this.#retry();
      return;
    }
    this.#finish();
    this.#stream.reply(reply, abort.grpcStatus);
  }

  onFaultTimeout(): void {
    this.#task.cluster.stats.upstreamRqPerTryTimeout++;
    const retries = this.#task.retryPolicy?.retriesFailure('per-try-timeout', true) === true;
    if (retries && this.#takeRetry(null, 'per-try-timeout')) this.#retry();
    else this.#giveUp('per-try-timeout', '');
  }

  // Attempts.

  #tryOnce(): void {
    this.#attempts++;
    const { info } = this.#stream;
    // Where a page is asked for in place of an answer, the attempts at that answer stay.
    if (this.#attempts > info.attempts) info.attempts = this.#attempts;
    if (this.#fault === null || !this.#fault.strikes(this.#perTryTimeoutMs())) this.#tryEndpoint();
  }

  #tryEndpoint(): void {
    const { cluster } = this.#task;
    const { info } = this.#stream;
    const endpoint = cluster.chooseEndpoint(this);
    if (endpoint === null) {
      this.#giveUp('no-healthy-upstream', '');
      return;
    }
    info.endpoint = endpoint.model;
    info.upstreamAddress = endpoint.key;
    info.upstreamLocalAddress = null;
    info.upstreamTls = null;
    info.upstreamRequestEndAt = 0;
    if (info.spans !== null) {
      const target = { cluster: cluster.model, endpoint, attempt: this.#attempts };
      this.#span = info.spans.startClient(target);
    }
    const pool = poolFor(this.#stream, cluster, endpoint);
    const attempt = new Attempt(this, cluster, endpoint, pool);
    this.#attempt = attempt;
    attempt.start();
  }

  /** What a delay has left of perTryTimeout. */
  #tryTimeoutMs(): number {
    const perTryMs = this.#perTryTimeoutMs();
    if (this.#fault === null || perTryMs === 0) return perTryMs;
    return Math.max(1, perTryMs - this.#fault.delayedMs);
  }

  #perTryTimeoutMs(): number {
    return this.#task.retryPolicy?.policy.perTryTimeoutMs ?? 0;
  }

  /** What is too much to keep, or will not be needed, cannot be sent again. */
  #limitKept(body: RequestBody): void {
    const isLast = this.#task.retryPolicy === null || this.#retries?.exhausted === true;
    if (isLast || body.keptBytes > this.limits.retryBufferBytes) body.forget();
  }

  /** True: the outcome of an attempt at `endpoint` goes nowhere, there will be another one. */
  #takeRetry(endpoint: LiveEndpoint | null, outcome: string): boolean {
    const { cluster, retryPolicy } = this.#task;
    if (retryPolicy === null || this.#informed) return false;
    // The body of the last attempt is not kept, and that it failed is told all the same.
    const isGone = this.#body !== null && !this.#body.replayable;
    if (isGone && this.#retries?.exhausted !== true) return false;
    this.#retries ??= new Retries(this.#stream, retryPolicy.policy, cluster);
    return this.#retries.take(endpoint, outcome);
  }

  /** Goes on after the back-off. */
  #retry(): void {
    this.#attempt = null;
    this.#pauses?.stop();
    this.#endSpan();
    this.#retries?.wait(this.#attempts, () => this.#tryOnce());
  }

  #giveUp(code: ProxyErrorCode, message: string): void {
    this.#finish();
    const error = new ProxyError(code, message, this.#informed);
    // As in Envoy a cluster answers for what it could not do, too.
    const { isInternal } = this.#stream.facts;
    this.#task.cluster.stats.countResponse(error.outcome.status, isInternal);
    this.#stream.replyUpstreamFailure(error, this.#attempts > 1);
  }

  /** Whole milliseconds since the end of the request (x-envoy-upstream-service-time). */
  #serviceMs(now: number): number {
    return this.#requestEndedAt === 0 ? 0 : Math.floor(now - this.#requestEndedAt);
  }

  /** What the route's timeout has left; 0 is no limit. */
  #leftMs(): number {
    const { timeoutMs } = this.#task;
    if (timeoutMs === 0 || this.#requestEndedAt === 0) return timeoutMs;
    const elapsedMs = this.context.clock.now() - this.#requestEndedAt;
    return Math.max(1, Math.ceil(timeoutMs - elapsedMs));
  }

  #endSpan(): void {
    this.#span?.end();
    this.#span = null;
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#endSpan();
    if (this.#timer !== null) this.context.wheel.disarm(this.#timer);
    this.#pauses?.stop();
    this.#fault?.cancel();
    this.#retries?.end();
  }
}
