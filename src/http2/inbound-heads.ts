/** Header blocks of the peer: requests and responses that begin, and trailers. */

import { HeadRules } from './head-rules.ts';
import type { HeaderBlock } from './header-block.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import type { HpackError } from './hpack-error.ts';
import { errorCode } from './protocol.ts';
import type { SessionCore } from './session-core.ts';
import type { MalformedKind } from './session-errors.ts';
import { SessionStream } from './session-stream.ts';

/** What the decoder has before SETTINGS say otherwise (RFC 9113, section 6.5.2). */
const defaultTableBytes = 4096;

/** Fields of a block as long as it may be: how many count is for `HeadRules` to say. */
const fieldBytesMin = 32;

export class InboundHeads {
  readonly #core: SessionCore;
  readonly #decoder = new HpackDecoder({ maxTableBytes: defaultTableBytes });
  readonly #rules: HeadRules;
  readonly #limits: { readonly maxBytes: number; readonly maxCount: number };

  constructor(core: SessionCore) {
    const { headerBlockBytes, headerCount } = core.limits;
    this.#core = core;
    this.#rules = new HeadRules(headerCount);
    this.#limits = {
      maxBytes: headerBlockBytes,
      maxCount: Math.ceil(headerBlockBytes / fieldBytesMin),
    };
  }

  /** The peer has acknowledged the size of our table. */
  onSettingsAck(): void {
    this.#decoder.setMaxTableBytes(this.#core.limits.headerTableBytes);
  }

  /** A block that is complete: `bytes[start, end)`. */
  read(block: HeaderBlock, bytes: Buffer, start: number, end: number): void {
    const core = this.#core;
    const { streamId, endStream } = block;
    // Whatever becomes of it: the table of the decoder changes with it.
    const fields = this.#decoder.decode(bytes, start, end, this.#limits);
    if (!Array.isArray(fields) && fields.code === 'compression') {
      core.fail(errorCode.compressionError, fields.message);
      return;
    }
    const stream = core.table.get(streamId);
    if (stream !== undefined) {
      if (block.dependsOnItself) core.failStream(stream, errorCode.protocolError);
      else this.#onBlock(stream, endStream, fields);
    } else if (!core.table.isIdle(streamId)) {
      this.#onLateBlock(streamId);
    } else if (!core.isServer || streamId % 2 === 0) {
      core.fail(errorCode.protocolError, 'HEADERS on a stream that the peer cannot open');
    } else {
      core.table.lastId = streamId;
      if (block.dependsOnItself) core.refuseMalformed(streamId, errorCode.protocolError);
      else this.#onRequest(streamId, endStream, fields);
    }
  }

  #onRequest(streamId: number, endStream: boolean, fields: string[] | HpackError): void {
    const core = this.#core;
    core.guard.countOpened();
    if (streamId > core.lastServedId || core.table.size >= core.limits.maxConcurrentStreams) {
      core.writeReset(streamId, errorCode.refusedStream);
      return;
    }
    const fault = Array.isArray(fields)
      ? this.#rules.checkRequest(fields, core.options.extendedConnect)
      : 'too-large';
    const { contentLength } = this.#rules;
    if (fault !== null) core.failMalformed(streamId, null, fault);
    else if (endStream && contentLength > 0) core.failMalformed(streamId, null, 'body-length');
    else this.#openRequest(streamId, endStream, fields as string[]);
  }

  #openRequest(streamId: number, endStream: boolean, fields: string[]): void {
    const core = this.#core;
    const stream = new SessionStream(core, streamId);
    stream.hasHead = true;
    stream.contentLength = this.#rules.contentLength;
    stream.remoteEnded = endStream;
    core.table.add(stream);
    const handler = core.handler.onStream(stream, fields, endStream);
    if (handler === null) stream.reset(errorCode.refusedStream);
    else if (stream.isLost) handler.onReset(errorCode.internalError, 'connection');
    else if (!stream.closed) stream.handler = handler;
  }

  /** A further block on an open stream. */
  #onBlock(stream: SessionStream, endStream: boolean, fields: string[] | HpackError): void {
    const core = this.#core;
    if (stream.remoteEnded) core.failStream(stream, errorCode.streamClosed);
    else if (!Array.isArray(fields)) core.failMalformed(stream.id, stream, 'too-large');
    else if (stream.hasHead) this.#onTrailers(stream, endStream, fields);
    else this.#onResponse(stream, endStream, fields);
  }

  #onTrailers(stream: SessionStream, endStream: boolean, fields: string[]): void {
    const fault = endStream ? this.#rules.checkTrailers(fields) : 'trailers';
    if (fault === null) stream.receiveEnd(fields);
    else this.#core.failMalformed(stream.id, stream, fault);
  }

  #onResponse(stream: SessionStream, endStream: boolean, fields: string[]): void {
    const rules = this.#rules;
    const fault = rules.checkResponse(fields) ?? this.#takeHead(stream, endStream);
    if (fault !== null) {
      this.#core.failMalformed(stream.id, stream, fault);
      return;
    }
    if (endStream && !stream.tryEndBody()) return;
    const handler = stream.listener;
    stream.remoteEnded = endStream;
    const isOver = endStream && stream.send.closed;
    if (isOver) this.#core.forget(stream);
    handler?.onHeaders(fields, endStream);
    if (isOver) this.#core.checkIdle();
  }

  /** Notes what the head says of what follows it. */
  #takeHead(stream: SessionStream, endStream: boolean): MalformedKind | null {
    const { status, contentLength } = this.#rules;
    if (status < 200) return endStream ? 'status' : null;
    stream.hasHead = true;
    const { method } = stream;
    // What a content-length says of them, it says of another message (RFC 9110, section 8.6).
    const hasNoBody = method === 'HEAD' || status === 204 || status === 304;
    const isTunnel = method === 'CONNECT' && status < 300;
    if (!isTunnel) stream.contentLength = hasNoBody ? 0 : contentLength;
    return null;
  }

  /** On a stream that is over. */
  #onLateBlock(streamId: number): void {
    const core = this.#core;
    const { table } = core;
    // A server has not heard yet that its client has given up.
    if (!core.isServer || table.wasReset(streamId)) {
      core.failFlood(core.guard.checkIgnored());
      return;
    }
    const wasClosed = table.wasClosed(streamId);
    const code = wasClosed ? errorCode.streamClosed : errorCode.protocolError;
    core.fail(code, 'HEADERS on a stream that is over, or was passed over');
  }
}
