/**
 * The tunnel of a mirrored upgrade: it gets what the client sends, as in Envoy, and what its
 * endpoint says is dropped. It ends with the tunnel that it copies.
 */

import type { UpstreamTunnel } from '../../transport/upstream-exchange.ts';
import type { UpstreamStream } from '../../transport/upstream-stream.ts';
import type { Attempt } from '../router/attempt.ts';

export class MirrorTunnel implements UpstreamTunnel {
  /** null until its endpoint has switched, and after the end. */
  #attempt: Attempt | null = null;
  #upstream: UpstreamStream | null = null;
  /** What the client has sent before. */
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #ended = false;

  /** Bytes that the endpoint has not taken yet. */
  get bufferedBytes(): number {
    return this.#upstream === null ? this.#earlyBytes : this.#upstream.bufferedBytes;
  }

  /** The bytes are valid during the call only. */
  send(bytes: Buffer, start: number, end: number): void {
    if (this.#ended) return;
    if (this.#upstream !== null) {
      this.#upstream.sendTunnelBytes(bytes, start, end);
      return;
    }
    this.#early.push(Buffer.from(bytes.subarray(start, end)));
    this.#earlyBytes += end - start;
  }

  /** The endpoint has switched. */
  open(attempt: Attempt, upstream: UpstreamStream): void {
    this.#attempt = attempt;
    this.#upstream = upstream;
    upstream.becomeTunnel(this);
    for (const piece of this.#early.splice(0)) upstream.sendTunnelBytes(piece, 0, piece.length);
    if (this.#ended) this.#close();
  }

  /** The client has no more to say: what is queued still leaves. */
  end(): void {
    this.#ended = true;
    this.#close();
  }

  onTunnelBytes(): void {}

  onTunnelEnd(): void {
    this.end();
  }

  #close(): void {
    const attempt = this.#attempt;
    this.#attempt = null;
    this.#upstream = null;
    attempt?.endTunnel();
  }
}
