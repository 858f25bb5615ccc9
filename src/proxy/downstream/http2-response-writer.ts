/** The response of one exchange as HTTP/2: header block, data, trailers. */

import { assert } from '../../base/assert.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { ResponseHead } from '../../http1/message-head.ts';
import type { Http2Stream } from '../../http2/session-types.ts';
import type { HttpSettings } from '../../model/http-settings.ts';
import type { StreamInfo } from '../../telemetry/stream-info.ts';
import { buildDownstreamFields, removeConnectionFields } from '../headers/downstream-head.ts';
import type { DateHeader } from './date-header.ts';
import type { ResponseFraming, ResponseOptions, ResponseWriter } from './response-writer.ts';

export class Http2ResponseWriter implements ResponseWriter {
  started = false;
  /** Of no meaning here: the connection carries other exchanges. */
  close = false;

  readonly #stream: Http2Stream;
  readonly #info: StreamInfo;
  readonly #settings: HttpSettings;
  readonly #date: DateHeader;
  /** END_STREAM has been sent with the head. */
  #ended = false;

  constructor(stream: Http2Stream, info: StreamInfo, { settings, date }: ResponseOptions) {
    this.#stream = stream;
    this.#info = info;
    this.#settings = settings;
    this.#date = date;
  }

  informational(head: ResponseHead): void {
    if (this.started) return;
    removeConnectionFields(head.headers);
    this.#stream.sendHeaders([':status', String(head.status), ...head.headers.flat], false);
  }

  head(status: number, headers: HeaderList, framing: ResponseFraming): void {
    const info = this.#info;
    const bodyAllowed = status >= 200 && status !== 204 && status !== 304;
    const isEmpty = framing === 'none' || framing === 'empty' || !bodyAllowed;
    this.started = true;
    this.#ended = isEmpty || info.method === 'HEAD' || headers.get('content-length') === '0';
    info.status = status;
    info.responseHeaders = headers;
    const fields = buildDownstreamFields(status, headers, {
      settings: this.#settings,
      date: this.#date,
      close: false,
      chunked: false,
      // END_STREAM says it.
      empty: false,
    });
    this.#stream.sendHeaders(fields, this.#ended);
  }

  body(bytes: Buffer, start: number, end: number): void {
    this.#info.bytesSent += end - start;
    this.#stream.sendBytes(bytes, start, end);
  }

  text(body: string): void {
    this.#info.bytesSent += body.length;
    this.#stream.sendData(body);
  }

  end(trailers: HeaderList | null): void {
    if (this.#ended) return;
    this.#ended = true;
    if (trailers === null || trailers.size === 0) this.#stream.sendEnd();
    else this.#stream.sendTrailers(trailers.flat);
  }

  /** Never: there is no tunnel on HTTP/2. */
  switchingProtocols(): void {
    assert(false, 'a connection of HTTP/2 stays one');
  }
}
