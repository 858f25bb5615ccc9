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
  responseTrailersOf,
  switchingProtocolsHead,
} from './http2-fields.ts';
import type { UpstreamExchange, UpstreamFailure, UpstreamTunnel } from './upstream-exchange.ts';
import type { UpstreamHead, UpstreamStream } from './upstream-stream.ts';

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

  get bufferedBytes(): number {
    return this.#stream === null ? 0 : this.#stream.queuedBytes;
  }

  sendHead(head: UpstreamHead): void {
    const connection = this.#connection;
    const endStream = head.framing.kind === 'none' && !head.upgrading;
    if (head.upgrading) {
      this.#upgradeTo = head.headers.get('upgrade') ?? 'websocket';
      this.#webSocketKey = head.headers.get('sec-websocket-key') ?? null;
    }
    this.#writesBefore = connection.writes;
    this.#stream = connection.openStream(http2RequestFields(head), endStream, this);
    // The exchange is still sending: it hears of it afterwards.
    if (this.#stream === null) connection.pool.dependencies.turns.add(this);
  }

  sendBody(piece: string | Buffer): void {
    this.#stream?.sendData(piece);
  }

  sendEnd(trailers: HeaderList | null): void {
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
    this.#fail('refused-stream');
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
    this.#trailers = responseTrailersOf(fields);
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

  #failureOf(code: number, origin: ResetOrigin): UpstreamFailure {
    switch (origin) {
      case 'peer':
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
