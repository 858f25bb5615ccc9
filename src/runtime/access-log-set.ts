/**
 * The access logs of both sides: opened when a configuration names them, kept while it stays the
 * same, closed when no side writes to them any more.
 */

import { err, ok, type Result } from '../base/result.ts';
import type { Timers } from '../base/timers.ts';
import type { AccessLogSettings } from '../model/access-log-settings.ts';
import type { MeshTelemetry } from '../model/telemetry-settings.ts';
import { AccessLog } from '../telemetry/access-log.ts';
import { compileLineFormat } from '../telemetry/access-log-format.ts';
import { LogFile } from '../telemetry/log-file.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Sample } from '../telemetry/sample.ts';

export class AccessLogSet {
  /** Of outbound and gateway listeners. */
  client: readonly AccessLog[] = [];
  /** Of inbound listeners. */
  server: readonly AccessLog[] = [];
  readonly #timers: Timers;
  readonly #logger: Logger;
  /** By their settings as text. */
  #open = new Map<string, AccessLog>();

  constructor(timers: Timers, logger: Logger) {
    this.#timers = timers;
    this.#logger = logger;
  }

  /** Follows a configuration; an error leaves everything as it was. */
  async configure({ client, server }: MeshTelemetry): Promise<Result<void, string>> {
    const next = new Map<string, AccessLog>();
    for (const settings of [...client.accessLogs, ...server.accessLogs]) {
      const key = JSON.stringify(settings);
      if (next.has(key)) continue;
      const known = this.#open.get(key);
      const opened = known === undefined ? await this.#openLog(settings) : ok(known);
      if (!opened.ok) {
        await this.#closeBut(this.#open, next);
        return opened;
      }
      next.set(key, opened.value);
    }
    const previous = this.#open;
    this.#open = next;
    this.client = logsOf(client.accessLogs, next);
    this.server = logsOf(server.accessLogs, next);
    await this.#closeBut(next, previous);
    return ok(undefined);
  }

  async reopen(): Promise<void> {
    await Promise.all([...this.#open.values()].map((log) => log.reopen()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((log) => log.close()));
  }

  *samples(): Iterable<Sample> {
    for (const log of this.#open.values()) yield* log.samples();
  }

  async #closeBut(
    kept: ReadonlyMap<string, AccessLog>,
    logs: ReadonlyMap<string, AccessLog>,
  ): Promise<void> {
    const unused = [...logs].filter(([key]) => !kept.has(key));
    await Promise.all(unused.map(([, log]) => log.close()));
  }

  async #openLog(settings: AccessLogSettings): Promise<Result<AccessLog, string>> {
    if (settings.kind === 'otlp') return err('access logs over OTLP are not there yet');
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

function logsOf(
  settings: readonly AccessLogSettings[],
  open: ReadonlyMap<string, AccessLog>,
): readonly AccessLog[] {
  return settings.flatMap((one) => open.get(JSON.stringify(one)) ?? []);
}
