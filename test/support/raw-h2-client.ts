/**
 * An HTTP/2 client for one request on its own connection that sends exactly the header list it is
 * given, however wrong, and shows what came back: informational responses, trailers, resets.
 */

import type { Socket } from 'node:net';
import {
  cancelCode,
  clientPreface,
  contentOf,
  defaultFrameSize,
  encodeFrame,
  encodeNumber,
  encodeSettings,
  errorName,
  type Frame,
  frameFlags,
  frameTypes,
  readFrame,
  readSettings,
} from './h2-frames.ts';
import { encodeHeaderBlock, HeaderBlockReader } from './hpack-text.ts';
import type { HeaderPair } from './http-reader.ts';

export interface H2Request {
  /** The whole list, pseudo-headers included; names as written, bytes latin1. */
  readonly headers: readonly HeaderPair[];
  /** At most 64 KiB: sent without looking at the peer's windows. */
  readonly body?: Buffer;
  readonly trailers?: readonly HeaderPair[];
  /** The request does not end. */
  readonly keepOpen?: boolean;
  /** The body waits for an informational 100. */
  readonly bodyAfter100?: boolean;
  /** RST_STREAM with CANCEL after so many milliseconds; nothing more is read then. */
  readonly resetAfterMs?: number;
  /** The request waits for the peer's SETTINGS. */
  readonly waitSettings?: boolean;
  /** Sent as DATA once a 200 has come (an accepted CONNECT); as many bytes must come back. */
  readonly after200?: Buffer;
  readonly timeoutMs: number;
}

export interface H2Result {
  /** 0: no response headers came. */
  readonly status: number;
  readonly interim: readonly number[];
  /** Without `:status`. */
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  readonly trailers: readonly HeaderPair[];
  readonly endStreamOnHeaders: boolean;
  /** How it ended; `complete`: with END_STREAM or after the echo. */
  readonly end: 'complete' | 'reset' | 'closed' | 'timeout' | 'aborted';
  /** Name of the error code of the peer's RST_STREAM. */
  readonly resetCode: string | null;
  /** Name of the error code of the peer's GOAWAY. */
  readonly goawayCode: string | null;
  /** SETTINGS_ENABLE_CONNECT_PROTOCOL of the peer; 0 where it names none. */
  readonly enableConnectProtocol: number;
}

const settingNames = { enablePush: 0x2, initialWindowSize: 0x4, enableConnectProtocol: 0x8 };
const largeWindow = 2 ** 30;
const streamId = 1;
const afterResetMs = 30;

/** Sends the request on a connected socket and waits for the end of the response. */
export function exchangeH2(socket: Socket, request: H2Request): Promise<H2Result> {
  return new Exchange(socket, request).run();
}

class Exchange {
  readonly #socket: Socket;
  readonly #request: H2Request;
  readonly #reader = new HeaderBlockReader();
  readonly #done = Promise.withResolvers<H2Result['end']>();
  #bytes: Buffer = Buffer.alloc(0);
  #block: Buffer[] = [];
  #blockEndsStream = false;
  #requestSent = false;
  #ended = false;
  #status = 0;
  #interim: number[] = [];
  #headers: HeaderPair[] = [];
  #body: Buffer[] = [];
  #trailers: HeaderPair[] = [];
  #endStreamOnHeaders = false;
  #resetCode: string | null = null;
  #goawayCode: string | null = null;
  #enableConnectProtocol = 0;

  constructor(socket: Socket, request: H2Request) {
    this.#socket = socket;
    this.#request = request;
  }

  async run(): Promise<H2Result> {
    const socket = this.#socket;
    const ended = (): void => this.#finish('closed');
    socket.on('data', (data: Buffer) => this.#receive(data));
    socket.on('error', ended);
    socket.on('end', ended);
    socket.on('close', ended);
    const timers = [setTimeout(() => this.#finish('timeout'), this.#request.timeoutMs)];
    if (this.#request.resetAfterMs !== undefined) {
      timers.push(setTimeout(() => this.#abort(), this.#request.resetAfterMs));
    }
    this.#open();
    const end = await this.#done.promise;
    for (const timer of timers) clearTimeout(timer);
    return {
      status: this.#status,
      interim: this.#interim,
      headers: this.#headers,
      body: Buffer.concat(this.#body),
      trailers: this.#trailers,
      endStreamOnHeaders: this.#endStreamOnHeaders,
      end,
      resetCode: this.#resetCode,
      goawayCode: this.#goawayCode,
      enableConnectProtocol: this.#enableConnectProtocol,
    };
  }

  #open(): void {
    this.#write(Buffer.from(clientPreface, 'latin1'));
    this.#write(
      encodeSettings([
        [settingNames.enablePush, 0],
        [settingNames.initialWindowSize, largeWindow],
      ]),
    );
    this.#write(encodeNumber(frameTypes.windowUpdate, 0, largeWindow));
    if (this.#request.waitSettings !== true) this.#sendRequest();
  }

  #sendRequest(): void {
    if (this.#requestSent) return;
    this.#requestSent = true;
    const { body, trailers, keepOpen, bodyAfter100, after200 } = this.#request;
    const open = keepOpen === true || after200 !== undefined;
    const more = open || trailers !== undefined;
    this.#sendHeaders(this.#request.headers, !more && body === undefined);
    if (body !== undefined && bodyAfter100 !== true) this.#sendBody();
    else if (body === undefined && !open) this.#sendTrailers();
  }

  #sendBody(): void {
    const { body, trailers, keepOpen } = this.#request;
    if (body === undefined) return;
    this.#sendData(body, trailers === undefined && keepOpen !== true);
    if (keepOpen !== true) this.#sendTrailers();
  }

  #sendTrailers(): void {
    if (this.#request.trailers !== undefined) this.#sendHeaders(this.#request.trailers, true);
  }

  /** Blocks larger than a frame go on in CONTINUATION frames (RFC 9113, 4.3). */
  #sendHeaders(headers: readonly HeaderPair[], endStream: boolean): void {
    const block = encodeHeaderBlock(headers);
    let at = 0;
    do {
      const payload = block.subarray(at, at + defaultFrameSize);
      const type = at === 0 ? frameTypes.headers : frameTypes.continuation;
      at += defaultFrameSize;
      const last = at >= block.length ? frameFlags.endHeaders : 0;
      const ends = type === frameTypes.headers && endStream ? frameFlags.endStream : 0;
      this.#write(encodeFrame({ type, streamId, payload, flags: last | ends }));
    } while (at < block.length);
  }

  #sendData(data: Buffer, endStream: boolean): void {
    for (let at = 0; at === 0 || at < data.length; at += defaultFrameSize) {
      const payload = data.subarray(at, at + defaultFrameSize);
      const last = endStream && at + defaultFrameSize >= data.length;
      const flags = last ? frameFlags.endStream : 0;
      this.#write(encodeFrame({ type: frameTypes.data, streamId, payload, flags }));
    }
  }

  #abort(): void {
    this.#write(encodeNumber(frameTypes.rstStream, streamId, cancelCode));
    // The end of the connection must not come with the reset, or hide it.
    setTimeout(() => this.#finish('aborted'), afterResetMs);
  }

  #finish(end: H2Result['end']): void {
    this.#ended = true;
    this.#done.resolve(end);
  }

  #write(bytes: Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  #receive(data: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, data]);
    try {
      // What follows the end of the response is no part of it.
      while (!this.#ended) {
        const next = readFrame(this.#bytes);
        if (next === null) return;
        this.#bytes = next.rest;
        this.#take(next.frame);
      }
    } catch {
      // Not HTTP/2, or a header block that cannot be read: no answer for this client.
      this.#finish('closed');
    }
  }

  #take(frame: Frame): void {
    const { type, flags, payload } = frame;
    if (type === frameTypes.settings) this.#takeSettings(frame);
    else if (type === frameTypes.headers) this.#takeHeaders(frame, contentOf(frame));
    else if (type === frameTypes.continuation) this.#takeHeaders(frame, payload);
    else if (type === frameTypes.data) this.#takeData(frame);
    else if (type === frameTypes.rstStream) {
      this.#resetCode = errorName(payload.readUInt32BE(0));
      this.#finish('reset');
    } else if (type === frameTypes.goaway) {
      this.#goawayCode = errorName(payload.readUInt32BE(4));
    } else if (type === frameTypes.ping && (flags & frameFlags.ack) === 0) {
      this.#write(encodeFrame({ type, streamId: 0, payload, flags: frameFlags.ack }));
    }
  }

  #takeSettings({ flags, payload }: Frame): void {
    if ((flags & frameFlags.ack) !== 0) return;
    const value = readSettings(payload).get(settingNames.enableConnectProtocol);
    this.#enableConnectProtocol = value ?? this.#enableConnectProtocol;
    const ack = { type: frameTypes.settings, streamId: 0, payload: Buffer.alloc(0) };
    this.#write(encodeFrame({ ...ack, flags: frameFlags.ack }));
    this.#sendRequest();
  }

  #takeHeaders({ type, flags }: Frame, content: Buffer): void {
    if (type === frameTypes.headers) {
      this.#blockEndsStream = (flags & frameFlags.endStream) !== 0;
    }
    this.#block.push(content);
    if ((flags & frameFlags.endHeaders) === 0) return;
    const headers = this.#reader.read(Buffer.concat(this.#block));
    this.#block = [];
    this.#takeHeaderList(headers);
    if (this.#blockEndsStream) this.#finish('complete');
  }

  #takeHeaderList(headers: readonly HeaderPair[]): void {
    const status = Number(headers.find(([name]) => name === ':status')?.[1] ?? 0);
    const rest = headers.filter(([name]) => name !== ':status');
    if (this.#status !== 0) {
      this.#trailers.push(...rest);
    } else if (status >= 100 && status < 200) {
      this.#interim.push(status);
      if (status === 100 && this.#request.bodyAfter100 === true) this.#sendBody();
    } else {
      this.#status = status;
      this.#headers.push(...rest);
      this.#endStreamOnHeaders = this.#blockEndsStream;
      const { after200 } = this.#request;
      if (status === 200 && after200 !== undefined) this.#sendData(after200, false);
    }
  }

  #takeData(frame: Frame): void {
    this.#body.push(contentOf(frame));
    const { after200 } = this.#request;
    const length = this.#body.reduce((sum, part) => sum + part.length, 0);
    const echoed = after200 !== undefined && length >= after200.length;
    if (echoed || (frame.flags & frameFlags.endStream) !== 0) this.#finish('complete');
  }
}
