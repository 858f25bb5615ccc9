/** One try to get a response from one endpoint. Reports to its owner; decides nothing. */

import { TimerEntry } from '../../base/timer-wheel.ts';
import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { LiveEndpoint } from '../../cluster/live-endpoint.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { ResponseHead } from '../../http1/message-head.ts';
import type { UpstreamExchange, UpstreamFailure } from '../../transport/upstream-exchange.ts';
import type { UpstreamPool } from '../../transport/upstream-pool.ts';
import type { UpstreamStream } from '../../transport/upstream-stream.ts';
import type { ProxyErrorCode } from '../proxy-error.ts';
import type { AttemptOwner } from './attempt-owner.ts';

/** perTryTimeout of one attempt; later the time to get rid of an unwanted response. */
class AttemptTimer extends TimerEntry {
  readonly #attempt: Attempt;

  constructor(attempt: Attempt) {
    super();
    this.#attempt = attempt;
  }

  onTimeout(): void {
    this.#attempt.onTimeout();
  }
}

export class Attempt implements UpstreamExchange {
  readonly endpoint: LiveEndpoint;
  readonly cluster: LiveCluster;
  stream: UpstreamStream | null = null;
  /** The request's head has been handed to the stream. */
  sent = false;
  responseStarted = false;

  readonly #owner: AttemptOwner;
  readonly #pool: UpstreamPool;
  #timer: AttemptTimer | null = null;
  /** 1xx responses so far. */
  #informational = 0;
  /** The owner has turned away; the rest of the response is read and dropped. */
  #discarded = 0;
  #discarding = false;
  /** The circuit breaker counts this attempt. */
  #counted = false;
  /** The endpoint counts this attempt as active. */
  #active = false;
  #over = false;

  constructor(
    owner: AttemptOwner,
    cluster: LiveCluster,
    endpoint: LiveEndpoint,
    pool: UpstreamPool,
  ) {
    this.#owner = owner;
    this.cluster = cluster;
    this.endpoint = endpoint;
    this.#pool = pool;
  }

  start(): void {
    this.#active = true;
    this.endpoint.activeRequests++;
    this.endpoint.requestsTotal++;
    this.#acquire();
  }

  #acquire(): void {
    const acquired = this.#pool.acquire(this);
    if (acquired === 'pending') return;
    if (acquired === 'overflow') {
      this.#end();
      this.#owner.onAttemptFailure(this, 'overflow', '');
      return;
    }
    if (!this.onStream(acquired)) acquired.close();
  }

  /**
   * The whole request has been sent: from now on the endpoint has `perTryTimeoutMs`, if not 0.
   * `now`: Clock.now().
   */
  watch(perTryTimeoutMs: number, now: number): void {
    if (perTryTimeoutMs === 0 || this.stream === null || this.responseStarted) return;
    this.#arm(perTryTimeoutMs, now);
  }

  onStream(stream: UpstreamStream): boolean {
    if (!this.cluster.breaker.tryRequest()) {
      this.#end();
      this.#owner.onAttemptFailure(this, 'overflow', '');
      return false;
    }
    this.stream = stream;
    this.#counted = true;
    this.sent = true;
    this.#owner.onAttemptReady(this, stream);
    return true;
  }

  onInformational(head: ResponseHead): void {
    if (this.#discarding) return;
    this.#informational++;
    if (this.#informational <= this.#owner.limits.informationalCount) {
      this.#owner.onInformational(head);
      return;
    }
    this.cancel();
    this.#fail('protocol-error');
  }

  onResponseHead(head: ResponseHead): void {
    this.responseStarted = true;
    this.#disarm();
    this.#owner.onResponseHead(this, head);
  }

  onResponseBody(bytes: Buffer, start: number, end: number): void {
    if (!this.#discarding) {
      this.#owner.onResponseBody(bytes, start, end);
      return;
    }
    this.#discarded += end - start;
    if (this.#discarded > this.#owner.limits.discardBytes) this.#release();
  }

  onResponseEnd(trailers: HeaderList | null): void {
    this.#release();
    if (!this.#discarding) this.#owner.onResponseEnd(this, trailers);
  }

  onFailure(failure: UpstreamFailure, message: string): void {
    if (failure === 'not-sent' && this.#startAgain()) return;
    this.stream = null;
    this.#end();
    if (this.#discarding) return;
    const code = failure === 'not-sent' ? 'connection-termination' : failure;
    this.#owner.onAttemptFailure(this, code, message);
  }

  onDrain(): void {
    this.#owner.onUpstreamDrain();
  }

  onTimeout(): void {
    if (this.#over) return;
    const discarding = this.#discarding;
    this.cancel();
    if (discarding) return;
    this.#fail('per-try-timeout');
  }

  /** The response is not wanted: its rest is read and dropped, so that the connection can stay. */
  discard(): void {
    this.#discarding = true;
    const { context, limits, requestSent } = this.#owner;
    if (requestSent) this.#arm(limits.discardMs, context.clock.now());
    else this.cancel();
  }

  /**
   * Another attempt takes the place of this one. Envoy resets the stream before it retries, so this
   * one counts as load no longer, though what it still receives is read and dropped.
   */
  makeWay(): void {
    this.#uncount();
    this.discard();
  }

  /** Ends the attempt now; a stream in use is reset. */
  cancel(): void {
    this.#discarding = true;
    if (this.#over) return;
    if (this.stream === null) {
      this.#pool.cancel(this);
      this.#end();
      return;
    }
    this.#release();
  }

  /** The stream became a tunnel: it is the tunnel's from now on. */
  handOver(): UpstreamStream | null {
    this.#disarm();
    return this.stream;
  }

  /** The tunnel over this attempt's stream has ended. */
  endTunnel(): void {
    const { stream } = this;
    this.stream = null;
    this.#end();
    stream?.closeTunnel();
  }

  /** On another connection of the pool: to the endpoint nothing has happened. */
  #startAgain(): boolean {
    if (this.#discarding || !this.#owner.takeBack()) return false;
    this.stream = null;
    this.sent = false;
    this.#freeBreaker();
    this.#disarm();
    this.#acquire();
    return true;
  }

  #fail(code: ProxyErrorCode): void {
    this.#owner.onAttemptFailure(this, code, '');
  }

  #release(): void {
    const { stream } = this;
    this.stream = null;
    this.#end();
    stream?.close();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#uncount();
    this.#disarm();
    this.#owner.onAttemptOver();
  }

  #uncount(): void {
    if (this.#active) this.endpoint.activeRequests--;
    this.#active = false;
    this.#freeBreaker();
  }

  #freeBreaker(): void {
    if (this.#counted) this.cluster.breaker.requestDone();
    this.#counted = false;
  }

  #arm(ms: number, now: number): void {
    this.#timer ??= new AttemptTimer(this);
    this.#owner.context.wheel.arm(this.#timer, ms, now);
  }

  #disarm(): void {
    if (this.#timer === null) return;
    this.#owner.context.wheel.disarm(this.#timer);
    this.#timer = null;
  }
}
