/**
 * One connection of a TCP proxy: finds an endpoint, passes bytes and the ends of both directions
 * on, and watches the time.
 */

import { OwnedTimer } from '../../base/timer-wheel.ts';
import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { LoadBalancerContext } from '../../cluster/load-balancing/load-balancer-context.ts';
import type { Limits } from '../../model/limits.ts';
import type { TcpProxy } from '../../model/tcp-proxy.ts';
import { responseFlag } from '../../telemetry/response-flags.ts';
import type { StreamInfo } from '../../telemetry/stream-info.ts';
import type { TcpConnection, TcpConnectionOwner, TcpLoss } from '../../transport/tcp-connection.ts';
import type { ConnectionHandler } from '../connection/connection-handler.ts';
import type { DownstreamConnection } from '../connection/downstream-connection.ts';
import type { ActiveTcpChain } from '../listener/active-filter-chain.ts';
import type { ProxyContext } from '../proxy-context.ts';
import { transportFailure } from '../proxy-error.ts';
import { DeliveryWatch } from '../timeouts/delivery-watch.ts';
import { TcpAttempt } from './tcp-attempt.ts';
import { TcpRecord } from './tcp-record.ts';
import { chooseTcpCluster, tcpDestination } from './tcp-target.ts';

/**
 * `flushing`: one side is gone, what it left is written to the other. `closed`: nothing follows but
 * the end of a socket.
 */
type Phase = 'connecting' | 'open' | 'flushing' | 'closed';

export class TcpSession implements ConnectionHandler, TcpConnectionOwner, LoadBalancerContext {
  // LoadBalancerContext, read for the choice of an endpoint. There is one attempt, as in Envoy.
  readonly hash: bigint | null;
  readonly tried = null;
  readonly maxAttempts = 1;
  readonly previousPriorities = null;
  readonly destination: LoadBalancerContext['destination'];

  readonly #connection: DownstreamConnection;
  readonly #context: ProxyContext;
  readonly #settings: TcpProxy;
  readonly #record: TcpRecord;
  readonly #info: StreamInfo;
  /** For whichever the session waits for. */
  readonly #timer = new OwnedTimer(this);
  #phase: Phase = 'connecting';
  /** null before there is an endpoint, and when the connection to it is over. */
  #attempt: TcpAttempt | null = null;
  /** Read before the endpoint was connected. */
  #early: Buffer | null = null;
  #clientEnded = false;
  /** It closes the connection itself, rather than whoever ends all of them. */
  #closing = false;
  /** Clock.now() of the last byte either way. */
  #activeAt = 0;
  /** Of both sides, and of the one that is left while it is flushed. */
  #delivery: DeliveryWatch;

  constructor(connection: DownstreamConnection, chain: ActiveTcpChain) {
    const { context, listener } = connection;
    const { tcp } = chain.model;
    this.#connection = connection;
    this.#context = context;
    this.#settings = tcp;
    this.hash = tcp.hashSourceIp ? context.hash64.hash(connection.peerAddress) : null;
    this.destination = tcpDestination(connection);
    const now = context.clock.now();
    this.#delivery = new DeliveryWatch(now, 0);
    this.#info = connection.startInfo(listener.model, now);
    this.#record = new TcpRecord(context, chain.stats, this.#info);
  }

  get limits(): Limits {
    return this.#connection.listener.model.limits;
  }

  get #upstream(): TcpConnection | null {
    return this.#attempt === null ? null : this.#attempt.connection;
  }

  /** `first` has been read already; it is valid during the call only. */
  start(first: Buffer): void {
    this.#record.begin();
    this.#connection.keepHalfOpen();
    // Nobody takes it before there is an endpoint.
    this.#connection.pauseReading();
    if (first.length > 0) this.#early = Buffer.from(first);
    const name = chooseTcpCluster(this.#settings.clusters, this.#context.random);
    const cluster = this.#context.snapshot.clusters.get(name);
    this.#info.clusterName = name;
    if (cluster === undefined) {
      this.#record.stats.downstreamCxNoRoute++;
      this.#fail(responseFlag.noCluster);
      return;
    }
    this.#info.cluster = cluster.model;
    this.#connect(cluster);
  }

  #connect(cluster: LiveCluster): void {
    const { breaker, stats } = cluster;
    const info = this.#info;
    if (breaker.connectionsOpen) {
      stats.upstreamCxOverflow++;
      this.#fail(responseFlag.upstreamOverflow);
      return;
    }
    const endpoint = cluster.chooseEndpoint(this);
    if (endpoint === null) {
      const isLost = cluster.model.discovery === 'original-dst' && this.destination === null;
      if (isLost) info.upstreamTransportFailure = 'no original destination';
      this.#fail(responseFlag.noHealthyUpstream);
      return;
    }
    info.attempts = 1;
    if (!breaker.tryPend()) {
      stats.upstreamCxConnectAttemptsExceeded++;
      this.#fail(responseFlag.connectAttemptsExceeded);
      return;
    }
    info.endpoint = endpoint.model;
    info.upstreamAddress = endpoint.key;
    this.#attempt = new TcpAttempt(this, cluster, endpoint, this.#connection);
    this.#arm(cluster.model.connection.connectTimeoutMs);
  }

  // TcpConnectionOwner.

  onConnected(): void {
    const attempt = this.#attempt as TcpAttempt;
    const upstream = attempt.connection;
    attempt.onConnected();
    this.#phase = 'open';
    this.#info.upstreamLocalAddress = upstream.localAddress;
    this.#info.upstreamTls = upstream.tls;
    this.#record.connected();
    const now = this.#context.clock.now();
    this.#activeAt = now;
    this.#watch(now);
    const early = this.#early;
    this.#early = null;
    if (early !== null) this.#forward(upstream, early, 0, early.length);
    if (this.#clientEnded) upstream.end();
    this.#connection.resumeReading();
  }

  onEndpointBytes(bytes: Buffer, start: number, end: number): void {
    if (this.#phase === 'flushing') {
      // There is nobody to send it to: as if the client's process had gone.
      this.#upstream?.reset();
      this.#close();
      return;
    }
    if (this.#phase !== 'open') return;
    this.#activeAt = this.#context.clock.now();
    this.#record.sent(end - start);
    const { writer } = this.#connection;
    writer.bytes(bytes, start, end);
    if (writer.bufferedBytes > this.limits.streamBufferBytes) this.#upstream?.pauseReading();
  }

  onEndpointDrain(): void {
    this.#activeAt = this.#context.clock.now();
    if (this.#phase === 'open') this.#connection.resumeReading();
  }

  onEndpointEnd(): void {
    if (this.#phase === 'open') this.#connection.end();
  }

  onEndpointClosed(loss: TcpLoss | null, message: string): void {
    const attempt = this.#attempt as TcpAttempt;
    this.#endAttempt();
    if (this.#phase === 'connecting') {
      const code = attempt.onFailed(loss, message);
      this.#info.upstreamTransportFailure = transportFailure(code, message);
      const { upstreamConnectionFailure, connectAttemptsExceeded } = responseFlag;
      this.#fail(upstreamConnectionFailure | connectAttemptsExceeded);
    } else if (this.#phase === 'flushing') {
      this.#close();
    } else if (this.#phase === 'open') {
      // The client still gets what was read for it.
      if (loss !== null) {
        this.#info.responseFlags |= responseFlag.upstreamRemoteReset;
        this.#connection.reset();
      }
      this.#flush(this.#connection.writer.bufferedBytes);
    }
  }

  // ConnectionHandler.

  onBytes(bytes: Buffer, start: number, end: number): void {
    const upstream = this.#upstream;
    if (upstream === null || this.#phase !== 'open') {
      if (this.#phase !== 'connecting') return;
      const piece = bytes.subarray(start, end);
      this.#early = Buffer.concat(this.#early === null ? [piece] : [this.#early, piece]);
      return;
    }
    this.#activeAt = this.#context.clock.now();
    this.#forward(upstream, bytes, start, end);
  }

  onDrain(): void {
    this.#activeAt = this.#context.clock.now();
    if (this.#phase === 'open') this.#upstream?.resumeReading();
  }

  onPeerEnd(): void {
    this.#clientEnded = true;
    if (this.#phase === 'open') this.#upstream?.end();
  }

  onClosed(): void {
    const upstream = this.#upstream;
    if (upstream === null) {
      this.#close();
    } else if (this.#connection.lost || this.#phase !== 'open') {
      this.#close();
      upstream.reset();
    } else {
      // Both directions have ended, and the endpoint has not taken everything.
      this.#record.end();
      this.#record.stats.upstreamFlushTotal++;
      this.#record.stats.upstreamFlushActive++;
      upstream.resumeReading();
      this.#flush(upstream.writer.bufferedBytes);
    }
  }

  /** As in Envoy bytes pass until the time to drain is over. */
  drain(): void {}

  cancel(): void {
    const upstream = this.#upstream;
    if (!this.#closing && this.#info.responseFlags === responseFlag.none) {
      this.#info.responseFlags = responseFlag.downstreamTermination;
      this.#info.details = 'downstream_local_disconnect';
    }
    this.#close();
    upstream?.destroy();
  }

  onTimer(): void {
    switch (this.#phase) {
      case 'connecting':
        this.#upstream?.giveUpConnecting();
        return;
      case 'open':
        this.#watch(this.#context.clock.now());
        return;
      case 'flushing':
        this.#lookAtFlush();
        return;
      default:
        return;
    }
  }

  #forward(upstream: TcpConnection, bytes: Buffer, start: number, end: number): void {
    this.#record.received(end - start);
    upstream.writer.bytes(bytes, start, end);
    if (upstream.writer.bufferedBytes > this.limits.streamBufferBytes) {
      this.#connection.pauseReading();
    }
  }

  /** Ends what has lasted too long, or looks again when it may have. */
  #watch(now: number): void {
    const ageLeft = leftMs(this.#settings.maxConnectionDurationMs, now - this.#info.startedAt);
    if (ageLeft <= 0) {
      this.#record.stats.maxDownstreamConnectionDuration++;
      this.#fail(responseFlag.durationTimeout);
      return;
    }
    const idleLeft = leftMs(this.#settings.idleTimeoutMs, this.#idleMs(now));
    if (idleLeft <= 0) {
      this.#record.stats.idleTimeout++;
      this.#destroy();
      return;
    }
    const left = Math.min(ageLeft, idleLeft);
    if (left === Number.POSITIVE_INFINITY) this.#context.wheel.disarm(this.#timer);
    else this.#arm(left);
  }

  /** A reader that takes some of what waits for it is not idle. */
  #idleMs(now: number): number {
    const waiting = this.#upstream === null ? 0 : this.#upstream.writer.bufferedBytes;
    const queued = waiting + this.#connection.writer.bufferedBytes;
    return Math.min(now - this.#activeAt, this.#delivery.stuckMs(queued, now));
  }

  /** One side is gone: the other takes `queued` bytes, or is cut off when it is too slow. */
  #flush(queued: number): void {
    this.#phase = 'flushing';
    this.#delivery = new DeliveryWatch(this.#context.clock.now(), queued);
    this.#arm(this.limits.closeLingerMs);
  }

  #lookAtFlush(): void {
    const upstream = this.#upstream;
    const queued = (upstream ?? this.#connection).writer.bufferedBytes;
    const stuckMs = this.#delivery.stuckMs(queued, this.#context.clock.now());
    const { tunnelLingerMs, slowReaderMs, closeLingerMs } = this.limits;
    const patienceMs = upstream === null ? slowReaderMs : tunnelLingerMs;
    if (queued > 0 && stuckMs <= patienceMs) this.#arm(closeLingerMs);
    else this.#destroy();
  }

  /** Closes both sides at once; nothing more is passed on. */
  #fail(flags: number): void {
    this.#info.responseFlags |= flags;
    this.#destroy();
  }

  #destroy(): void {
    this.#closing = true;
    this.#connection.destroy();
  }

  /** Nothing follows. A connection to the endpoint is ended by the caller. */
  #close(): void {
    this.#endAttempt();
    this.#phase = 'closed';
    this.#context.wheel.disarm(this.#timer);
    this.#record.end();
  }

  #endAttempt(): void {
    if (this.#attempt === null) return;
    this.#attempt.end();
    this.#attempt = null;
    if (this.#phase === 'flushing') this.#record.stats.upstreamFlushActive--;
  }

  #arm(ms: number): void {
    this.#context.wheel.arm(this.#timer, ms);
  }
}

/** What a limit leaves; infinite without one. */
function leftMs(limitMs: number, passedMs: number): number {
  return limitMs === 0 ? Number.POSITIVE_INFINITY : limitMs - passedMs;
}
