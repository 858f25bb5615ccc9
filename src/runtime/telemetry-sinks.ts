/**
 * What hears of every exchange and TCP connection: metrics always, access logs and traces where
 * they are configured.
 */

import { err, type Result } from '../base/result.ts';
import type { Timers } from '../base/timers.ts';
import type { ProxyIdentity } from '../model/proxy-identity.ts';
import type { MeshTelemetry } from '../model/telemetry-settings.ts';
import type { Logger } from '../telemetry/logger.ts';
import { MetricsRegistry } from '../telemetry/metrics/metrics.ts';
import { RequestMetrics } from '../telemetry/metrics/request-metrics.ts';
import { type TcpCounters, TcpMetrics } from '../telemetry/metrics/tcp-metrics.ts';
import type { StreamInfo } from '../telemetry/stream-info.ts';
import { LiveTraffic } from '../telemetry/traffic/live-traffic.ts';
import { AccessLogSet } from './access-log-set.ts';
import { TracingSet } from './tracing-set.ts';

export class TelemetrySinks {
  readonly registry = new MetricsRegistry();
  readonly traffic: LiveTraffic;
  readonly #accessLogs: AccessLogSet;
  readonly #tracing: TracingSet;
  #requestMetrics: RequestMetrics | null = null;
  #tcpMetrics: TcpMetrics | null = null;

  constructor(timers: Timers, logger: Logger, tracingLogger: Logger = logger) {
    this.traffic = new LiveTraffic(timers);
    this.#accessLogs = new AccessLogSet(timers, logger);
    this.#tracing = new TracingSet(timers, tracingLogger);
    this.registry.addCollector(() => this.#accessLogs.samples());
    this.registry.addCollector(() => this.#tracing.samples());
  }

  /** Follows a configuration; an error of traces, or of access logs, leaves these as they were. */
  async configure(
    identity: ProxyIdentity,
    telemetry: MeshTelemetry,
  ): Promise<Result<void, string>> {
    const settings = { client: telemetry.client.metrics, server: telemetry.server.metrics };
    this.#requestMetrics ??= new RequestMetrics(this.registry, identity, settings);
    this.#requestMetrics.follow(identity, settings);
    this.#tcpMetrics ??= new TcpMetrics(this.registry, identity, settings);
    this.#tcpMetrics.follow(identity, settings);
    this.traffic.follow(identity);
    const traced = await this.#tracing.configure(identity, telemetry);
    const logged = await this.#accessLogs.configure(identity, telemetry);
    if (traced.ok || logged.ok) return traced.ok ? logged : traced;
    return err(`${traced.error}; ${logged.error}`);
  }

  record(info: StreamInfo): void {
    this.#requestMetrics?.record(info);
    this.traffic.onEnd(info);
    this.#log(info);
    this.#tracing.record(info);
  }

  /** Of a TCP connection. Listeners open behind the first `configure`. */
  tcpCounters(info: StreamInfo): TcpCounters {
    return (this.#tcpMetrics as TcpMetrics).countersOf(info);
  }

  recordTcp(info: StreamInfo): void {
    this.traffic.onEnd(info);
    this.#log(info);
  }

  async reopen(): Promise<void> {
    await this.#accessLogs.reopen();
  }

  async close(): Promise<void> {
    await Promise.all([this.#accessLogs.close(), this.#tracing.close()]);
  }

  #log(info: StreamInfo): void {
    const { client, server } = this.#accessLogs;
    for (const log of info.listener.direction === 'inbound' ? server : client) log.write(info);
  }
}
