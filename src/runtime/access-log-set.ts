/**
 * The access logs of both sides: opened when a configuration names them, kept while it stays the
 * same, closed when no side writes to them any more. Logs of one path share one open file, so that
 * no line is torn by another.
 */

import { err, ok, type Result } from '../base/result.ts';
import type { Timers } from '../base/timers.ts';
import type {
  AccessLogSettings,
  FileAccessLog as FileSettings,
} from '../model/access-log-settings.ts';
import type { MeshTelemetry } from '../model/telemetry-settings.ts';
import { type AccessLog, FileAccessLog } from '../telemetry/access-log.ts';
import { compileLineFormat } from '../telemetry/access-log-format.ts';
import { AccessLogStats } from '../telemetry/access-log-stats.ts';
import { compileExpression, type Expression } from '../telemetry/cel.ts';
import { LogFile } from '../telemetry/log-file.ts';
import { LogWriter } from '../telemetry/log-writer.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Sample } from '../telemetry/sample.ts';

/** What logs of one place share, by that place. */
type Writers = Map<string, LogWriter>;

export class AccessLogSet {
  /** Of outbound and gateway listeners. */
  client: readonly AccessLog[] = [];
  /** Of inbound listeners. */
  server: readonly AccessLog[] = [];
  readonly #timers: Timers;
  readonly #logger: Logger;
  readonly #stats = new AccessLogStats();
  #open: Writers = new Map();

  constructor(timers: Timers, logger: Logger) {
    this.#timers = timers;
    this.#logger = logger;
  }

  /** Follows a configuration; an error leaves everything as it was. */
  async configure({ client, server }: MeshTelemetry): Promise<Result<void, string>> {
    const next: Writers = new Map();
    const clientLogs = await this.#openAll(client.accessLogs, next);
    if (!clientLogs.ok) return await this.#forget(next, clientLogs.error);
    const serverLogs = await this.#openAll(server.accessLogs, next);
    if (!serverLogs.ok) return await this.#forget(next, serverLogs.error);
    const previous = this.#open;
    this.#open = next;
    this.client = clientLogs.value;
    this.server = serverLogs.value;
    await closeBut(next, previous);
    return ok(undefined);
  }

  async reopen(): Promise<void> {
    await Promise.all([...this.#open.values()].map((writer) => writer.reopen()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((writer) => writer.close()));
  }

  samples(): Iterable<Sample> {
    return this.#stats.samples();
  }

  async #forget(opened: Writers, error: string): Promise<Result<void, string>> {
    await closeBut(this.#open, opened);
    return err(error);
  }

  async #openAll(
    settings: readonly AccessLogSettings[],
    writers: Writers,
  ): Promise<Result<readonly AccessLog[], string>> {
    const logs: AccessLog[] = [];
    for (const one of settings) {
      const log = await this.#openLog(one, writers);
      if (!log.ok) return log;
      logs.push(log.value);
    }
    return ok(logs);
  }

  async #openLog(
    settings: AccessLogSettings,
    writers: Writers,
  ): Promise<Result<AccessLog, string>> {
    const filter = compileFilter(settings.filter);
    if (!filter.ok) return filter;
    if (settings.kind === 'otlp') return err('access logs over OTLP are not there yet');
    return await this.#openFile(settings, filter.value, writers);
  }

  async #openFile(
    settings: FileSettings,
    filter: Expression | null,
    writers: Writers,
  ): Promise<Result<AccessLog, string>> {
    const format = compileLineFormat(settings);
    if (!format.ok) return err(`access log format: ${format.error.message}`);
    const path = settings.path === '-' ? '/dev/stdout' : settings.path;
    const known = writers.get(path) ?? this.#open.get(path);
    try {
      const writer = known ?? this.#newWriter(await LogFile.open(path, this.#timers));
      writers.set(path, writer);
      return ok(new FileAccessLog(filter, format.value, writer));
    } catch (error) {
      return err(`access log ${settings.path}: ${(error as Error).message}`);
    }
  }

  #newWriter(file: LogFile): LogWriter {
    const onError = (error: Error): void =>
      this.#logger.error('access log cannot be written', { error: error.message });
    return new LogWriter(file, { timers: this.#timers, stats: this.#stats, options: { onError } });
  }
}

async function closeBut(kept: Writers, writers: Writers): Promise<void> {
  const unused = [...writers].filter(([place]) => !kept.has(place));
  await Promise.all(unused.map(([, writer]) => writer.close()));
}

function compileFilter(text: string | null): Result<Expression | null, string> {
  if (text === null) return ok(null);
  const filter = compileExpression(text);
  if (!filter.ok) return err(`access log filter ${JSON.stringify(text)}: ${filter.error}`);
  if (filter.value.type === 'bool' || filter.value.type === 'dyn') return filter;
  return err(`access log filter ${JSON.stringify(text)}: is a ${filter.value.type}, not a bool`);
}
