/**
 * One client connection on HTTP/1.1: feeds the parser, runs its requests one after the other, and
 * closes when there is reason to.
 */

import type { Socket } from 'node:net';
import { TimerEntry } from '../base/timer-wheel.ts';
import type { CodecError } from '../http1/codec-error.ts';
import { HeaderList } from '../http1/header-list.ts';
import { noBody, type RequestHead } from '../http1/message-head.ts';
import { type RequestHandler, RequestParser } from '../http1/request-parser.ts';
import type { Limits } from '../model/limits.ts';
import { StreamInfo } from '../telemetry/stream-info.ts';
import { adoptSocket } from '../transport/accept.ts';
import { SocketWriter, type WriteCounter } from '../transport/socket-writer.ts';
import type { ActiveListener } from './active-listener.ts';
import { type LocalReply, localReply } from './local-reply.ts';
import { refusedRequestReply } from './prepare-request.ts';
import type { ProxyContext } from './proxy-context.ts';
import { Stream } from './stream.ts';

type Phase = 'open' | 'lingering' | 'closed';

/** Fires for whichever the connection waits for: idleness, a slow head, or the end of lingering. */
class ConnectionTimer extends TimerEntry {
  readonly #connection: DownstreamConnection;

  constructor(connection: DownstreamConnection) {
    super();
    this.#connection = connection;
  }

  onTimeout(): void {
    this.#connection.onTimer();
  }
}

export class DownstreamConnection implements RequestHandler, WriteCounter {
  readonly listener: ActiveListener;
  readonly context: ProxyContext;
  readonly writer: SocketWriter;
  /** Counts the connections of the process, from 1. */
  readonly id: number;
  readonly peerAddress: string;
  readonly remoteAddress: string;
  readonly localAddress: string;

  readonly #socket: Socket;
  readonly #parser: RequestParser;
  readonly #timer: ConnectionTimer;
  #stream: Stream | null = null;
  #phase: Phase = 'open';
  #tunnel = false;
  #paused = false;
  #drainRequested = false;
  #closedByPeer = false;
  /** Clock.now() when the last exchange ended, or the connection began. */
  #idleSince: number;
  /** Clock.now() when the client last took bytes of a connection that is being closed. */
  #lingerSince = 0;
  #lingerBytes = Number.POSITIVE_INFINITY;
  /** Clock.now() when an unfinished head was first seen; 0 while there is none. */
  #headSince = 0;

  constructor(accepted: Socket, listener: ActiveListener) {
    this.listener = listener;
    this.context = listener.context;
    this.id = this.context.nextConnectionId++;
    this.peerAddress = plainAddress(accepted.remoteAddress ?? '');
    this.remoteAddress = `${this.peerAddress}:${accepted.remotePort ?? 0}`;
    this.localAddress = `${plainAddress(accepted.localAddress ?? '')}:${accepted.localPort ?? 0}`;
    this.#parser = new RequestParser(this, this.limits);
    this.#timer = new ConnectionTimer(this);
    this.#idleSince = this.context.clock.now();
    this.#socket = adoptSocket(accepted, {
      buffer: this.context.readBuffer,
      onRead: (length, buffer) => this.#onRead(buffer, length),
    });
    this.writer = new SocketWriter(this.#socket, this.context.turns, this);
    this.#listen();
    this.context.wheel.arm(this.#timer, this.#period(this.limits.downstreamIdleMs));
  }

  get limits(): Limits {
    return this.listener.model.http.limits;
  }

  /** The exchange under way is the last one. */
  get draining(): boolean {
    return this.#drainRequested;
  }

  /** For an exchange that begins at `now`. */
  startInfo(now: number): StreamInfo {
    const info = new StreamInfo(this.listener.model, now, this.context.clock.wall());
    info.connectionId = this.id;
    info.downstreamLocalAddress = this.localAddress;
    info.downstreamRemoteAddress = this.remoteAddress;
    info.downstreamDirectRemoteAddress = this.remoteAddress;
    return info;
  }

  /** Ends the connection when it is idle, after the exchange under way otherwise. */
  drain(): void {
    this.#drainRequested = true;
    if (this.#stream === null && this.#parser.idle) this.closeAfterWrite();
  }

  /** Ends it at once, with the exchange under way, whose end is recorded before this returns. */
  destroy(): void {
    const stream = this.#stream;
    this.#stream = null;
    stream?.onDownstreamClosed('downstream_local_disconnect');
    this.#socket.destroy();
  }

  pauseReading(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  resumeReading(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  becomeTunnel(): void {
    this.#tunnel = true;
    this.#parser.stop();
    const early = this.#parser.takeLeftover();
    if (early.length > 0) this.#stream?.onTunnelBytes(early, 0, early.length);
  }

  /** The stream has ended its response. `now`: Clock.now(). */
  onStreamDone(stream: Stream, keepAlive: boolean, now: number): void {
    if (stream !== this.#stream) return;
    this.#stream = null;
    this.#idleSince = now;
    if (!keepAlive || this.#drainRequested) {
      this.closeAfterWrite();
      return;
    }
    this.resumeReading();
    this.#parser.next();
    if (this.#stream === null && this.#parser.inHead) this.#watchHead();
  }

  /** The response cannot be completed: the client must see that it is cut. */
  abandon(): void {
    this.#stream = null;
    this.closeAfterWrite();
  }

  /** Ends the connection with a TCP reset, once the system has taken what was written. */
  reset(): void {
    if (this.#phase !== 'open') return;
    this.#phase = 'lingering';
    this.#stream = null;
    this.#parser.stop();
    this.writer.flush();
    this.#socket.write('', () => this.#socket.resetAndDestroy());
    this.resumeReading();
    this.#lingerSince = this.context.clock.now();
    this.context.wheel.arm(this.#timer, this.limits.closeLingerMs);
  }

  /** Half-closes after the last byte, and reads on for a moment so that the client sees no reset. */
  closeAfterWrite(): void {
    if (this.#phase !== 'open') return;
    this.#phase = 'lingering';
    if (this.#drainRequested) this.listener.stats.downstreamCxDrainClose++;
    this.#stream = null;
    this.#parser.stop();
    this.writer.flush();
    this.#socket.end();
    this.resumeReading();
    this.#lingerSince = this.context.clock.now();
    this.context.wheel.arm(this.#timer, this.limits.closeLingerMs);
  }

  countWritten(bytes: number): void {
    this.listener.stats.downstreamCxTxBytesTotal += bytes;
  }

  onTimer(): void {
    if (this.#phase === 'lingering') {
      this.#linger();
      return;
    }
    if (this.#phase === 'closed') return;
    const wait = this.#untilTimeout();
    if (wait <= 0) this.#onTimedOut();
    if (this.#phase === 'open') this.context.wheel.arm(this.#timer, this.#period(wait));
  }

  /** What is queued is still delivered, if the client takes some of it now and then. */
  #linger(): void {
    const now = this.context.clock.now();
    const queued = this.writer.bufferedBytes;
    if (queued < this.#lingerBytes) this.#lingerSince = now;
    this.#lingerBytes = queued;
    if (queued === 0 || now - this.#lingerSince > this.limits.slowReaderMs) this.#socket.destroy();
    else this.context.wheel.arm(this.#timer, this.limits.closeLingerMs);
  }

  #onTimedOut(): void {
    const { stats } = this.listener;
    if (this.#stream !== null) {
      stats.downstreamRqIdleTimeout++;
      this.#stream.onIdleTimeout();
    } else if (this.#headSince > 0) {
      stats.downstreamRqHeaderTimeout++;
      this.#refuse(
        localReply(408, 'request_header_timeout', { body: 'Request Timeout', close: true }),
      );
    } else {
      stats.downstreamCxIdleTimeout++;
      this.closeAfterWrite();
    }
  }

  // RequestHandler: what the parser reports.

  onRequestHead(head: RequestHead): void {
    this.#headSince = 0;
    const stream = new Stream(this, head);
    this.#stream = stream;
    this.listener.onStreamStart();
    stream.start();
  }

  onRequestBody(bytes: Buffer, start: number, end: number): void {
    this.#stream?.onRequestBody(bytes, start, end);
  }

  onRequestEnd(trailers: HeaderList | null): void {
    this.#stream?.onRequestEnd(trailers);
  }

  onRequestError(error: CodecError): void {
    this.listener.onCodecError();
    const reply = refusedRequestReply(error.status, error.details);
    if (this.#stream !== null) this.#stream.onRequestError(reply);
    else this.#refuse(reply);
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('drain', () => this.#stream?.onDownstreamDrain());
    socket.on('end', () => this.#onPeerEnd());
    socket.on('error', () => this.#onPeerError());
    socket.on('close', () => this.#onClose());
  }

  #onRead(buffer: Buffer, length: number): void {
    this.listener.stats.downstreamCxRxBytesTotal += length;
    if (this.#phase !== 'open') return;
    if (this.#tunnel) {
      this.#stream?.onTunnelBytes(buffer, 0, length);
      return;
    }
    this.#parser.push(buffer, 0, length);
    if (this.#parser.inHead) this.#watchHead();
    else if (this.#parser.bufferedBytes > this.limits.pipelineBufferBytes) this.pauseReading();
  }

  /** A head that does not arrive in one piece has a time limit. */
  #watchHead(): void {
    if (this.#headSince > 0) return;
    this.#headSince = this.context.clock.now();
    this.context.wheel.arm(this.#timer, this.#untilTimeout());
  }

  /** Answers something that never became a request. */
  #refuse(reply: LocalReply): void {
    const head: RequestHead = {
      method: '',
      target: '',
      scheme: null,
      minorVersion: 1,
      headers: new HeaderList(),
      host: undefined,
      framing: noBody,
      keepAlive: false,
      upgrade: null,
      connectionNames: null,
    };
    const stream = new Stream(this, head);
    this.#stream = stream;
    this.listener.onStreamStart();
    stream.reply(reply);
  }

  /** The close event that follows does what else there is to do. */
  #onPeerError(): void {
    this.#closedByPeer = true;
  }

  #onPeerEnd(): void {
    this.#closedByPeer = true;
    const stream = this.#stream;
    this.#stream = null;
    stream?.onDownstreamClosed();
    if (this.#phase === 'open' && !this.#tunnel) this.#socket.destroy();
  }

  #onClose(): void {
    const stream = this.#stream;
    this.#stream = null;
    this.#phase = 'closed';
    this.context.wheel.disarm(this.#timer);
    stream?.onDownstreamClosed();
    if (this.#closedByPeer) this.listener.stats.downstreamCxDestroyRemote++;
    this.listener.onConnectionClosed(this);
  }

  /** Milliseconds until the connection has waited too long; 0 or less if it has. */
  #untilTimeout(): number {
    const { downstreamIdleMs, requestHeadTimeoutMs, streamIdleMs } = this.limits;
    const now = this.context.clock.now();
    if (this.#stream !== null) {
      return streamIdleMs > 0 ? this.#stream.activeAt + streamIdleMs - now : downstreamIdleMs;
    }
    if (this.#headSince > 0 && requestHeadTimeoutMs > 0) {
      return this.#headSince + requestHeadTimeoutMs - now;
    }
    return this.#idleSince + downstreamIdleMs - now;
  }

  /** The timer looks again at least this often, so that no request has to arm one. */
  #period(wait: number): number {
    const { streamIdleMs } = this.limits;
    const soonest = wait > 0 ? wait : this.limits.downstreamIdleMs;
    return streamIdleMs > 0 ? Math.min(soonest, streamIdleMs) : soonest;
  }
}

/** IPv4 addresses on a dual-stack socket without their IPv6 prefix. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
