/** What the parts of a session share: its state, and how it and its streams end. */

import { ConnectionWindow } from './connection-window.ts';
import { DataScheduler } from './data-scheduler.ts';
import { FloodGuard } from './flood-guard.ts';
import { FrameWriter } from './frame-writer.ts';
import { HpackEncoder } from './hpack-encoder.ts';
import type { Http2Limits } from './http2-limits.ts';
import { PeerSettings } from './peer-settings.ts';
import { defaultWindowBytes, errorCode, int31Max } from './protocol.ts';
import type { FloodKind, Http2SessionError, MalformedKind } from './session-errors.ts';
import type { SessionStream } from './session-stream.ts';
import type { Http2SessionHandler, Http2SessionOptions, ResetOrigin } from './session-types.ts';
import { StreamTable } from './stream-table.ts';

const malformedMessages: Readonly<Record<MalformedKind, string>> = {
  'field-name': 'a field name has bytes that no name may have',
  'field-value': 'a field value has bytes that no value may have, or white space around it',
  'connection-field': 'a field is of HTTP/1.1 connections alone',
  'pseudo-field': 'a pseudo-header field is unknown, repeated, misplaced or missing',
  method: ':method is no token',
  scheme: ':scheme is no URI scheme',
  path: ':path is no path',
  authority: ':authority or host is no authority',
  status: ':status is no status of HTTP/2',
  'content-length': 'content-length is no number, or there more than once',
  'body-length': 'content-length and the bytes of DATA differ',
  trailers: 'trailers do not end the stream',
  'too-large': 'the header block is too large',
  'too-many-fields': 'the header block has too many fields',
};

const floodMessages: Readonly<Record<FloodKind, string>> = {
  continuations: 'too many CONTINUATION frames',
  'early-resets': 'too many streams that were reset at once',
  'empty-frames': 'too many empty frames',
  'ignored-frames': 'too many frames without a meaning',
  'queued-answers': 'too many frames that ask for answers, which are not read',
  'queued-frames': 'too much that is not read',
  'window-updates': 'too many WINDOW_UPDATE frames',
};

export class SessionCore {
  readonly options: Http2SessionOptions;
  readonly isServer: boolean;
  readonly limits: Http2Limits;
  readonly handler: Http2SessionHandler;
  readonly encoder = new HpackEncoder();
  readonly writer: FrameWriter;
  readonly scheduler: DataScheduler;
  readonly window: ConnectionWindow;
  readonly table = new StreamTable();
  readonly peer: PeerSettings;
  readonly guard: FloodGuard;
  /** After an error of the connection, or its end. */
  closed = false;
  /** What the peer may send on a new stream: ours once the peer has acknowledged our SETTINGS. */
  streamWindowBytes = defaultWindowBytes;
  /** Streams above it are not served: GOAWAY was sent. */
  lastServedId = int31Max;
  /** The peer has sent GOAWAY. */
  peerGoesAway = false;
  /** The initial window of the peer has grown: streams that wait may be able to send. */
  #windowsGrew = false;

  constructor(options: Http2SessionOptions) {
    this.options = options;
    this.isServer = options.role === 'server';
    this.limits = options.limits;
    this.handler = options.handler;
    this.writer = new FrameWriter(options, this.encoder);
    this.scheduler = new DataScheduler(options, this.writer);
    this.window = new ConnectionWindow(options.limits, this.writer);
    this.peer = new PeerSettings(!this.isServer);
    this.guard = new FloodGuard(options.limits);
  }

  /** An error of the connection: everything ends. */
  fail(code: number, message: string): void {
    this.#fail({ code, message, flood: null });
  }

  /** The peer does too much of something; null: it does not. */
  failFlood(flood: FloodKind | null): void {
    if (flood === null) return;
    this.#fail({ code: errorCode.enhanceYourCalm, message: floodMessages[flood], flood });
  }

  failWindow(): void {
    this.fail(errorCode.flowControlError, 'a window is above 2^31-1');
  }

  /**
   * RFC 9113, section 6.9.2: the windows of open streams change with it. They are looked at when
   * frames are written next, for any number of SETTINGS once.
   */
  setInitialWindow(bytes: number): void {
    const { scheduler } = this;
    if (bytes > scheduler.initialWindow && this.table.size > 0) {
      this.#windowsGrew = true;
      this.writer.requestFlush();
    }
    scheduler.initialWindow = bytes;
  }

  /** Data goes as far as the windows and the output allow. */
  sendData(): void {
    if (this.#windowsGrew) this.#resumeStreams();
    if (!this.closed) this.scheduler.pump();
  }

  /** The connection is gone. */
  close(code: number): void {
    if (this.closed) return;
    this.closed = true;
    for (const stream of this.table.values()) this.endStream(stream, code, 'connection');
  }

  /** Whether the peer lets too many answers queue up. To be called when one was written. */
  checkQueue(): void {
    const { writer, guard } = this;
    if (guard.checkQueued(writer.controlFrames) === null) return;
    // A peer that reads takes them now.
    writer.handOver();
    this.failFlood(guard.checkQueued(writer.controlFrames));
  }

  /**
   * The same for frames of all kinds. To be called when a head was written. A client opens streams
   * of its own accord, and its resets are counted.
   */
  checkOutput(): void {
    const { isServer, writer, guard } = this;
    if (!isServer) return;
    if (guard.checkOutput(writer.queuedFrames, writer.queuedBytes) === null) return;
    writer.handOver();
    this.failFlood(guard.checkOutput(writer.queuedFrames, writer.queuedBytes));
  }

  /** RST_STREAM; what the peer sends on the stream meanwhile is ignored. */
  writeReset(streamId: number, code: number): void {
    this.table.noteReset(streamId);
    this.writer.rstStream(streamId, code);
    this.checkQueue();
  }

  /** The peer broke a rule of the stream. */
  failStream(stream: SessionStream, code: number): void {
    if (stream.closed) return;
    this.endStream(stream, code, 'stream-error');
    if (this.closed) return;
    this.writeReset(stream.id, code);
    this.countReset(stream);
  }

  /** The stream, `null` if it is not open yet, is not valid HTTP. */
  failMalformed(streamId: number, stream: SessionStream | null, kind: MalformedKind): void {
    const isLimit = kind === 'too-large' || kind === 'too-many-fields';
    const code = isLimit ? errorCode.internalError : errorCode.protocolError;
    const message = malformedMessages[kind];
    const action = this.handler.onMalformed(streamId, { kind, code, message });
    if (this.closed) return;
    if (action === 'close') this.fail(errorCode.protocolError, message);
    else if (stream === null) this.refuseMalformed(streamId, code);
    else this.failStream(stream, code);
  }

  /** A request that is none has cost this side as much as one that is given up at once. */
  refuseMalformed(streamId: number, code: number): void {
    this.writeReset(streamId, code);
    this.guard.countEnded();
    this.failFlood(this.guard.checkReset(0));
  }

  /** Tells the handler of a stream that it is over. */
  endStream(stream: SessionStream, code: number, origin: ResetOrigin): void {
    if (stream.closed) return;
    const handler = stream.handler;
    stream.isLost = handler === null;
    this.forget(stream);
    handler?.onReset(code, origin);
    this.checkIdle();
  }

  /** The stream is over. `checkIdle` is to follow, once its handler knows. */
  forget(stream: SessionStream): void {
    stream.close();
    this.table.remove(stream.id);
    this.guard.countEnded();
  }

  checkIdle(): void {
    if (this.table.size === 0 && !this.closed) this.handler.onStreamsIdle();
  }

  /** Streams that a client opens and gives up at once cost it nothing, and us a request. */
  countReset(stream: SessionStream): void {
    if (!this.isServer) return;
    this.failFlood(this.guard.checkReset(this.options.clock.now() - stream.openedAt));
  }

  #resumeStreams(): void {
    this.#windowsGrew = false;
    for (const stream of this.table.values()) {
      if (this.scheduler.tryResume(stream.send)) continue;
      this.failWindow();
      return;
    }
  }

  #fail(error: Http2SessionError): void {
    if (this.closed) return;
    const { code, message } = error;
    this.writer.goaway(this.isServer ? this.table.lastId : 0, code, message);
    this.close(code);
    this.handler.onSessionError(error);
  }
}
