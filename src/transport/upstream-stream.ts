/**
 * One exchange on a connection to an endpoint, whatever protocol it speaks: what the proxy may do
 * with it. An HTTP/1.1 connection is its own stream; of HTTP/2 many share a connection.
 */

import type { HeaderList } from '../http1/header-list.ts';
import type { BodyFraming } from '../http1/message-head.ts';
import type { UpstreamTunnel } from './upstream-exchange.ts';
import type { UpstreamTlsFacts } from './upstream-tls-facts.ts';

export interface UpstreamHead {
  readonly method: string;
  readonly path: string;
  /** Of the request as the client made it, whatever the connection to the endpoint is. */
  readonly scheme: 'http' | 'https';
  /** The client spoke HTTP/2. */
  readonly isHttp2: boolean;
  /** With the host line first, without lines of one protocol's framing (transfer-encoding). */
  readonly headers: HeaderList;
  readonly framing: BodyFraming;
  /** The connection and upgrade lines are there, and a 101 is welcome. */
  readonly upgrading: boolean;
}

export interface UpstreamStream {
  readonly protocol: 'HTTP/1.1' | 'HTTP/2';
  /** `address:port` on this side. */
  readonly localAddress: string;
  /** null: plain text. */
  readonly tls: UpstreamTlsFacts | null;
  /** Bytes that the peer has not taken yet; `UpstreamExchange.onDrain` comes when it has. */
  readonly bufferedBytes: number;

  /** Begins a request. One without a body ends with it. */
  sendHead(head: UpstreamHead): void;
  /** A piece of the body that nobody changes any more: latin-1 text, or bytes. */
  sendBody(piece: string | Buffer): void;
  /** Ends a request that has a body; only bodies of unknown length can have trailers. */
  sendEnd(trailers: HeaderList | null): void;

  pauseReading(): void;
  resumeReading(): void;

  /**
   * The exchange is over, and is told nothing more. Where a message has not ended the stream is
   * reset (HTTP/1.1: the connection is closed); otherwise the connection serves others.
   */
  close(): void;

  /** After a 101: bytes go to `tunnel` from now on. */
  becomeTunnel(tunnel: UpstreamTunnel): void;
  /** Bytes of the tunnel, valid during the call only. */
  sendTunnelBytes(bytes: Buffer, start: number, end: number): void;
  /** Ends the tunnel: what is queued still leaves, if the endpoint takes it in time. */
  closeTunnel(): void;
}
