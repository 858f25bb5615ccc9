/**
 * An exchange that became a tunnel: hands both connections over after a 101, and ends the exchange
 * with the tunnel.
 */

import type { ResponseHead } from '../../http1/message-head.ts';
import { responseFlag } from '../../telemetry/response-flags.ts';
import type { UpstreamStream } from '../../transport/upstream-stream.ts';
import type { DownstreamTunnel } from '../downstream/downstream.ts';
import type { Attempt } from '../router/attempt.ts';
import type { Stream } from './stream.ts';
import { Tunnel, type TunnelOwner } from './tunnel.ts';

export class Upgrade implements TunnelOwner {
  readonly tunnel: Tunnel;
  readonly #stream: Stream;
  readonly #downstream: DownstreamTunnel;
  readonly #attempt: Attempt;
  readonly #upstream: UpstreamStream;

  constructor(
    stream: Stream,
    downstream: DownstreamTunnel,
    { attempt, upstream }: { readonly attempt: Attempt; readonly upstream: UpstreamStream },
  ) {
    this.#stream = stream;
    this.#attempt = attempt;
    this.#upstream = upstream;
    this.#downstream = downstream;
    this.tunnel = new Tunnel(downstream, upstream, this, stream.limits.streamBufferBytes);
  }

  /** `head`: the upstream's 101. Bytes may pass before this returns. */
  start(head: ResponseHead): void {
    const { connection, response } = this.#stream;
    connection.listener.onUpgrade();
    response.switchingProtocols(head);
    this.#downstream.becomeTunnel();
    this.#upstream.becomeTunnel(this.tunnel);
  }

  onTunnelProgress(up: number, down: number): void {
    const { info } = this.#stream;
    info.bytesReceived += up;
    info.bytesSent += down;
    this.#stream.touch();
  }

  onTunnelOver(byDownstream: boolean): void {
    const { info } = this.#stream;
    info.details = byDownstream ? 'downstream_remote_disconnect' : 'upstream_remote_disconnect';
    if (byDownstream) info.responseFlags |= responseFlag.downstreamTermination;
    this.#stream.finish();
  }

  /** The exchange is over: nothing passes any more, and nothing is told of the tunnel. */
  end(): void {
    this.tunnel.close();
    this.#attempt.endTunnel();
  }
}
