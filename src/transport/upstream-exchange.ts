/** What a connection to an endpoint tells an exchange that uses it. */

import type { HeaderList } from '../http1/header-list.ts';
import type { ResponseHead } from '../http1/message-head.ts';
import type { UpstreamStream } from './upstream-stream.ts';

/** Why an exchange lost its connection, or never got one. */
export type UpstreamFailure =
  | 'connect-refused'
  | 'connect-timeout'
  /** A connection that had served before ended before a byte of the request left. */
  | 'not-sent'
  /** Closed by the peer, with FIN. */
  | 'connection-termination'
  /** Closed by the peer, with RST, or by an error of the socket. */
  | 'reset'
  /** HTTP/2: the peer has not looked at the request (REFUSED_STREAM, or behind its GOAWAY). */
  | 'refused-stream'
  /** HTTP/2: the peer reset the stream, or its head is beyond the limits; the connection goes on. */
  | 'remote-reset'
  /** HTTP/2: the endpoint takes no extended CONNECT, so a request for an upgrade has not left. */
  | 'upgrade-not-allowed'
  /** The response broke the rules of its protocol, or the request, as the peer says. */
  | 'protocol-error';

export interface UpstreamExchange {
  /** A stream that had to be waited for is there. False: it is not wanted after all. */
  onStream(stream: UpstreamStream): boolean;
  onInformational(head: ResponseHead): void;
  onResponseHead(head: ResponseHead): void;
  /** The bytes are valid during the call only. */
  onResponseBody(bytes: Buffer, start: number, end: number): void;
  onResponseEnd(trailers: HeaderList | null): void;
  /** Nothing follows. `message` is the system's word for it. */
  onFailure(failure: UpstreamFailure, message: string): void;
  /** The peer takes bytes again after it was slow. */
  onDrain(): void;
}

/** The exchange of a stream that has become a tunnel (101). */
export interface UpstreamTunnel {
  onTunnelBytes(bytes: Buffer, start: number, end: number): void;
  onTunnelEnd(): void;
}
