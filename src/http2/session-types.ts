/** What a session and its owner know of each other: the words of both directions. */

import type { Clock } from '../base/clock.ts';
import type { Http2Limits } from './http2-limits.ts';
import type { OutputSlabs } from './output-slabs.ts';
import type { Http2SessionError, MalformedKind } from './session-errors.ts';

/** Where the frames of a session go. */
export interface Http2Output {
  /** Bytes that were written here and are still on their way to the kernel. */
  readonly queuedBytes: number;
  /**
   * There is something to write: call `flush` of the session at the end of the turn, so that all
   * frames of the turn leave together. Called once, until that `flush`.
   */
  requestFlush(): void;
  /**
   * `bytes` are not changed until `queuedBytes` is 0. Call `onOutputDrain` of the session when all
   * is written.
   */
  write(bytes: Buffer): void;
}

export interface Http2SessionOptions {
  readonly role: 'client' | 'server';
  readonly limits: Http2Limits;
  readonly output: Http2Output;
  readonly handler: Http2SessionHandler;
  readonly clock: Clock;
  /** Shared by the sessions of a process. */
  readonly slabs: OutputSlabs;
  /** Server: clients may use extended CONNECT (RFC 8441). */
  readonly extendedConnect: boolean;
}

export interface Http2Malformed {
  readonly kind: MalformedKind;
  /** With which the stream is reset. */
  readonly code: number;
  /** For logs. */
  readonly message: string;
}

/**
 * Who ended a stream before its time: the peer; this side, because the peer broke a rule; a GOAWAY
 * that says the peer has not looked at the stream; the end of the connection.
 */
export type ResetOrigin = 'peer' | 'stream-error' | 'goaway' | 'connection';

/** Hears of a session. Every method may call everything. */
export interface Http2SessionHandler {
  /**
   * Server: a well-formed request. `fields` is `[name, value, …]`, pseudo-header fields first, and
   * belongs to the receiver. null: nobody wants the stream, and it is refused.
   */
  onStream(stream: Http2Stream, fields: string[], endStream: boolean): Http2StreamHandler | null;
  /**
   * The stream is not valid HTTP. `reset` is what RFC 9113 asks for: the stream ends, and the
   * connection goes on. `close` makes it an error of the connection. A handler of the stream, if
   * there is one, hears `onReset` afterwards.
   */
  onMalformed(streamId: number, malformed: Http2Malformed): 'reset' | 'close';
  /** SETTINGS have changed: `canOpenStream`, `peerAllowsExtendedConnect`. */
  onPeerSettings(): void;
  onPingAck(): void;
  /** The peer takes no further streams; those that it has not looked at were reset. */
  onGoaway(lastStreamId: number, code: number): void;
  /** The last open stream has ended; also within a call of this side, a `sendEnd` for example. */
  onStreamsIdle(): void;
  /**
   * The connection is at its end; GOAWAY is queued, streams were reset. Flush, then close. The
   * session ignores what comes from now on.
   */
  onSessionError(error: Http2SessionError): void;
}

/** Hears of a stream. Every method may call everything. */
export interface Http2StreamHandler {
  /** Client: an interim response (1xx, as often as it comes), then the final one. */
  onHeaders(fields: string[], endStream: boolean): void;
  /**
   * `bytes[start, end)` is valid during the call only. A stream that is paused is still handed what
   * is on its way: at most a window (`streamWindowBytes`).
   */
  onData(bytes: Buffer, start: number, end: number): void;
  /** `onEnd` follows. */
  onTrailers(fields: string[]): void;
  /**
   * The peer has ended its side, with DATA or trailers; where a header block ends it, `endStream`
   * says so instead. `onDrain` and `onReset` may follow as long as this side has not ended.
   */
  onEnd(): void;
  /** The stream is over, in both directions. Not called after a `reset` of one's own. */
  onReset(code: number, origin: ResetOrigin): void;
  /** Less than the mark is queued, after it was more. */
  onDrain(): void;
}

/** One stream. After it has ended, or was reset, its methods do nothing. */
export interface Http2Stream {
  readonly id: number;
  /** Own data that waits for windows or for the output. */
  readonly queuedBytes: number;
  /** Neither side has anything more to say; also after a reset. */
  readonly closed: boolean;

  /** Server: interim responses, then the final one. The codec checks nothing of `fields`. */
  sendHeaders(fields: readonly string[], endStream: boolean): void;
  /** A piece that nobody changes any more: latin-1 text, or bytes. */
  sendData(piece: string | Buffer): void;
  /** Bytes that are valid during the call only. */
  sendBytes(bytes: Buffer, start: number, end: number): void;
  sendEnd(): void;
  /** Ends the stream with trailers. */
  sendTrailers(fields: readonly string[]): void;

  /** The peer is allowed no more data than it was already. */
  pause(): void;
  resume(): void;
  /**
   * Nothing more of the peer's is wanted: what comes is dropped, and once this side has ended, the
   * stream is reset with NO_ERROR (RFC 9113, section 8.1). The handler hears no more of the peer.
   */
  discardInput(): void;
  /** Ends the stream now; queued data is dropped. The handler is told nothing more. */
  reset(code: number): void;
}
