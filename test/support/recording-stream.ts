/** An UpstreamStream that keeps what it is sent, for tests without a network. */

import type { HeaderList } from '../../src/http1/header-list.ts';
import { noBody } from '../../src/http1/message-head.ts';
import type { UpstreamHead, UpstreamStream } from '../../src/transport/upstream-stream.ts';
import { headerList } from './header-lists.ts';

/** The head of `GET /`. */
export function requestHead(changes: Partial<UpstreamHead> = {}): UpstreamHead {
  return {
    method: 'GET',
    path: '/',
    scheme: 'http',
    isHttp2: false,
    headers: headerList({ host: 'a.example' }),
    framing: noBody,
    upgrading: false,
    ...changes,
  };
}

export class RecordingStream implements UpstreamStream {
  readonly protocol = 'HTTP/1.1';
  readonly localAddress = '127.0.0.1:1';
  readonly tls = null;
  bufferedBytes = 0;
  readonly heads: UpstreamHead[] = [];
  /** The body so far, as latin-1 text. */
  body = '';
  /** undefined: the request has not ended. */
  trailers: HeaderList | null | undefined;

  sendHead(head: UpstreamHead): void {
    this.heads.push(head);
  }

  sendBody(piece: string | Buffer): void {
    this.body += typeof piece === 'string' ? piece : piece.toString('latin1');
  }

  sendEnd(trailers: HeaderList | null): void {
    this.trailers = trailers;
  }

  pauseReading(): void {}

  resumeReading(): void {}

  close(): void {}

  becomeTunnel(): void {}

  sendTunnelBytes(bytes: Buffer, start: number, end: number): void {
    this.sendBody(bytes.subarray(start, end));
  }

  closeTunnel(): void {}
}
