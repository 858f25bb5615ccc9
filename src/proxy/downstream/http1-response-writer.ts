/**
 * The response of one exchange as HTTP/1.1: head, body framing, end. Knows which bytes go out, not
 * why.
 */

import { chunkEnd, chunkHead, lastChunk, writeResponseHead } from '../../http1/head-writer.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { ResponseHead } from '../../http1/message-head.ts';
import { reasonPhrase } from '../../http1/status.ts';
import type { HttpSettings } from '../../model/http-settings.ts';
import type { StreamInfo } from '../../telemetry/stream-info.ts';
import type { SocketWriter } from '../../transport/socket-writer.ts';
import {
  buildDownstreamHead,
  buildUpgradeHead,
  removeConnectionFields,
} from '../headers/downstream-head.ts';
import type { DateHeader } from './date-header.ts';
import type { ResponseFraming, ResponseOptions, ResponseWriter } from './response-writer.ts';

export class Http1ResponseWriter implements ResponseWriter {
  /** The final head has been written: nothing but its body may follow. */
  started = false;
  /** The connection ends after this response. */
  close = false;

  readonly #writer: SocketWriter;
  readonly #info: StreamInfo;
  readonly #settings: HttpSettings;
  readonly #date: DateHeader;
  #chunked = false;

  constructor(writer: SocketWriter, info: StreamInfo, { settings, date }: ResponseOptions) {
    this.#writer = writer;
    this.#info = info;
    this.#settings = settings;
    this.#date = date;
  }

  informational(head: ResponseHead): void {
    if (this.started) return;
    removeConnectionFields(head.headers);
    this.#writer.text(writeResponseHead(head.status, reasonPhrase(head.status), head.headers));
  }

  head(status: number, headers: HeaderList, framing: ResponseFraming): void {
    const info = this.#info;
    const isHead = info.method === 'HEAD';
    const bodyAllowed = status >= 200 && status !== 204 && status !== 304;
    const streamed = framing === 'chunked' || framing === 'close';
    // A HEAD answer without a length says how the body would have been framed (as Envoy does).
    const unknown = isHead && framing !== 'length' && !headers.has('content-length');
    const chunked = bodyAllowed && (streamed || unknown);
    this.started = true;
    this.#chunked = chunked && !isHead;
    info.status = status;
    info.responseHeaders = headers;
    this.#writer.text(
      buildDownstreamHead(status, headers, {
        settings: this.#settings,
        date: this.#date,
        close: this.close,
        chunked,
        empty: bodyAllowed && framing === 'empty',
      }),
    );
  }

  /** The bytes are valid during the call only. */
  body(bytes: Buffer, start: number, end: number): void {
    this.#info.bytesSent += end - start;
    if (!this.#chunked) {
      this.#writer.bytes(bytes, start, end);
      return;
    }
    this.#writer.text(chunkHead(end - start));
    this.#writer.bytes(bytes, start, end);
    this.#writer.text(chunkEnd);
  }

  /** A whole body as latin-1 text, announced with its length. */
  text(body: string): void {
    this.#info.bytesSent += body.length;
    this.#writer.text(body);
  }

  /** Trailers do not travel over HTTP/1.1. */
  end(): void {
    if (this.#chunked) this.#writer.text(lastChunk);
  }

  switchingProtocols(head: ResponseHead): void {
    this.started = true;
    this.#info.status = head.status;
    this.#info.responseHeaders = head.headers;
    this.#writer.text(buildUpgradeHead(head, this.#settings, this.#date));
  }
}
