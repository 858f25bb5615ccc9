/** One HTTP/2 connection to an endpoint. Many exchanges share it, each on a stream of its own. */

import type { Socket } from 'node:net';
import { OwnedTimer, type TimerEntry } from '../base/timer-wheel.ts';
import type { TurnTask } from '../base/turn-queue.ts';
import { defaultHttp2Limits, type Http2Limits } from '../http2/http2-limits.ts';
import { Http2Session } from '../http2/http2-session.ts';
import { errorCode } from '../http2/protocol.ts';
import type {
  Http2Malformed,
  Http2Output,
  Http2SessionHandler,
  Http2Stream,
  Http2StreamHandler,
} from '../http2/session-types.ts';
import type { Limits } from '../model/limits.ts';
import { connectFailure, connectReason } from './connection-lifetime.ts';
import { Http2Keepalive, type KeepaliveOwner } from './http2-keepalive.ts';
import type { Http2Pool } from './http2-pool.ts';
import { Http2UpstreamStream } from './http2-upstream-stream.ts';
import type { UpstreamExchange, UpstreamFailure } from './upstream-exchange.ts';
import { openUpstream } from './upstream-socket.ts';
import { UpstreamTlsFacts } from './upstream-tls-facts.ts';

/** What the endpoint may send on all streams together before it is passed on. */
const connectionWindowBytes = 4 * 1024 * 1024;

/** Waits for what the endpoint says of extended CONNECT. */
interface HeldStream {
  onSettled(): void;
  onConnectionLost(): void;
}

export class Http2Connection implements Http2Output, Http2SessionHandler, KeepaliveOwner, TurnTask {
  readonly pool: Http2Pool;
  /** Clock.now() when the connection was made. */
  readonly openedAt: number;
  /** Clock.now() when its last stream ended. */
  idleSince = 0;
  /** Empty until connected. */
  localAddress = '';
  /** Set when it is connected. */
  tls: UpstreamTlsFacts | null = null;
  connected = false;
  /** Streams since the connection was made. */
  requests = 0;
  /** Streams that are open. */
  active = 0;
  /** It takes no further stream: the peer said GOAWAY, or the pool gives it up. */
  retired = false;
  /** The endpoint ended it, or could not be reached. */
  closedByPeer = false;
  /** It ended while streams were open. */
  lostStreams = false;
  /** How often something was handed to the system. */
  writes = 0;
  readonly timer: TimerEntry;

  readonly #socket: Socket;
  readonly #session: Http2Session;
  /** null: nobody asks whether the endpoint is still there. */
  readonly #keepalive: Http2Keepalive | null;
  #lost = false;
  /** The endpoint's first SETTINGS are here. */
  #settled = false;
  /** Requests for an upgrade that wait for them. */
  readonly #held = new Set<HeldStream>();
  /** What it is to open streams if the connection ends now. */
  #failure: UpstreamFailure = 'connect-refused';
  #message = '';

  constructor(pool: Http2Pool) {
    const { address, clock, isForbidden, prologue, readBuffer, tls, wheel } = pool.dependencies;
    const { http2Keepalive } = pool.settings;
    this.pool = pool;
    this.openedAt = clock.now();
    this.timer = new OwnedTimer(this);
    this.#keepalive = http2Keepalive && new Http2Keepalive(this, http2Keepalive, wheel);
    this.#session = new Http2Session({
      role: 'client',
      limits: sessionLimits(pool.limits),
      output: this,
      handler: this,
      clock,
      slabs: pool.dependencies.http2Slabs,
      extendedConnect: false,
    });
    this.#socket = openUpstream({
      endpoint: address,
      read: { buffer: readBuffer, onRead: (length, buffer) => this.#onRead(buffer, length) },
      tls,
      prologue,
      isForbidden,
      onOpen: () => this.#onOpen(),
    });
    this.#listen();
  }

  /** The socket is closed, or about to be. */
  get lost(): boolean {
    return this.#lost || this.#session.closed;
  }

  /** How many further streams it takes now. Before the peer's SETTINGS, as many as are wanted. */
  get capacity(): number {
    if (!this.connected || this.retired || this.#lost || !this.#session.canOpenStream) return 0;
    const { maxConcurrentStreams } = this.pool.settings;
    return Math.min(this.#session.peerMaxConcurrentStreams, maxConcurrentStreams) - this.active;
  }

  open(exchange: UpstreamExchange): Http2UpstreamStream {
    this.requests++;
    this.active++;
    return new Http2UpstreamStream(this, exchange);
  }

  /** null: it is over, or the peer allows no further stream. */
  openStream(
    fields: readonly string[],
    endStream: boolean,
    handler: Http2StreamHandler,
  ): Http2Stream | null {
    return this.#session.openStream(fields, endStream, handler);
  }

  /** Whether the endpoint takes extended CONNECT; null: it has not said so yet. */
  get extendedConnect(): boolean | null {
    return this.#settled ? this.#session.peerAllowsExtendedConnect : null;
  }

  /** `stream` is told when `extendedConnect` is known, or that it never will be. */
  hold(stream: HeldStream): void {
    this.#held.add(stream);
  }

  /** It does not wait any longer. */
  letGo(stream: HeldStream): void {
    this.#held.delete(stream);
  }

  /** A stream has ended, whichever way. */
  onStreamOver(): void {
    this.active--;
    this.pool.onStreamOver(this);
    this.#endIfUnused();
  }

  /** The connection ended under a stream whose head was handed over at `writes`. */
  takeLoss(writes: number): UpstreamFailure {
    this.lostStreams = true;
    // One that has served nobody yet is no chance that was missed: its endpoint turns all away.
    const isUnsent = writes === this.writes && this.requests > 1;
    return isUnsent && this.#failure !== 'protocol-error' ? 'not-sent' : this.#failure;
  }

  /** Open streams go on; the connection ends with the last one. */
  retire(): void {
    this.retired = true;
    this.#endIfUnused();
  }

  onTimer(): void {
    if (this.connected && !this.#lost) {
      this.pool.onIdleTimer(this);
      return;
    }
    if (!this.connected) {
      this.#failure = 'connect-timeout';
      this.#message = 'connection timeout';
    }
    this.#socket.destroy();
  }

  // KeepaliveOwner.

  ping(): void {
    this.#session.ping();
  }

  onSilence(): void {
    this.pool.dependencies.gate.stats.http2KeepaliveTimeout++;
    this.#failure = 'connection-termination';
    this.#lose();
  }

  // Http2Output.

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  requestFlush(): void {
    this.pool.dependencies.turns.add(this);
  }

  onTurnEnd(): void {
    this.#session.flush();
  }

  write(bytes: Buffer): void {
    this.writes++;
    this.pool.dependencies.gate.stats.upstreamCxTxBytesTotal += bytes.length;
    this.#socket.write(bytes);
  }

  // Http2SessionHandler.

  /** No endpoint opens streams. */
  onStream(): null {
    return null;
  }

  /** One response that cannot be understood takes no others along, though in Envoy it does. */
  onMalformed(_streamId: number, { code }: Http2Malformed): 'reset' {
    const { stats } = this.pool.dependencies.gate;
    if (code === errorCode.protocolError) stats.upstreamCxProtocolError++;
    return 'reset';
  }

  onPeerSettings(): void {
    this.#settled = true;
    for (const stream of this.#held) stream.onSettled();
    this.pool.onCapacity(this);
  }

  onPingAck(): void {
    this.#keepalive?.onAnswer();
  }

  onGoaway(): void {
    this.pool.onRetired(this);
    this.retire();
  }

  onStreamsIdle(): void {}

  onSessionError(): void {
    this.pool.dependencies.gate.stats.upstreamCxProtocolError++;
    this.#end();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('drain', () => this.#session.onOutputDrain());
    socket.on('end', () => {
      this.closedByPeer = true;
      this.#failure = 'connection-termination';
      this.#lose();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.closedByPeer = true;
      this.#failure = this.connected ? 'reset' : connectFailure(error);
      this.#message = error.message;
    });
    socket.on('close', () => this.#onClose());
  }

  #onOpen(): void {
    const { localAddress = '', localPort = 0 } = this.#socket;
    const keepalive = this.pool.settings.tcpKeepalive;
    if (keepalive !== null) this.#socket.setKeepAlive(true, keepalive.timeSeconds * 1000);
    this.connected = true;
    this.localAddress = `${localAddress}:${localPort}`;
    this.tls = UpstreamTlsFacts.of(this.#socket);
    // Until the system says otherwise, it is the session that finds fault with the peer.
    this.#failure = 'protocol-error';
    this.#session.start();
    this.#keepalive?.start();
    this.pool.onConnected(this);
  }

  #onRead(buffer: Buffer, length: number): void {
    this.pool.dependencies.gate.stats.upstreamCxRxBytesTotal += length;
    this.#keepalive?.onBytes();
    this.#session.receive(buffer, 0, length);
  }

  #endIfUnused(): void {
    if (this.retired && this.active === 0 && !this.lost) {
      this.#session.goaway(errorCode.noError);
      this.#end();
    }
  }

  /** Closes when everything has left, or when the endpoint takes it for too long. */
  #end(): void {
    this.#lost = true;
    this.#keepalive?.stop();
    this.pool.onRetired(this);
    this.#session.flush();
    this.#destroySession();
    this.#socket.destroySoon();
    this.pool.dependencies.wheel.arm(this.timer, this.pool.limits.tunnelLingerMs);
  }

  #lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#keepalive?.stop();
    this.pool.onRetired(this);
    this.#destroySession();
    this.#socket.destroy();
  }

  #destroySession(): void {
    this.#session.destroy();
    for (const stream of this.#held) stream.onConnectionLost();
  }

  #onClose(): void {
    this.#lose();
    if (!this.connected) this.pool.onConnectFailed(connectReason(this.#failure), this.#message);
    this.pool.onClosed(this);
  }
}

function sessionLimits(limits: Limits): Http2Limits {
  return {
    ...defaultHttp2Limits,
    headerBlockBytes: limits.responseHeadBytes,
    headerCount: limits.responseHeaderCount,
    connectionWindowBytes,
  };
}
