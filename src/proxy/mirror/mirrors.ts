/** The copies of one request, each of which gets the body as it comes. */

import type { HeaderList } from '../../http1/header-list.ts';
import type { Mirror } from './mirror.ts';

export class Mirrors {
  readonly #mirrors: Mirror[] = [];

  add(mirror: Mirror): void {
    this.#mirrors.push(mirror);
  }

  /** The bytes are valid during the call only. */
  onRequestBody(bytes: Buffer, start: number, end: number): void {
    for (const mirror of this.#mirrors) mirror.onRequestBody(bytes, start, end);
  }

  onRequestEnd(trailers: HeaderList | null): void {
    for (const mirror of this.#mirrors) mirror.onRequestEnd(trailers);
  }

  /** The same of the tunnel that the request became. */
  onTunnelBytes(bytes: Buffer, start: number, end: number): void {
    for (const mirror of this.#mirrors) mirror.onTunnelBytes(bytes, start, end);
  }

  endTunnels(): void {
    for (const mirror of this.#mirrors) mirror.endTunnel();
  }

  /** The request has broken off: a copy of half a request is of no use. */
  abort(): void {
    for (const mirror of this.#mirrors) mirror.abort();
  }
}
