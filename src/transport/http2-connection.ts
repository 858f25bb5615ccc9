/**
 * One HTTP/2 connection to an endpoint, in clear text with prior knowledge (RFC 9113, section 3.3).
 * Many exchanges share it, each on a stream of its own.
 */

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  type ClientSessionRequestOptions,
  connect as connectSession,
} from 'node:http2';
import { connect, type Socket } from 'node:net';
import type { TimerEntry } from '../base/timer-wheel.ts';
import { ConnectionTimer } from './connection-lifetime.ts';
import type { Http2Pool } from './http2-pool.ts';
import { Http2Stream } from './http2-stream.ts';
import type { UpstreamExchange, UpstreamFailure } from './upstream-exchange.ts';

/** An option that the types do not have yet. */
interface LenientFields {
  readonly strictSingleValueFields: false;
}

/** How much of a response the endpoint may send before it is passed on. */
const streamWindowBytes = 256 * 1024;
const connectionWindowBytes = 4 * 1024 * 1024;

export class Http2Connection {
  readonly pool: Http2Pool;
  /** Clock.now() when the connection was made. */
  readonly openedAt: number;
  /** Empty until connected. */
  localAddress = '';
  /** Streams since the connection was made. */
  requests = 0;
  /** Streams that are open. */
  active = 0;
  /** It takes no further stream: the peer said GOAWAY, or the pool gives it up. */
  retired = false;
  /** The endpoint ended it, or could not be reached. */
  closedByPeer = false;
  readonly timer: TimerEntry;

  readonly #socket: Socket;
  #session: ClientHttp2Session | null = null;
  #lost = false;
  #failure: UpstreamFailure = 'connect-refused';
  #message = '';
  /** Bytes that the counters have. */
  #counted = { read: 0, written: 0 };

  constructor(pool: Http2Pool) {
    const { address, clock } = pool.dependencies;
    this.pool = pool;
    this.openedAt = clock.now();
    this.timer = new ConnectionTimer(this);
    this.#socket = connect({ host: address.address, port: address.port, noDelay: true });
    this.#listen();
  }

  get connected(): boolean {
    return this.#session !== null;
  }

  /** The socket is closed, or about to be. */
  get lost(): boolean {
    return this.#lost || this.#session?.destroyed === true;
  }

  /** How many further streams the peer allows now. Before its SETTINGS, as many as are wanted. */
  get capacity(): number {
    if (this.retired || this.lost || this.#session === null) return 0;
    const { maxConcurrentStreams } = this.#session.remoteSettings ?? {};
    return (maxConcurrentStreams ?? Number.POSITIVE_INFINITY) - this.active;
  }

  open(exchange: UpstreamExchange): Http2Stream {
    this.requests++;
    this.active++;
    return new Http2Stream(this, exchange);
  }

  request(fields: string[], options: ClientSessionRequestOptions): ClientHttp2Stream {
    const session = this.#session as ClientHttp2Session;
    return session.request(fields, options);
  }

  /** A stream has ended, whichever way. */
  onStreamOver(): void {
    this.active--;
    this.#countBytes();
    this.pool.onStreamOver(this);
  }

  /** Open streams go on; the connection ends with the last one. */
  retire(): void {
    this.retired = true;
    if (this.#session === null) this.#socket.destroy();
    else this.#session.close();
  }

  onTimer(): void {
    if (this.connected) {
      this.pool.onIdleTimer(this);
      return;
    }
    this.#failure = 'connect-timeout';
    this.#message = 'connection timeout';
    this.#socket.destroy();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('connect', () => this.#onConnected());
    socket.on('end', () => {
      this.closedByPeer = true;
      this.#lost = true;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.closedByPeer = true;
      this.#lost = true;
      if (error.code === 'ETIMEDOUT') this.#failure = 'connect-timeout';
      this.#message = error.message;
    });
    // The session has ended this side, with the last stream: the endpoint may take for ever.
    socket.on('finish', () => socket.destroy());
    socket.on('close', () => this.#onClose());
  }

  #onConnected(): void {
    const socket = this.#socket;
    const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
    if (this.pool.dependencies.isForbidden?.({ localAddress, remoteAddress, remotePort })) {
      this.#message = 'the destination is this proxy';
      socket.destroy();
      return;
    }
    this.localAddress = `${localAddress}:${localPort}`;
    const keepalive = this.pool.settings.tcpKeepalive;
    if (keepalive !== null) socket.setKeepAlive(true, keepalive.timeSeconds * 1000);
    this.#session = this.#startSession();
    this.pool.onConnected(this);
  }

  #startSession(): ClientHttp2Session {
    const { limits } = this.pool;
    const options: ClientSessionOptions & LenientFields = {
      createConnection: () => this.#socket,
      settings: {
        enablePush: false,
        initialWindowSize: streamWindowBytes,
        maxHeaderListSize: limits.responseHeadBytes,
      },
      // What may stand once is the endpoint's to judge: sluice has judged framing already.
      strictSingleValueFields: false,
      // `:status` is one of them.
      maxHeaderListPairs: limits.responseHeaderCount + 1,
    };
    const session = connectSession('http://endpoint', options);
    session.on('goaway', () => {
      this.retired = true;
      this.pool.onRetired(this);
    });
    session.on('remoteSettings', () => this.pool.onCapacity(this));
    session.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_HTTP2_ERROR') {
        this.pool.dependencies.gate.stats.upstreamCxProtocolError++;
      }
    });
    session.on('connect', () => session.setLocalWindowSize(connectionWindowBytes));
    return session;
  }

  #onClose(): void {
    this.#lost = true;
    this.#countBytes();
    if (!this.connected) this.pool.onConnectFailed(this.#failure, this.#message);
    this.pool.onClosed(this);
  }

  #countBytes(): void {
    const { stats } = this.pool.dependencies.gate;
    const { bytesRead, bytesWritten } = this.#socket;
    stats.upstreamCxRxBytesTotal += bytesRead - this.#counted.read;
    stats.upstreamCxTxBytesTotal += bytesWritten - this.#counted.written;
    this.#counted.read = bytesRead;
    this.#counted.written = bytesWritten;
  }
}
