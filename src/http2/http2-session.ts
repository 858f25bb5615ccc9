/**
 * One HTTP/2 connection over bytes, as client or server (RFC 9113): frames, header compression,
 * streams, windows, and the limits on all of them. It knows no socket: its owner feeds it what was
 * read, and writes what it puts out.
 */

import { InboundFrames } from './inbound-frames.ts';
import { errorCode, int31Max, settingId } from './protocol.ts';
import { SessionCore } from './session-core.ts';
import { SessionStream } from './session-stream.ts';
import type { Http2SessionOptions, Http2Stream, Http2StreamHandler } from './session-types.ts';

/** What a client begins with (RFC 9113, section 3.4). */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

const pingPayload = Buffer.alloc(8);

export class Http2Session {
  readonly #core: SessionCore;
  readonly #inbound: InboundFrames;
  /** Bytes of the client's preface that were here. */
  #prefaceBytes: number;
  /** Read, and kept for a later turn; null: nothing. */
  #rest: Buffer | null = null;

  constructor(options: Http2SessionOptions) {
    this.#core = new SessionCore(options);
    this.#inbound = new InboundFrames(this.#core);
    this.#prefaceBytes = this.#core.isServer ? 0 : preface.length;
  }

  /** Streams that are open. */
  get openStreams(): number {
    return this.#core.table.size;
  }

  /** Client: a further stream may be opened now. */
  get canOpenStream(): boolean {
    const { closed, peerGoesAway, lastServedId, table, peer } = this.#core;
    if (closed || peerGoesAway || lastServedId !== int31Max) return false;
    return table.size < peer.maxConcurrentStreams && table.lastId < int31Max - 1;
  }

  /** How many streams the peer allows at once; 2^31-1 while it has not said so. */
  get peerMaxConcurrentStreams(): number {
    return this.#core.peer.maxConcurrentStreams;
  }

  get peerAllowsExtendedConnect(): boolean {
    return this.#core.peer.extendedConnect;
  }

  /**
   * Clock.now() when the peer began what it has not completed: the preface and its first SETTINGS,
   * a header block, or a frame other than DATA. null: nothing is under way, and the peer may be
   * silent. An owner limits how long it takes; with each that is completed the time begins anew.
   */
  get awaitedSince(): number | null {
    return this.#inbound.awaitedSince;
  }

  /** After an error or `destroy`. */
  get closed(): boolean {
    return this.#core.closed;
  }

  /** Sends the preface (client) and SETTINGS. Once, before anything else. */
  start(): void {
    const { isServer, writer, window } = this.#core;
    if (!isServer) writer.raw(preface);
    writer.settings(this.#ownSettings());
    this.#inbound.control.pendingSettings++;
    window.open();
    this.#inbound.start();
  }

  /**
   * Frames are kept that have not been looked at: there were enough of them for one turn of the
   * event loop. `goOn` is to be called in the next one.
   */
  get mustWait(): boolean {
    return this.#rest !== null;
  }

  goOn(): void {
    const rest = this.#rest;
    this.#rest = null;
    if (rest === null || this.#core.closed) return;
    const at = this.#inbound.read(rest, 0, rest.length);
    // Not copied: these bytes are ours.
    if (at < rest.length) this.#rest = rest.subarray(at);
  }

  /** Bytes of the peer, valid during the call only. */
  receive(bytes: Buffer, start: number, end: number): void {
    if (this.#core.closed) return;
    if (this.#rest !== null) {
      this.#rest = Buffer.concat([this.#rest, bytes.subarray(start, end)]);
      return;
    }
    const at = this.#prefaceBytes < preface.length ? this.#readPreface(bytes, start, end) : start;
    const rest = at < end ? this.#inbound.read(bytes, at, end) : end;
    // The bytes are those of the next read, too.
    if (rest < end && !this.#core.closed) this.#rest = Buffer.from(bytes.subarray(rest, end));
  }

  /** Client: null when no stream can be opened. */
  openStream(
    fields: readonly string[],
    endStream: boolean,
    handler: Http2StreamHandler,
  ): Http2Stream | null {
    if (!this.canOpenStream) return null;
    const core = this.#core;
    const { table } = core;
    table.lastId += table.lastId === 0 ? 1 : 2;
    const stream = new SessionStream(core, table.lastId);
    stream.handler = handler;
    stream.method = methodOf(fields);
    table.add(stream);
    core.guard.countOpened();
    stream.sendHeaders(fields, endStream);
    return stream;
  }

  ping(): void {
    if (this.#core.closed) return;
    this.#inbound.control.pendingPings++;
    this.#core.writer.ping(0, pingPayload, 0);
  }

  /**
   * The first half of a graceful end: the peer learns that it shall open no further streams, and
   * those already on their way are served (RFC 9113, section 6.8).
   */
  announceGoaway(): void {
    if (!this.#core.closed) this.#core.writer.goaway(int31Max, errorCode.noError, '');
  }

  /** Streams that are not known by now will never be served; those that are open go on. */
  goaway(code: number): void {
    const core = this.#core;
    if (core.closed) return;
    core.lastServedId = core.isServer ? core.table.lastId : 0;
    core.writer.goaway(core.lastServedId, code, '');
  }

  /** Writes what is queued, as far as the windows and the output allow. */
  flush(): void {
    if (!this.#core.closed) this.#core.sendData();
    this.#core.writer.flush();
  }

  /** The output has written everything. */
  onOutputDrain(): void {
    this.flush();
  }

  /**
   * The connection is gone: open streams are reset, nothing is sent any more, and of what is being
   * received the rest is ignored. `flush` before it, for what was to leave.
   */
  destroy(): void {
    this.#rest = null;
    this.#core.writer.stop();
    this.#core.close(errorCode.cancel);
    this.#inbound.stop();
  }

  #ownSettings(): number[] {
    const { isServer, limits, options } = this.#core;
    const settings = [
      ...[settingId.initialWindowSize, limits.streamWindowBytes],
      ...[settingId.maxHeaderListSize, limits.headerBlockBytes],
      ...[settingId.headerTableSize, limits.headerTableBytes],
      ...[settingId.maxFrameSize, limits.frameBytes],
    ];
    if (!isServer) settings.push(settingId.enablePush, 0);
    else settings.push(settingId.maxConcurrentStreams, limits.maxConcurrentStreams);
    if (isServer && options.extendedConnect) settings.push(settingId.enableConnectProtocol, 1);
    return settings;
  }

  /** Returns the position behind what belongs to the preface. */
  #readPreface(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && this.#prefaceBytes < preface.length) {
      if (bytes[at++] === preface[this.#prefaceBytes++]) continue;
      this.#core.fail(errorCode.protocolError, 'the connection does not begin with the preface');
      return end;
    }
    return at;
  }
}

/** The names alone are looked at: a value may be the same text. */
function methodOf(fields: readonly string[]): string {
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] === ':method') return fields[i + 1] as string;
  }
  return '';
}
