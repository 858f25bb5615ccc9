/**
 * The end of a client's connection on HTTP/2 without loss (RFC 9113, section 6.8): the client is
 * told to open no further streams; when it has heard of it (its answer to a PING says so), those
 * that are open are the last ones, and the connection ends with them.
 */

import type { Http2Session } from '../../http2/http2-session.ts';
import { errorCode } from '../../http2/protocol.ts';
import type { Limits } from '../../model/limits.ts';

export interface Http2ShutdownOwner {
  readonly limits: Limits;
  /** No stream is open, and there will be none. */
  onShutdown(): void;
}

export class Http2Shutdown {
  readonly #owner: Http2ShutdownOwner;
  readonly #session: Http2Session;
  #begun = false;
  /** Clock.now() when the client was told. */
  #begunAt = 0;
  /** The client knows which stream was the last one. */
  #stopped = false;

  constructor(owner: Http2ShutdownOwner, session: Http2Session) {
    this.#owner = owner;
    this.#session = session;
  }

  /** Streams may still begin for a moment. */
  get begun(): boolean {
    return this.#begun;
  }

  /** To be called once. */
  begin(now: number): void {
    this.#begun = true;
    this.#begunAt = now;
    this.#session.announceGoaway();
    this.#session.ping();
  }

  /** Streams that begin from now on are refused. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#session.goaway(errorCode.noError);
    if (this.#session.openStreams === 0) this.#owner.onShutdown();
  }

  onPingAck(): void {
    if (this.#begun) this.stop();
  }

  /** The client opens no further streams. */
  onGoaway(): void {
    this.#begun = true;
    this.stop();
  }

  onStreamsIdle(): void {
    if (this.#stopped) this.#owner.onShutdown();
  }

  /** Stops when the client has not answered the PING in time. */
  onTime(now: number): void {
    if (this.leftMs(now) <= 0) this.stop();
  }

  /** For how long its answer is still waited for; infinite if it is not. */
  leftMs(now: number): number {
    if (!this.#begun || this.#stopped) return Number.POSITIVE_INFINITY;
    return this.#begunAt + this.#owner.limits.closeLingerMs - now;
  }
}
