/**
 * One client connection on HTTP/2: feeds the session, starts an exchange for each of its streams,
 * and closes when there is reason to.
 */

import { OwnedTimer } from '../../base/timer-wheel.ts';
import { truncate } from '../../base/truncate.ts';
import type { TurnTask } from '../../base/turn-queue.ts';
import { Http2Session } from '../../http2/http2-session.ts';
import { errorCode } from '../../http2/protocol.ts';
import type { Http2SessionError } from '../../http2/session-errors.ts';
import type {
  Http2Malformed,
  Http2Output,
  Http2SessionHandler,
  Http2Stream,
  Http2StreamHandler,
} from '../../http2/session-types.ts';
import type { Limits } from '../../model/limits.ts';
import type { StreamInfo } from '../../telemetry/stream-info.ts';
import type { ConnectionHandler } from '../connection/connection-handler.ts';
import type { DownstreamConnection } from '../connection/downstream-connection.ts';
import type { ActiveHttpChain } from '../listener/active-filter-chain.ts';
import type { ActiveListener } from '../listener/active-listener.ts';
import type { ProxyContext } from '../proxy-context.ts';
import { DeliveryWatch } from '../timeouts/delivery-watch.ts';
import { Http2Exchange } from './http2-exchange.ts';
import { countFlood } from './http2-floods.ts';
import { http2LimitsOf } from './http2-limits-of.ts';
import { Http2Shutdown, type Http2ShutdownOwner } from './http2-shutdown.ts';
import { UnsentResponses } from './unsent-responses.ts';

/** However near a limit is, the timer does not look sooner. Milliseconds. */
const leastPeriodMs = 20;

/** Above the mark below which a stream tells that it has drained: `drainMarkBytes` of HTTP/2. */
const leastStreamBytes = 16 * 1024;

/** A client that takes nothing may be seen to do so late, by this part of the limit. */
const slowReaderLooks = 4;

export class Http2Downstream
  implements ConnectionHandler, Http2Output, Http2SessionHandler, Http2ShutdownOwner, TurnTask
{
  readonly listener: ActiveListener;
  readonly chain: ActiveHttpChain;
  readonly context: ProxyContext;

  readonly #connection: DownstreamConnection;
  readonly #session: Http2Session;
  readonly #shutdown: Http2Shutdown;
  readonly #exchanges = new Set<Http2Exchange>();
  /** Those whose requests were in what is being read, in their order. */
  readonly #beginning: Http2Exchange[] = [];
  readonly #unsent = new UnsentResponses();
  /** For the connection, or a stream of it, that has been idle for too long. */
  readonly #timer: OwnedTimer;
  /** null while the client is read. It is not while it does not take the answers to what it sends. */
  #unread: DeliveryWatch | null = null;
  /** Nothing further is read or served here. */
  #isOver = false;
  /** The timer knows that the client has begun something, a header block for example. */
  #watchesHead = false;
  /** Clock.now() when the last response had left, or the connection began. */
  #idleSince: number;

  constructor(connection: DownstreamConnection, chain: ActiveHttpChain) {
    this.listener = connection.listener;
    this.chain = chain;
    this.context = connection.context;
    this.#connection = connection;
    this.#session = new Http2Session({
      role: 'server',
      limits: http2LimitsOf(this.limits),
      output: this,
      handler: this,
      clock: this.context.clock,
      slabs: this.context.http2Slabs,
      extendedConnect: false,
    });
    this.#shutdown = new Http2Shutdown(this, this.#session);
    this.#timer = new OwnedTimer(this);
    this.#idleSince = this.context.clock.now();
    this.listener.stats.downstreamCxHttp2Total++;
    this.listener.stats.downstreamCxHttp2Active++;
    this.#session.start();
    this.#arm();
  }

  get limits(): Limits {
    return this.listener.model.limits;
  }

  get peerAddress(): string {
    return this.#connection.peerAddress;
  }

  get client(): DownstreamConnection {
    return this.#connection;
  }

  get scheme(): 'http' | 'https' {
    return this.#connection.scheme;
  }

  /** What may wait on one of its streams, either way. */
  get streamBufferBytes(): number {
    const { http2ConnectionBufferBytes, streamBufferBytes } = this.limits;
    const part = Math.max(http2ConnectionBufferBytes / this.#session.openStreams, leastStreamBytes);
    return Math.min(part, streamBufferBytes);
  }

  /** No stream that begins from now on is served. */
  get draining(): boolean {
    return this.#shutdown.begun;
  }

  startInfo(now: number): StreamInfo {
    const info = this.#connection.startInfo(this.listener.model, now);
    info.protocol = 'HTTP/2';
    return info;
  }

  onExchangeOver(exchange: Http2Exchange): void {
    this.#exchanges.delete(exchange);
    if (this.listener.endsConnections) this.drain();
    if (this.#exchanges.size === 0) this.#idleSince = this.context.clock.now();
  }

  /** The exchange is over, and the client's windows do not let all of its response pass. */
  onUnsent(stream: Http2Stream): void {
    const isFirst = this.#unsent.isEmpty;
    this.#unsent.add(stream, this.context.clock.now());
    if (isFirst) this.#arm();
  }

  // ConnectionHandler.

  onBytes(bytes: Buffer, start: number, end: number): void {
    if (this.#isOver) return;
    this.#session.receive(bytes, start, end);
    this.#afterReceiving();
  }

  /** More was read than one turn of the event loop is for. */
  onTurn(): void {
    if (this.#isOver) return;
    this.#session.goOn();
    this.#afterReceiving();
  }

  #afterReceiving(): void {
    this.#beginAll();
    if (this.#session.mustWait) this.#connection.waitForTurn();
    if (!this.#watchesHead && this.#session.awaitedSince !== null) this.#arm();
  }

  /**
   * Only when all that has its place in this turn was looked at: a flood of streams that are reset
   * as soon as they are opened (CVE-2023-44487) is neither routed nor brought to an endpoint.
   */
  #beginAll(): void {
    for (const exchange of this.#beginning) exchange.begin();
    truncate(this.#beginning, 0);
  }

  onDrain(): void {
    if (this.#unread !== null) {
      this.#unread = null;
      this.#connection.resumeReading();
    }
    this.#session.onOutputDrain();
  }

  onPeerEnd(): void {
    this.#session.destroy();
    this.#connection.destroy();
  }

  onClosed(): void {
    this.#isOver = true;
    this.context.wheel.disarm(this.#timer);
    this.listener.stats.downstreamCxHttp2Active--;
    this.#session.destroy();
  }

  drain(): void {
    if (this.#shutdown.begun) return;
    this.#shutdown.begin(this.context.clock.now());
    this.#arm();
  }

  announceEnd(): void {
    this.drain();
  }

  cancel(): void {
    for (const exchange of this.#exchanges) exchange.cancel();
    this.#exchanges.clear();
  }

  // Http2Output.

  get queuedBytes(): number {
    return this.#connection.writer.bufferedBytes;
  }

  requestFlush(): void {
    this.context.turns.add(this);
  }

  onTurnEnd(): void {
    this.#session.flush();
    if (this.#isOver || this.#unread !== null || !this.#isFull()) return;
    this.#unread = new DeliveryWatch(this.context.clock.now());
    this.#connection.pauseReading();
    this.#arm();
  }

  write(bytes: Buffer): void {
    this.#connection.writer.chunk(bytes);
  }

  // Http2SessionHandler.

  onStream(stream: Http2Stream, fields: string[], endStream: boolean): Http2StreamHandler | null {
    // Of those that came before, the client has not taken the answers.
    if (this.#isOver || this.#isFull()) return null;
    const exchange = new Http2Exchange(this, stream);
    this.#exchanges.add(exchange);
    this.#beginning.push(exchange);
    exchange.open(fields, endStream);
    return exchange;
  }

  /** As Envoy does, but for bodies that are not as long as announced and for too many fields. */
  onMalformed(_streamId: number, { kind }: Http2Malformed): 'reset' | 'close' {
    if (kind === 'too-large' || kind === 'too-many-fields') {
      this.listener.stats.http2HeaderOverflow++;
    }
    return kind === 'body-length' || kind === 'too-many-fields' ? 'reset' : 'close';
  }

  onPeerSettings(): void {}

  onPingAck(): void {
    this.#shutdown.onPingAck();
  }

  onGoaway(): void {
    this.#shutdown.onGoaway();
  }

  onStreamsIdle(): void {
    this.#shutdown.onStreamsIdle();
  }

  onShutdown(): void {
    this.#close();
  }

  /** Envoy counts floods by what they are made of, and other errors together. */
  onSessionError({ flood }: Http2SessionError): void {
    if (flood === null) this.listener.onCodecError();
    else countFlood(this.listener.stats, flood);
    this.#close();
  }

  onTimer(): void {
    if (this.#isOver) return;
    const now = this.context.clock.now();
    this.#shutdown.onTime(now);
    this.#endSlow(now);
    this.#endUnfinished(now);
    this.#endIdle(now);
    if (!this.#isOver) this.#arm();
  }

  /** More waits for the client than a stream may have waiting. */
  #isFull(): boolean {
    return this.#connection.writer.bufferedBytes > this.limits.streamBufferBytes;
  }

  #arm(): void {
    this.#watchesHead = this.#session.awaitedSince !== null;
    this.context.wheel.arm(this.#timer, this.#period());
  }

  /** What was written still goes out; what the client sends from now on means nothing. */
  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#shutdown.begun) this.listener.onDrainClose();
    this.context.wheel.disarm(this.#timer);
    this.#session.flush();
    this.#connection.closeAfterWrite();
    // Within a call of the session, too: it would answer the rest of what was read.
    this.#session.destroy();
  }

  /** Ends what a client holds up that takes nothing of it. */
  #endSlow(now: number): void {
    const { slowReaderMs } = this.limits;
    if (!this.#unsent.isEmpty) {
      this.#unsent.cutOff(slowReaderMs, now);
      if (this.#unsent.isEmpty) this.#idleSince = now;
    }
    if (this.#isOver || this.#unread === null) return;
    const queued = this.#connection.writer.bufferedBytes;
    if (this.#unread.stuckMs(queued, now) >= slowReaderMs) this.#connection.destroy();
  }

  /**
   * A header block, or the client's preface, that does not come to its end: nothing else can come
   * on the connection meanwhile.
   */
  #endUnfinished(now: number): void {
    const { requestHeadTimeoutMs } = this.limits;
    const { awaitedSince } = this.#session;
    if (this.#isOver || this.#unread !== null) return;
    if (awaitedSince === null || requestHeadTimeoutMs === 0) return;
    if (now - awaitedSince < requestHeadTimeoutMs) return;
    this.listener.stats.downstreamRqHeaderTimeout++;
    this.#session.goaway(errorCode.noError);
    this.#close();
  }

  /** Ends exchanges, or the connection, on which nothing has moved for too long. */
  #endIdle(now: number): void {
    const { downstreamIdleMs, streamIdleMs } = this.limits;
    if (this.#isOver) return;
    if (this.#exchanges.size === 0) {
      if (!this.#unsent.isEmpty || now - this.#idleSince < downstreamIdleMs) return;
      this.listener.stats.downstreamCxIdleTimeout++;
      this.drain();
      this.#shutdown.stop();
      this.#close();
      return;
    }
    if (streamIdleMs === 0) return;
    for (const exchange of this.#exchanges) {
      if (now - exchange.activeAt >= streamIdleMs) exchange.onIdleTimeout();
    }
  }

  /** The timer looks again at least this often, so that no request has to arm one. */
  #period(): number {
    const { downstreamIdleMs, streamIdleMs, slowReaderMs, requestHeadTimeoutMs } = this.limits;
    const now = this.context.clock.now();
    const isBusy = this.#exchanges.size > 0;
    const isHeldUp = !this.#unsent.isEmpty || this.#unread !== null;
    let period = isBusy ? downstreamIdleMs : this.#idleSince + downstreamIdleMs - now;
    // A tenth of the limit is how late a stream may be.
    if (streamIdleMs > 0) period = Math.min(period, isBusy ? streamIdleMs / 10 : streamIdleMs);
    if (isHeldUp) period = Math.min(period, slowReaderMs / slowReaderLooks);
    const { awaitedSince } = this.#session;
    if (awaitedSince !== null && requestHeadTimeoutMs > 0) {
      period = Math.min(period, awaitedSince + requestHeadTimeoutMs - now);
    }
    return Math.max(Math.min(period, this.#shutdown.leftMs(now)), leastPeriodMs);
  }
}
