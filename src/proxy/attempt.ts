/** One try to get a response from one endpoint. Reports to its owner; decides nothing. */

import { TimerEntry } from '../base/timer-wheel.ts';
import type { LiveCluster } from '../cluster/live-cluster.ts';
import type { LiveEndpoint } from '../cluster/live-endpoint.ts';
import type { HeaderList } from '../http1/header-list.ts';
import type { ResponseHead } from '../http1/message-head.ts';
import type { EndpointPool } from '../transport/endpoint-pool.ts';
import type { UpstreamConnection } from '../transport/upstream-connection.ts';
import type { UpstreamExchange, UpstreamFailure } from '../transport/upstream-exchange.ts';
import type { AttemptOwner } from './attempt-owner.ts';
import type { ProxyErrorCode } from './proxy-error.ts';

/** Of a response that is not wanted so much is read to keep its connection. */
const discardBytesMax = 64 * 1024;

/** An unwanted response that does not end within this many milliseconds costs its connection. */
const discardMs = 1000;

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
  connection: UpstreamConnection | null = null;
  /** The request's head has been handed to the socket. */
  sent = false;
  responseStarted = false;

  readonly #owner: AttemptOwner;
  readonly #pool: EndpointPool;
  #timer: AttemptTimer | null = null;
  #keepAlive = true;
  #responseEnded = false;
  /** The owner has turned away; the rest of the response is read and dropped. */
  #discarded = 0;
  #discarding = false;
  /** The circuit breaker counts this attempt. */
  #counted = false;
  #over = false;

  constructor(
    owner: AttemptOwner,
    cluster: LiveCluster,
    endpoint: LiveEndpoint,
    pool: EndpointPool,
  ) {
    this.#owner = owner;
    this.cluster = cluster;
    this.endpoint = endpoint;
    this.#pool = pool;
  }

  start(): void {
    this.endpoint.activeRequests++;
    this.endpoint.requestsTotal++;
    const acquired = this.#pool.acquire(this);
    if (acquired === 'pending') return;
    if (acquired === 'overflow') {
      this.#end();
      this.#owner.onAttemptFailure(this, 'overflow', '');
      return;
    }
    if (!this.onConnection(acquired)) this.#pool.release(acquired, true);
  }

  /** The whole request has been sent: from now on the endpoint has `perTryTimeoutMs`, if not 0. */
  watch(perTryTimeoutMs: number): void {
    if (perTryTimeoutMs === 0 || this.connection === null || this.responseStarted) return;
    this.#arm(perTryTimeoutMs);
  }

  onConnection(connection: UpstreamConnection): boolean {
    if (!this.cluster.breaker.tryRequest()) {
      this.#end();
      this.#owner.onAttemptFailure(this, 'overflow', '');
      return false;
    }
    this.connection = connection;
    this.#counted = true;
    this.sent = true;
    connection.expectResponse(this.#owner.method);
    this.#owner.onAttemptReady(this, connection);
    return true;
  }

  onInformational(head: ResponseHead): void {
    if (!this.#discarding) this.#owner.onInformational(head);
  }

  onResponseHead(head: ResponseHead): void {
    this.responseStarted = true;
    this.#keepAlive = head.keepAlive;
    this.#learnIdleTime(head);
    this.#disarm();
    this.#owner.onResponseHead(this, head);
  }

  onResponseBody(bytes: Buffer, start: number, end: number): void {
    if (!this.#discarding) {
      this.#owner.onResponseBody(bytes, start, end);
      return;
    }
    this.#discarded += end - start;
    if (this.#discarded > discardBytesMax) this.#release(false);
  }

  onResponseEnd(trailers: HeaderList | null): void {
    this.#responseEnded = true;
    const clean = this.connection?.parserIdle === true && this.#owner.requestSent;
    this.#release(this.#keepAlive && clean);
    if (!this.#discarding) this.#owner.onResponseEnd(this, trailers);
  }

  onFailure(failure: UpstreamFailure, message: string): void {
    this.connection = null;
    this.#end();
    if (!this.#discarding) this.#owner.onAttemptFailure(this, failure, message);
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
    if (this.#owner.requestSent) this.#arm(discardMs);
    else this.cancel();
  }

  /** Ends the attempt now; a connection in use is closed. */
  cancel(): void {
    this.#discarding = true;
    if (this.#over) return;
    if (this.connection === null) {
      this.#pool.cancel(this);
      this.#end();
      return;
    }
    this.#release(false);
  }

  /** The connection became a tunnel: it is the tunnel's from now on. */
  handOver(): UpstreamConnection | null {
    const { connection } = this;
    this.#disarm();
    return connection;
  }

  /** The tunnel over this attempt's connection has ended. */
  endTunnel(): void {
    const { connection } = this;
    this.connection = null;
    this.#end();
    if (connection !== null) this.#pool.releaseTunnel(connection);
  }

  #fail(code: ProxyErrorCode): void {
    this.#owner.onAttemptFailure(this, code, '');
  }

  #release(reusable: boolean): void {
    const { connection } = this;
    this.connection = null;
    this.#end();
    if (connection !== null) this.#pool.release(connection, reusable && this.#responseEnded);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.endpoint.activeRequests--;
    if (this.#counted) this.cluster.breaker.requestDone();
    this.#disarm();
    this.#owner.onAttemptOver();
  }

  #arm(ms: number): void {
    this.#timer ??= new AttemptTimer(this);
    this.#owner.context.wheel.arm(this.#timer, ms);
  }

  #disarm(): void {
    if (this.#timer === null) return;
    this.#owner.context.wheel.disarm(this.#timer);
    this.#timer = null;
  }

  /** `Keep-Alive: timeout=5`: the peer closes the connection after so many idle seconds. */
  #learnIdleTime(head: ResponseHead): void {
    const { connection } = this;
    if (connection === null || connection.peerIdleMs !== 0) return;
    const value = head.headers.get('keep-alive');
    if (value === undefined) return;
    const at = value.indexOf('timeout=');
    const seconds = at < 0 ? Number.NaN : Number.parseInt(value.slice(at + 8), 10);
    if (seconds > 0) connection.peerIdleMs = seconds * 1000;
  }
}
