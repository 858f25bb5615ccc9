/** A connection after `101 Switching Protocols`: bytes pass both ways untouched until a side ends. */

import type { UpstreamTunnel } from '../../transport/upstream-exchange.ts';
import type { UpstreamStream } from '../../transport/upstream-stream.ts';
import type { DownstreamTunnel } from '../downstream/downstream.ts';

export interface TunnelOwner {
  /** Bytes have passed. */
  onTunnelProgress(up: number, down: number): void;
  /** The tunnel is over; told once. `byDownstream`: the client ended it. */
  onTunnelOver(byDownstream: boolean): void;
}

export class Tunnel implements UpstreamTunnel {
  readonly #downstream: DownstreamTunnel;
  readonly #upstream: UpstreamStream;
  readonly #owner: TunnelOwner;
  readonly #bufferMax: number;
  #over = false;

  constructor(
    downstream: DownstreamTunnel,
    upstream: UpstreamStream,
    owner: TunnelOwner,
    bufferMax: number,
  ) {
    this.#downstream = downstream;
    this.#upstream = upstream;
    this.#owner = owner;
    this.#bufferMax = bufferMax;
  }

  /** The bytes are valid during the call only. */
  onDownstreamBytes(bytes: Buffer, start: number, end: number): void {
    if (this.#over) return;
    this.#owner.onTunnelProgress(end - start, 0);
    this.#upstream.sendTunnelBytes(bytes, start, end);
    if (this.#upstream.bufferedBytes > this.#bufferMax) this.#downstream.pauseReading();
  }

  onTunnelBytes(bytes: Buffer, start: number, end: number): void {
    if (this.#over) return;
    this.#owner.onTunnelProgress(0, end - start);
    this.#downstream.writer.bytes(bytes, start, end);
    if (this.#downstream.writer.bufferedBytes > this.#bufferMax) this.#upstream.pauseReading();
  }

  onDownstreamDrain(): void {
    this.#upstream.resumeReading();
  }

  onUpstreamDrain(): void {
    this.#downstream.resumeReading();
  }

  onTunnelEnd(): void {
    this.#end(false);
  }

  onDownstreamEnd(): void {
    this.#end(true);
  }

  /** Its owner ends it, and is not told. */
  close(): void {
    this.#over = true;
  }

  #end(byDownstream: boolean): void {
    if (this.#over) return;
    this.#over = true;
    // What the other side has written is still delivered.
    this.#owner.onTunnelOver(byDownstream);
    if (!byDownstream) this.#downstream.closeAfterWrite();
  }
}
