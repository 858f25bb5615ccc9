/**
 * What hears of every exchange and TCP connection: metrics always, the access log where one is
 * configured.
 */

import { err, ok, type Result } from '../base/result.ts';
import type { Timers } from '../base/timers.ts';
import type { AccessLogSettings } from '../model/access-log-settings.ts';
import type { ProxyIdentity } from '../model/proxy-identity.ts';
import { AccessLog } from '../telemetry/access-log.ts';
import { compileLineFormat } from '../telemetry/access-log-format.ts';
import { LogFile } from '../telemetry/log-file.ts';
import type { Logger } from '../telemetry/logger.ts';
import { MetricsRegistry } from '../telemetry/metrics.ts';
import { RequestMetrics } from '../telemetry/request-metrics.ts';
import type { StreamInfo } from '../telemetry/stream-info.ts';
import { type TcpCounters, TcpMetrics } from '../telemetry/tcp-metrics.ts';

export class TelemetrySinks {
  readonly registry = new MetricsRegistry();
  readonly #timers: Timers;
  readonly #logger: Logger;
  #requestMetrics: RequestMetrics | null = null;
  #tcpMetrics: TcpMetrics | null = null;
  #accessLog: AccessLog | null = null;
  #accessLogKey = '';

  constructor(timers: Timers, logger: Logger) {
    this.#timers = timers;
    this.#logger = logger;
    this.registry.addCollector(() => this.#accessLog?.samples() ?? []);
  }

  /** Follows a configuration; an error leaves the access log as it was. */
  async configure(
    identity: ProxyIdentity,
    accessLog: AccessLogSettings | null,
  ): Promise<Result<void, string>> {
    this.#requestMetrics ??= new RequestMetrics(this.registry, identity);
    this.#requestMetrics.follow(identity);
    this.#tcpMetrics ??= new TcpMetrics(this.registry, identity);
    this.#tcpMetrics.follow(identity);
    const key = JSON.stringify(accessLog);
    if (key === this.#accessLogKey) return ok(undefined);
    const opened = accessLog === null ? ok(null) : await this.#open(accessLog);
    if (!opened.ok) return opened;
    const previous = this.#accessLog;
    this.#accessLog = opened.value;
    this.#accessLogKey = key;
    await previous?.close();
    return ok(undefined);
  }

  record(info: StreamInfo): void {
    this.#requestMetrics?.record(info);
    this.#accessLog?.write(info);
  }

  /** Of a TCP connection. Listeners open behind the first `configure`. */
  tcpCounters(info: StreamInfo): TcpCounters {
    return (this.#tcpMetrics as TcpMetrics).countersOf(info);
  }

  recordTcp(info: StreamInfo): void {
    this.#accessLog?.write(info);
  }

  async reopen(): Promise<void> {
    await this.#accessLog?.reopen();
  }

  async close(): Promise<void> {
    await this.#accessLog?.close();
  }

  async #open(settings: AccessLogSettings): Promise<Result<AccessLog, string>> {
    const format = compileLineFormat(settings);
    if (!format.ok) return err(`access log format: ${format.error.message}`);
    try {
      const file = await LogFile.open(settings.path, this.#timers);
      const onError = (error: Error): void =>
        this.#logger.error('access log cannot be written', { error: error.message });
      const options = { onError };
      return ok(new AccessLog(format.value, file, { timers: this.#timers, options }));
    } catch (error) {
      return err(`access log ${settings.path}: ${(error as Error).message}`);
    }
  }
}
