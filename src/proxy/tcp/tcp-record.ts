/**
 * What is told of one connection of a TCP proxy: counted while it lasts, recorded exactly once when
 * it has ended.
 */

import type { TcpCounters } from '../../telemetry/metrics/tcp-metrics.ts';
import type { TcpProxyStats } from '../../telemetry/metrics/tcp-proxy-stats.ts';
import type { StreamInfo } from '../../telemetry/stream-info.ts';
import type { ProxyContext } from '../proxy-context.ts';

export class TcpRecord {
  readonly info: StreamInfo;
  readonly stats: TcpProxyStats;
  readonly #context: ProxyContext;
  /** null until the endpoint is connected. */
  #counters: TcpCounters | null = null;
  #over = false;

  constructor(context: ProxyContext, stats: TcpProxyStats, info: StreamInfo) {
    this.#context = context;
    this.stats = stats;
    this.info = info;
    info.protocol = '';
    info.upstreamProtocol = '';
  }

  begin(): void {
    this.stats.downstreamCxTotal++;
    this.stats.downstreamCxActive++;
  }

  /** `info` says to which endpoint. */
  connected(): void {
    this.#counters = this.#context.tcpCounters(this.info);
    this.#counters.opened.value++;
  }

  /** From the client, for the endpoint. */
  received(bytes: number): void {
    this.info.bytesReceived += bytes;
    this.stats.downstreamCxRxBytesTotal += bytes;
    if (this.#counters !== null) this.#current(this.#counters).received.value += bytes;
  }

  /** To the client. */
  sent(bytes: number): void {
    this.info.bytesSent += bytes;
    this.stats.downstreamCxTxBytesTotal += bytes;
    if (this.#counters !== null) this.#current(this.#counters).sent.value += bytes;
  }

  /** Nothing that happens after the first call is told. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.stats.downstreamCxActive--;
    const { info } = this;
    info.endedAt = this.#context.clock.now();
    const counters = this.#context.tcpCounters(info);
    if (this.#counters === null) counters.opened.value++;
    counters.closed.value++;
    this.#context.onTcpEnd(info);
  }

  /** Metrics may be told otherwise while a connection lasts. */
  #current(counters: TcpCounters): TcpCounters {
    if (!counters.era.isOver) return counters;
    const current = this.#context.tcpCounters(this.info);
    this.#counters = current;
    return current;
  }
}
