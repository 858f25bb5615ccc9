/**
 * One accepted connection: its socket, who is at its ends, and who reads it. Stays the same while
 * protocols take turns on it.
 */

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Listener } from '../../model/listener.ts';
import { StreamInfo } from '../../telemetry/stream-info.ts';
import { type AcceptedHandle, adoptSocket, type ReadOptions } from '../../transport/accept.ts';
import { type PacedReader, PacedReading } from '../../transport/paced-reading.ts';
import type { ConnectionEnd, ProxiedEnds } from '../../transport/proxy-protocol.ts';
import { SocketWriter, type WriteCounter } from '../../transport/socket-writer.ts';
import type { TlsSocketOptions } from '../../transport/tls-acceptor.ts';
import { resetTls } from '../../transport/tls-socket.ts';
import type { ActiveFilterChain } from '../listener/active-filter-chain.ts';
import type { ActiveListener } from '../listener/active-listener.ts';
import type { ProxyContext } from '../proxy-context.ts';
import type { ConnectionTls } from '../tls/tls-connection.ts';
import type { ConnectionHandler } from './connection-handler.ts';
import { LingeringClose } from './lingering-close.ts';

/** Something that is for one connection of a client, and ends with it. */
export interface ConnectionDependent {
  onClientGone(): void;
}

export class DownstreamConnection implements WriteCounter, PacedReader {
  readonly listener: ActiveListener;
  readonly context: ProxyContext;
  /** Counts the connections of the process, from 1. */
  readonly id: number;
  /** Clock.now(). */
  readonly acceptedAt: number;
  /** Who is at the ends: of the socket, or as a PROXY protocol header says. */
  peerAddress: string;
  remoteAddress: string;
  localAddress: string;
  /** Of the socket, whatever a header says. */
  readonly directRemoteAddress: string;
  /** Where a PROXY protocol header says that the client wanted to go; null: nobody says. */
  destination: ConnectionEnd | null = null;
  /** That was chosen for it; null: none yet. */
  chain: ActiveFilterChain | null = null;
  /** That the ClientHello asks for, lower case; null: none, or nobody looked. */
  serverName: string | null = null;
  /** null: it comes in plain text. */
  tls: ConnectionTls | null = null;

  #socket: Socket;
  /** The same, where TLS ends here; null elsewhere. */
  #tlsSocket: TLSSocket | null = null;
  #writer: SocketWriter;
  #handler: ConnectionHandler | null = null;
  readonly #reading: PacedReading;
  #closedByPeer = false;
  #lost = false;
  /** null: there never was any. */
  #dependents: Set<ConnectionDependent> | null = null;
  /** null while it is not being closed. */
  #lingering: LingeringClose | null = null;

  constructor(accepted: AcceptedHandle, listener: ActiveListener) {
    this.listener = listener;
    this.context = listener.context;
    this.id = this.context.nextConnectionId++;
    this.acceptedAt = this.context.clock.now();
    const socket = adoptSocket(accepted, this.#reads);
    this.#socket = socket;
    this.peerAddress = plainAddress(socket.remoteAddress ?? '');
    this.remoteAddress = `${this.peerAddress}:${socket.remotePort ?? 0}`;
    this.localAddress = `${plainAddress(socket.localAddress ?? '')}:${socket.localPort ?? 0}`;
    this.directRemoteAddress = this.remoteAddress;
    this.#reading = new PacedReading(this.#socket, this.context.turns, this);
    this.#writer = new SocketWriter(this.#socket, this.context.turns, this);
    this.#listen();
  }

  get writer(): SocketWriter {
    return this.#writer;
  }

  /** By TLS, or not. */
  get scheme(): 'http' | 'https' {
    return this.tls === null ? 'http' : 'https';
  }

  /** Takes over from whoever reads now. */
  set handler(handler: ConnectionHandler) {
    this.#handler = handler;
  }

  /** It ended by a reset, or another error of its socket. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Both ends, as far as they are known. */
  get ends(): ProxiedEnds {
    return { source: endOf(this.remoteAddress), destination: endOf(this.localAddress) };
  }

  /** A proxy in front has said between whom the connection is. */
  adoptEnds({ source, destination }: ProxiedEnds): void {
    this.peerAddress = source.address;
    this.remoteAddress = `${source.address}:${source.port}`;
    this.localAddress = `${destination.address}:${destination.port}`;
    this.destination = destination;
  }

  addDependent(dependent: ConnectionDependent): void {
    this.#dependents ??= new Set();
    this.#dependents.add(dependent);
  }

  removeDependent(dependent: ConnectionDependent): void {
    this.#dependents?.delete(dependent);
  }

  /** The end of the client's direction is not the end of the other: `end` is called for that. */
  keepHalfOpen(): void {
    this.#socket.allowHalfOpen = true;
  }

  /** For what begins at `now`, on this connection. */
  startInfo(listener: Listener, now: number): StreamInfo {
    const info = new StreamInfo(listener, now, this.context.wallTime.at(now));
    info.connectionId = this.id;
    info.downstreamLocalAddress = this.localAddress;
    info.downstreamRemoteAddress = this.remoteAddress;
    info.downstreamDirectRemoteAddress = this.directRemoteAddress;
    info.requestedServerName = this.serverName;
    info.tls = this.tls;
    // Istio names the chains of inbound listeners alone.
    if (listener.direction === 'inbound') info.filterChainName = this.chain?.model.name ?? '';
    return info;
  }

  /**
   * TLS ends here: what is read from now on is its plain text. Whoever handles the connection then
   * writes to a new `writer`.
   */
  startTls(options: Omit<TlsSocketOptions, 'read'>): TLSSocket {
    const plain = this.#socket;
    plain.removeAllListeners();
    // What goes wrong below shows above.
    plain.on('error', () => {});
    const socket = this.context.tlsAcceptor.accept(plain, { ...options, read: this.#reads });
    this.#socket = socket;
    this.#tlsSocket = socket;
    this.listener.stats.downstreamCxSslTotal++;
    this.listener.stats.downstreamCxSslActive++;
    this.#reading.moveTo(socket);
    this.#writer = new SocketWriter(socket, this.context.turns, this);
    this.#listen();
    return socket;
  }

  pauseReading(): void {
    this.#reading.pause();
  }

  resumeReading(): void {
    this.#reading.resume();
  }

  /** It has brought enough for one turn of the event loop. Its handler hears of the next one. */
  waitForTurn(): void {
    this.#reading.waitForTurn();
  }

  onTurn(): void {
    try {
      this.#handler?.onTurn?.();
    } catch (error) {
      // As of one in what was read just now: it costs this connection and no other.
      this.context.readBuffer.onDefect(error as Error);
      this.#socket.destroy(error as Error);
    }
  }

  /** Ends the connection when it is idle, after what is under way otherwise. */
  drain(): void {
    this.#handler?.drain();
  }

  /** Nothing that is on its way from the client may get lost by it. */
  announceEnd(): void {
    this.#handler?.announceEnd?.();
  }

  /** Ends it at once, with what is under way. */
  destroy(): void {
    this.#handler?.cancel();
    this.#socket.destroy();
  }

  /** Half-closes after the last byte. */
  end(): void {
    this.#writer.flush();
    this.#socket.end();
  }

  /** Ends it after the last byte; nobody handles what is still read. */
  closeAfterWrite(): void {
    this.end();
    this.#linger();
  }

  /** Ends it with a TCP reset, once the system has taken what was written. */
  reset(): void {
    this.#writer.flush();
    this.#socket.write('', () => this.resetNow());
    this.#linger();
  }

  /** The same, whatever is still to be written. */
  resetNow(): void {
    if (this.#tlsSocket === null) this.#socket.resetAndDestroy();
    else resetTls(this.#tlsSocket);
  }

  countWritten(bytes: number): void {
    this.listener.stats.downstreamCxTxBytesTotal += bytes;
  }

  #linger(): void {
    this.resumeReading();
    this.#lingering ??= new LingeringClose(this);
  }

  get #reads(): ReadOptions {
    return {
      buffer: this.context.readBuffer,
      onRead: (length, buffer) => this.#onRead(buffer, length),
    };
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('drain', () => this.#handler?.onDrain());
    socket.on('end', () => this.#onEnd());
    socket.on('error', () => this.#onError());
    socket.on('close', () => this.#onClose());
  }

  #onRead(buffer: Buffer, length: number): void {
    this.listener.stats.downstreamCxRxBytesTotal += length;
    this.#reading.take(length);
    this.#handler?.onBytes(buffer, 0, length);
  }

  /** The close event that follows does what else there is to do. */
  #onError(): void {
    this.#closedByPeer = true;
    this.#lost = true;
  }

  #onEnd(): void {
    this.#closedByPeer = true;
    this.#handler?.onPeerEnd();
  }

  #onClose(): void {
    if (this.#lingering !== null) this.context.wheel.disarm(this.#lingering);
    this.#handler?.onClosed();
    for (const dependent of this.#dependents ?? []) dependent.onClientGone();
    if (this.#closedByPeer) this.listener.stats.downstreamCxDestroyRemote++;
    if (this.#tlsSocket !== null) this.listener.stats.downstreamCxSslActive--;
    this.listener.onConnectionClosed(this);
  }
}

/** The parts of `address:port`. */
function endOf(text: string): ConnectionEnd {
  const colon = text.lastIndexOf(':');
  return { address: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}

/** IPv4 addresses on a dual-stack socket without their IPv6 prefix. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
