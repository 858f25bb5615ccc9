/**
 * A copy of a request, sent beside it and forgotten (Istio mirror): its outcome changes nothing,
 * and what it may hold is limited.
 */

import { TimerEntry } from '../../base/timer-wheel.ts';
import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { LiveEndpoint } from '../../cluster/live-endpoint.ts';
import type { LoadBalancerContext } from '../../cluster/load-balancing/load-balancer-context.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { ResponseHead } from '../../http1/message-head.ts';
import type { Limits } from '../../model/limits.ts';
import type { ClientSpan } from '../../telemetry/tracing/spans.ts';
import type { UpstreamHead, UpstreamStream } from '../../transport/upstream-stream.ts';
import { sendUpstreamHead } from '../headers/upstream-head.ts';
import type { ProxyContext } from '../proxy-context.ts';
import { ProxyError, type ProxyErrorCode } from '../proxy-error.ts';
import { Attempt } from '../router/attempt.ts';
import type { AttemptOwner } from '../router/attempt-owner.ts';
import { reportFailure, reportResponse, reportRouteTimeout } from '../router/outcome.ts';
import { RequestBody } from '../router/request-body.ts';
import type { Stream } from '../stream/stream.ts';
import { poolFor } from '../upstream/endpoint-pools.ts';
import { MirrorTunnel } from './mirror-tunnel.ts';

/** Nobody waits for a mirror, so it must end by itself. */
class MirrorTimer extends TimerEntry {
  readonly #mirror: Mirror;

  constructor(mirror: Mirror) {
    super();
    this.#mirror = mirror;
  }

  onTimeout(): void {
    this.#mirror.onTimeout();
  }
}

export class Mirror implements AttemptOwner, LoadBalancerContext {
  readonly context: ProxyContext;
  readonly limits: Limits;
  // LoadBalancerContext: a mirror takes any endpoint.
  readonly hash = null;
  readonly tried: readonly LiveEndpoint[] | null = null;
  readonly maxAttempts = 1;
  readonly previousPriorities = null;
  readonly destination = null;

  readonly #head: UpstreamHead;
  readonly #cluster: LiveCluster;
  readonly #body: RequestBody | null;
  readonly #timer: MirrorTimer;
  /** null: the request asks for no upgrade. */
  readonly #tunnel: MirrorTunnel | null;
  #attempt: Attempt | null = null;
  /** null where the exchange is not recorded. */
  #span: ClientSpan | null = null;

  constructor(stream: Stream, head: UpstreamHead, cluster: LiveCluster) {
    const { kind } = head.framing;
    this.context = stream.context;
    this.limits = stream.limits;
    this.#head = {
      method: head.method,
      path: head.path,
      scheme: head.scheme,
      isHttp2: head.isHttp2,
      headers: mirroredHeaders(head.headers, stream),
      framing: head.framing,
      upgrading: head.upgrading,
    };
    this.#cluster = cluster;
    this.#body = kind === 'none' ? null : new RequestBody();
    this.#timer = new MirrorTimer(this);
    this.#tunnel = head.upgrading ? new MirrorTunnel() : null;
  }

  get requestSent(): boolean {
    return this.#body === null || this.#body.ended;
  }

  /** `received`: what there is of the body so far, null for a request without one. */
  start(stream: Stream, received: RequestBody | null): void {
    if (received !== null && this.#body !== null) received.copyTo(this.#body);
    const endpoint = this.#cluster.chooseEndpoint(this);
    if (endpoint === null) {
      this.#countFailure('no-healthy-upstream');
      return;
    }
    const target = { cluster: this.#cluster.model, endpoint, attempt: null };
    if (stream.info.spans !== null) this.#span = stream.info.spans.startClient(target);
    const pool = poolFor(stream, this.#cluster, endpoint);
    this.#attempt = new Attempt(this, this.#cluster, endpoint, pool);
    const { mirrorTimeoutMs } = this.limits;
    // A copy has no longer than its request, which may have no limit.
    const isLimited = stream.timeoutMs > 0 && stream.timeoutMs < mirrorTimeoutMs;
    this.context.wheel.arm(this.#timer, isLimited ? stream.timeoutMs : mirrorTimeoutMs);
    this.#attempt.start();
  }

  /** The bytes are valid during the call only. */
  onRequestBody(bytes: Buffer, start: number, end: number): void {
    const body = this.#body;
    if (body === null || this.#attempt === null) return;
    body.push(bytes, start, end);
    const queued = this.#attempt.stream?.bufferedBytes ?? body.keptBytes;
    // A mirror that cannot keep up is given up, for the request must not wait for it.
    if (queued > this.limits.mirrorBufferBytes) this.abort();
  }

  onRequestEnd(trailers: HeaderList | null): void {
    this.#body?.end(trailers);
  }

  /** What the client sends after its own upgrade; valid during the call only. */
  onTunnelBytes(bytes: Buffer, start: number, end: number): void {
    const tunnel = this.#tunnel;
    if (tunnel === null || this.#attempt === null) return;
    tunnel.send(bytes, start, end);
    if (tunnel.bufferedBytes > this.limits.mirrorBufferBytes) this.abort();
  }

  /** The exchange that it copies is over. */
  endTunnel(): void {
    this.#tunnel?.end();
  }

  onTimeout(): void {
    const attempt = this.#attempt;
    if (attempt !== null && !attempt.responseStarted) {
      this.#span?.fail('route-timeout');
      reportRouteTimeout(attempt);
      this.#countFailure('route-timeout');
    }
    this.abort();
  }

  /** The request it copies has broken off, or it cannot keep up. */
  abort(): void {
    const attempt = this.#attempt;
    this.#attempt = null;
    this.#tunnel?.end();
    if (attempt === null) return;
    attempt.cancel();
    this.#span?.fail('cancelled');
    this.#span?.end();
  }

  // AttemptOwner.

  onAttemptReady(attempt: Attempt, stream: UpstreamStream): void {
    this.#cluster.onConnected(attempt.endpoint);
    if (this.#span !== null) this.#span.send(this.#head.headers, stream.protocol);
    sendUpstreamHead(stream, this.#head);
    this.#body?.attach(stream);
    this.#body?.forget();
  }

  onInformational(_head: ResponseHead): void {}

  onResponseHead(attempt: Attempt, head: ResponseHead): void {
    reportResponse(this.#cluster, attempt.endpoint, head);
    this.#span?.respond(head.status, head.headers);
    this.#cluster.stats.countResponse(head.status, true);
    if (head.status === 101) this.#switch(attempt);
    else attempt.discard();
  }

  onResponseBody(_bytes: Buffer, _start: number, _end: number): void {}

  onResponseEnd(_attempt: Attempt, _trailers: HeaderList | null): void {}

  onAttemptFailure(attempt: Attempt, code: ProxyErrorCode, message: string): void {
    reportFailure(this.#cluster, attempt.endpoint, { code, message });
    this.#span?.fail(code, message);
    this.#span?.end();
    this.#countFailure(code);
  }

  takeBack(): boolean {
    return this.#body === null;
  }

  onAttemptOver(): void {
    this.context.wheel.disarm(this.#timer);
    // Of a failure it is told next.
    if (this.#span !== null && this.#span.status > 0) this.#span.end();
    this.#body?.detach();
    this.#attempt = null;
  }

  onUpstreamDrain(): void {}

  /** Its time stays limited, which also bounds a tunnel that nobody ends. */
  #switch(attempt: Attempt): void {
    const upstream = attempt.handOver();
    if (this.#tunnel === null || upstream === null) attempt.cancel();
    else this.#tunnel.open(attempt, upstream);
  }

  /** As if there were somebody to answer, like Envoy. */
  #countFailure(code: ProxyErrorCode): void {
    this.#cluster.stats.countResponse(new ProxyError(code).outcome.status, true);
  }
}

/** A copy names the proxy as one more hop, and says that it is internal (Envoy's shadow writer). */
function mirroredHeaders(headers: HeaderList, stream: Stream): HeaderList {
  const copy = headers.clone();
  const localAddress = stream.info.downstreamLocalAddress;
  const own = localAddress.slice(0, localAddress.lastIndexOf(':'));
  const chain = copy.get('x-forwarded-for');
  copy.set('x-envoy-internal', 'true');
  copy.set('x-forwarded-for', chain === undefined ? own : `${chain},${own}`);
  return copy;
}
