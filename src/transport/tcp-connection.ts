/**
 * One connection of a TCP proxy to an endpoint: bytes, the end of either direction, and how it was
 * lost. It belongs to one client and is never used again.
 */

import type { Socket } from 'node:net';
import type { ReadBuffer } from './accept.ts';
import { PacedReading } from './paced-reading.ts';
import type { ConnectionEnd } from './proxy-protocol.ts';
import { SocketWriter, type WriteCounter } from './socket-writer.ts';
import type { ConnectionEnds, ConnectionGate } from './upstream-pool.ts';
import { openUpstream, resetUpstream } from './upstream-socket.ts';
import type { UpstreamTlsClient } from './upstream-tls-client.ts';
import { UpstreamTlsFacts } from './upstream-tls-facts.ts';
import type { WriteQueue } from './write-queue.ts';

/** How a connection ended before both directions had. */
export type TcpLoss = 'connect-refused' | 'connect-timeout' | 'reset';

export interface TcpConnectionOwner {
  onConnected(): void;
  /** The bytes are valid during the call only. */
  onEndpointBytes(bytes: Buffer, start: number, end: number): void;
  /** The endpoint has taken what was queued. */
  onEndpointDrain(): void;
  /** The endpoint has ended its direction. */
  onEndpointEnd(): void;
  /** The socket is gone; told once, last, unless the owner destroyed it. null: both had ended. */
  onEndpointClosed(loss: TcpLoss | null, message: string): void;
}

export interface TcpConnectionOptions {
  readonly endpoint: ConnectionEnd;
  readonly gate: ConnectionGate;
  readonly turns: WriteQueue;
  readonly readBuffer: ReadBuffer;
  readonly tcpKeepalive: { readonly timeSeconds: number } | null;
  /** null: clear text. */
  readonly tls: UpstreamTlsClient | null;
  /** Latin-1 text that goes before everything, TLS included; empty: nothing. */
  readonly prologue: string;
  /** Looked at when the connection is made, before anything is sent; null: any will do. */
  readonly isForbidden: ((ends: ConnectionEnds) => boolean) | null;
}

export class TcpConnection implements WriteCounter {
  readonly writer: SocketWriter;
  connected = false;
  /** Set when it is connected; null: plain text. */
  tls: UpstreamTlsFacts | null = null;
  readonly #owner: TcpConnectionOwner;
  readonly #options: TcpConnectionOptions;
  readonly #socket: Socket;
  readonly #reading: PacedReading;
  #closedByPeer = false;
  #loss: TcpLoss | null = null;
  #message = '';
  /** The owner has turned away. */
  #destroyed = false;

  /** Counts as open from now on. */
  constructor(owner: TcpConnectionOwner, options: TcpConnectionOptions) {
    this.#owner = owner;
    this.#options = options;
    options.gate.openConnection();
    const { endpoint, readBuffer, tls, isForbidden, prologue } = options;
    this.#socket = openUpstream({
      endpoint,
      read: { buffer: readBuffer, onRead: (length, buffer) => this.#onRead(buffer, length) },
      tls,
      isForbidden,
      allowHalfOpen: true,
      prologue,
      onOpen: () => this.#onOpen(),
    });
    this.#reading = new PacedReading(this.#socket, options.turns);
    this.writer = new SocketWriter(this.#socket, options.turns, this);
    this.#listen();
  }

  /** `address:port` on this side, once connected. */
  get localAddress(): string {
    return `${this.#socket.localAddress ?? ''}:${this.#socket.localPort ?? 0}`;
  }

  pauseReading(): void {
    this.#reading.pause();
  }

  resumeReading(): void {
    this.#reading.resume();
  }

  /** Ends this direction after the last byte. */
  end(): void {
    this.writer.flush();
    this.#socket.end();
  }

  /** The connect timeout has passed. */
  giveUpConnecting(): void {
    this.#lose('connect-timeout', 'connection timeout');
    this.#socket.destroy();
  }

  /** Ends both directions at once; the owner is told nothing more. */
  destroy(): void {
    this.#destroyed = true;
    this.#socket.destroy();
  }

  /** The same, and the endpoint sees a reset. */
  reset(): void {
    this.#destroyed = true;
    if (this.connected) resetUpstream(this.#socket);
    else this.#socket.destroy();
  }

  countWritten(bytes: number): void {
    this.#options.gate.stats.upstreamCxTxBytesTotal += bytes;
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('drain', () => this.#owner.onEndpointDrain());
    socket.on('end', () => {
      this.#closedByPeer = true;
      if (!this.#destroyed) this.#owner.onEndpointEnd();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => this.#onError(error));
    socket.on('close', () => this.#onClose());
  }

  #onOpen(): void {
    this.connected = true;
    this.tls = UpstreamTlsFacts.of(this.#socket);
    const { tcpKeepalive, prologue } = this.#options;
    if (prologue !== '') this.countWritten(prologue.length);
    if (tcpKeepalive !== null) this.#socket.setKeepAlive(true, tcpKeepalive.timeSeconds * 1000);
    if (!this.#destroyed) this.#owner.onConnected();
  }

  #onRead(buffer: Buffer, length: number): void {
    this.#options.gate.stats.upstreamCxRxBytesTotal += length;
    this.#reading.take(length);
    if (!this.#destroyed) this.#owner.onEndpointBytes(buffer, 0, length);
  }

  #onError(error: NodeJS.ErrnoException): void {
    this.#closedByPeer = true;
    if (this.connected) this.#lose('reset', error.message);
    else if (error.code === 'ETIMEDOUT') this.#lose('connect-timeout', error.message);
    else this.#lose('connect-refused', error.message);
  }

  #lose(loss: TcpLoss, message: string): void {
    this.#loss ??= loss;
    this.#message ||= message;
  }

  #onClose(): void {
    const { gate } = this.#options;
    if (!this.connected && this.#loss !== null) {
      gate.connectFailed(this.#loss === 'connect-timeout');
    }
    gate.connectionClosed(this.#closedByPeer, this.connected);
    if (!this.#destroyed) this.#owner.onEndpointClosed(this.#loss, this.#message);
  }
}
