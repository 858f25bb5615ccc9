/**
 * One exchange on an HTTP/2 connection to an endpoint. The session sees to frames, windows and header
 * tables; this says what they mean for the exchange.
 */

import { TimerEntry } from '../base/timer-wheel.ts';
import type { TurnTask } from '../base/turn-queue.ts';
import type { HeaderList } from '../http1/header-list.ts';
import { errorCode } from '../http2/protocol.ts';
import type { Http2Stream, Http2StreamHandler, ResetOrigin } from '../http2/session-types.ts';
import type { Http2Connection } from './http2-connection.ts';
import {
  http2RequestFields,
  http2Trailers,
  responseHeadOf,
  switchingProtocolsHead,
  trailersOf,
} from './http2-fields.ts';
import type { UpstreamExchange, UpstreamFailure, UpstreamTunnel } from './upstream-exchange.ts';
import type { UpstreamHead, UpstreamStream } from './upstream-stream.ts';
import type { UpstreamTlsFacts } from './upstream-tls-facts.ts';

/** After the client has ended a tunnel: how long the endpoint has for what is queued, and its end. */
class TunnelTimer extends TimerEntry {
  readonly #stream: Http2UpstreamStream;

  constructor(stream: Http2UpstreamStream) {
    super();
    this.#stream = stream;
  }

  onTimeout(): void {
    this.#stream.close();
  }
}

/** A request for an upgrade, and what has come of its body. */
class HeldRequest {
  readonly head: UpstreamHead;
  readonly pieces: (string | Buffer)[] = [];
  bytes = 0;
  ended = false;

  constructor(head: UpstreamHead) {
    this.head = head;
  }

  keep(piece: string | Buffer): void {
    this.pieces.push(piece);
    this.bytes += piece.length;
  }
}

export class Http2UpstreamStream implements UpstreamStream, Http2StreamHandler, TurnTask {
  readonly protocol = 'HTTP/2';
  readonly #connection: Http2Connection;
  /** null once the exchange is over. */
  #exchange: UpstreamExchange | null;
  /** null until the request's head is sent. */
  #stream: Http2Stream | null = null;
  #tunnel: UpstreamTunnel | null = null;
  #tunnelTimer: TunnelTimer | null = null;
  /** The protocol of an extended CONNECT. */
  #upgradeTo: string | null = null;
  /** `sec-websocket-key` of an extended CONNECT. */
  #webSocketKey: string | null = null;
  /** Not sent before the endpoint has said that it takes extended CONNECT; null: nothing waits. */
  #held: HeldRequest | null = null;
  /** Why the request was not sent at all. */
  #refusal: UpstreamFailure = 'refused-stream';
  #trailers: HeaderList | null = null;
  /** `writes` of the connection when the head was handed to the session. */
  #writesBefore = 0;
  /** The connection no longer counts the stream. */
  #over = false;

  constructor(connection: Http2Connection, exchange: UpstreamExchange) {
    this.#connection = connection;
    this.#exchange = exchange;
  }

  get localAddress(): string {
    return this.#connection.localAddress;
  }

  get tls(): UpstreamTlsFacts | null {
    return this.#connection.tls;
  }

  get bufferedBytes(): number {
    if (this.#stream !== null) return this.#stream.queuedBytes;
    return this.#held === null ? 0 : this.#held.bytes;
  }

  sendHead(head: UpstreamHead): void {
    if (head.upgrading) this.#sendUpgrade(head);
    else this.#open(head, head.framing.kind === 'none');
  }

  sendBody(piece: string | Buffer): void {
    if (this.#held === null) this.#stream?.sendData(piece);
    else this.#held.keep(piece);
  }

  sendEnd(trailers: HeaderList | null): void {
    if (this.#held !== null) {
      this.#held.ended = true;
      return;
    }
    const fields = trailers === null ? null : http2Trailers(trailers);
    if (fields === null || fields.length === 0) this.#stream?.sendEnd();
    else this.#stream?.sendTrailers(fields);
  }

  pauseReading(): void {
    this.#stream?.pause();
  }

  resumeReading(): void {
    this.#stream?.resume();
  }

  close(): void {
    this.#exchange = null;
    this.#tunnel = null;
    this.#takeHeld();
    // Envoy gives up streams, for whatever reason, with this code.
    this.#stream?.reset(errorCode.internalError);
    this.#end();
  }

  becomeTunnel(tunnel: UpstreamTunnel): void {
    this.#tunnel = tunnel;
  }

  sendTunnelBytes(bytes: Buffer, start: number, end: number): void {
    this.#stream?.sendBytes(bytes, start, end);
  }

  closeTunnel(): void {
    const { dependencies, limits } = this.#connection.pool;
    this.#exchange = null;
    this.#tunnel = null;
    this.#stream?.resume();
    this.#stream?.sendEnd();
    if (this.#over) return;
    if (this.#stream === null || this.#stream.closed) {
      this.#end();
      return;
    }
    this.#tunnelTimer = new TunnelTimer(this);
    dependencies.wheel.arm(this.#tunnelTimer, limits.tunnelLingerMs);
  }

  /** The connection took no stream. */
  onTurnEnd(): void {
    this.#fail(this.#refusal);
  }

  // From the connection, to a request for an upgrade that it holds.

  onSettled(): void {
    const held = this.#takeHeld();
    if (held === null) return;
    this.#sendUpgrade(held.head);
    for (const piece of held.pieces) this.#stream?.sendData(piece);
    if (held.ended) this.#stream?.sendEnd();
  }

  onConnectionLost(): void {
    if (this.#takeHeld() !== null) this.#fail(this.#connection.takeLoss(this.#writesBefore));
  }

  // Http2StreamHandler.

  onHeaders(fields: string[], endStream: boolean): void {
    // `:status` is the first field of every response (RFC 9113, section 8.3).
    const status = Number(fields[1]);
    if (status < 200) {
      this.#exchange?.onInformational(responseHeadOf(fields, status, true));
      return;
    }
    if (this.#upgradeTo !== null && status === 200) {
      const head = switchingProtocolsHead(fields, this.#upgradeTo, this.#webSocketKey);
      this.#exchange?.onResponseHead(head);
    } else {
      this.#exchange?.onResponseHead(responseHeadOf(fields, status, endStream));
    }
    if (endStream) this.onEnd();
  }

  onData(bytes: Buffer, start: number, end: number): void {
    if (this.#tunnel !== null) this.#tunnel.onTunnelBytes(bytes, start, end);
    else this.#exchange?.onResponseBody(bytes, start, end);
  }

  onTrailers(fields: string[]): void {
    this.#trailers = trailersOf(fields);
  }

  onEnd(): void {
    if (this.#tunnel !== null) {
      this.#tunnel.onTunnelEnd();
    } else {
      const exchange = this.#exchange;
      this.#exchange = null;
      exchange?.onResponseEnd(this.#trailers);
    }
    if (this.#stream?.closed === true) this.#end();
  }

  onReset(code: number, origin: ResetOrigin): void {
    this.#fail(this.#failureOf(code, origin));
  }

  onDrain(): void {
    this.#exchange?.onDrain();
  }

  /** An extended CONNECT, which is only for endpoints that have allowed it (RFC 8441, section 3). */
  #sendUpgrade(head: UpstreamHead): void {
    const connection = this.#connection;
    const isAllowed = connection.extendedConnect;
    this.#upgradeTo = head.headers.get('upgrade') ?? 'websocket';
    this.#webSocketKey = head.headers.get('sec-websocket-key') ?? null;
    if (isAllowed === true) {
      this.#open(head, false);
    } else if (isAllowed === null) {
      this.#writesBefore = connection.writes;
      this.#held = new HeldRequest(head);
      connection.hold(this);
    } else {
      this.#refusal = 'upgrade-not-allowed';
      connection.pool.dependencies.turns.add(this);
    }
  }

  #open(head: UpstreamHead, endStream: boolean): void {
    const connection = this.#connection;
    this.#writesBefore = connection.writes;
    this.#stream = connection.openStream(http2RequestFields(head), endStream, this);
    // The exchange is still sending: it hears of it afterwards.
    if (this.#stream === null) connection.pool.dependencies.turns.add(this);
  }

  #takeHeld(): HeldRequest | null {
    const held = this.#held;
    this.#held = null;
    if (held !== null) this.#connection.letGo(this);
    return held;
  }

  #failureOf(code: number, origin: ResetOrigin): UpstreamFailure {
    switch (origin) {
      case 'peer':
        if (code === errorCode.protocolError) return 'protocol-error';
        return code === errorCode.refusedStream ? 'refused-stream' : 'remote-reset';
      case 'stream-error':
        // What is beyond a limit is no violation, and Envoy takes it for a reset.
        return code === errorCode.internalError ? 'remote-reset' : 'protocol-error';
      case 'goaway':
        return 'refused-stream';
      case 'connection':
        return this.#connection.takeLoss(this.#writesBefore);
    }
  }

  #fail(failure: UpstreamFailure): void {
    const exchange = this.#exchange;
    const tunnel = this.#tunnel;
    this.#exchange = null;
    this.#tunnel = null;
    this.#end();
    if (tunnel !== null) tunnel.onTunnelEnd();
    else exchange?.onFailure(failure, '');
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#tunnelTimer !== null) {
      this.#connection.pool.dependencies.wheel.disarm(this.#tunnelTimer);
    }
    this.#connection.onStreamOver();
  }
}
