/** The client's side of one exchange: what a stream asks of its connection, whatever that speaks. */

import type { StreamInfo } from '../../telemetry/stream-info.ts';
import type { SocketWriter } from '../../transport/socket-writer.ts';
import type { DownstreamConnection } from '../connection/downstream-connection.ts';
import type { ActiveHttpChain } from '../listener/active-filter-chain.ts';
import type { ActiveListener } from '../listener/active-listener.ts';
import type { ProxyContext } from '../proxy-context.ts';
import type { Stream } from '../stream/stream.ts';
import type { ResponseWriter } from './response-writer.ts';

/** What the body of a request is read from. */
export interface RequestReader {
  pauseReading(): void;
  resumeReading(): void;
}

/** The raw bytes after a switch of protocols. */
export interface DownstreamTunnel extends RequestReader {
  readonly writer: SocketWriter;
  /** From now on the stream gets what is read as `onTunnelBytes`. */
  becomeTunnel(): void;
  closeAfterWrite(): void;
}

export interface Downstream extends RequestReader {
  readonly context: ProxyContext;
  readonly listener: ActiveListener;
  readonly chain: ActiveHttpChain;
  readonly peerAddress: string;
  /** The connection that it comes on. */
  readonly client: DownstreamConnection;
  /** By TLS, or not. */
  readonly scheme: 'http' | 'https';
  /** The exchange under way is the last one. */
  readonly draining: boolean;
  /** Bytes of the response that the client has not taken yet. */
  readonly bufferedBytes: number;
  /** Bytes that may wait, either way, before the other side of the exchange is no longer read. */
  readonly bufferBytesMax: number;
  /** null where it cannot become one. */
  readonly tunnel: DownstreamTunnel | null;
  /** For an exchange that begins at `now`. */
  startInfo(now: number): StreamInfo;
  startResponse(info: StreamInfo): ResponseWriter;
  /** The stream has ended its response. `now`: Clock.now(). */
  onStreamDone(stream: Stream, keepAlive: boolean, now: number): void;
  /** The response cannot be completed: the client must see that it is cut. */
  abandon(): void;
  /** The same, by a reset. */
  reset(): void;
}
