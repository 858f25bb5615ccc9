/**
 * What hears of every exchange and TCP connection: metrics always, access logs where they are
 * configured.
 */

import type { Result } from '../base/result.ts';
import type { Timers } from '../base/timers.ts';
import type { ProxyIdentity } from '../model/proxy-identity.ts';
import type { MeshTelemetry } from '../model/telemetry-settings.ts';
import type { Logger } from '../telemetry/logger.ts';
import { MetricsRegistry } from '../telemetry/metrics.ts';
import { RequestMetrics } from '../telemetry/request-metrics.ts';
import type { StreamInfo } from '../telemetry/stream-info.ts';
import { type TcpCounters, TcpMetrics } from '../telemetry/tcp-metrics.ts';
import { AccessLogSet } from './access-log-set.ts';

export class TelemetrySinks {
  readonly registry = new MetricsRegistry();
  readonly #accessLogs: AccessLogSet;
  #requestMetrics: RequestMetrics | null = null;
  #tcpMetrics: TcpMetrics | null = null;

  constructor(timers: Timers, logger: Logger) {
    this.#accessLogs = new AccessLogSet(timers, logger);
    this.registry.addCollector(() => this.#accessLogs.samples());
  }

  /** Follows a configuration; an error leaves the access logs as they were. */
  async configure(
    identity: ProxyIdentity,
    telemetry: MeshTelemetry,
  ): Promise<Result<void, string>> {
    this.#requestMetrics ??= new RequestMetrics(this.registry, identity);
    this.#requestMetrics.follow(identity);
    this.#tcpMetrics ??= new TcpMetrics(this.registry, identity);
    this.#tcpMetrics.follow(identity);
    return this.#accessLogs.configure(telemetry);
  }

  record(info: StreamInfo): void {
    this.#requestMetrics?.record(info);
    this.#log(info);
  }

  /** Of a TCP connection. Listeners open behind the first `configure`. */
  tcpCounters(info: StreamInfo): TcpCounters {
    return (this.#tcpMetrics as TcpMetrics).countersOf(info);
  }

  recordTcp(info: StreamInfo): void {
    this.#log(info);
  }

  async reopen(): Promise<void> {
    await this.#accessLogs.reopen();
  }

  async close(): Promise<void> {
    await this.#accessLogs.close();
  }

  #log(info: StreamInfo): void {
    const { client, server } = this.#accessLogs;
    for (const log of info.listener.direction === 'inbound' ? server : client) log.write(info);
  }
}
