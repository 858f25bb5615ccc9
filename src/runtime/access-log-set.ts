/**
 * The access logs of both sides: opened when a configuration names them, kept while it stays the
 * same, closed when no side writes to them any more. Logs of one path share one open file, so that
 * no line is torn by another.
 */

import type { LogRecordExporter, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { describeDefect } from '../base/defect.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Timers } from '../base/timers.ts';
import type {
  AccessLogSettings,
  FileAccessLog as FileSettings,
  OtlpAccessLog as OtlpSettings,
} from '../model/access-log-settings.ts';
import type { Collector } from '../model/collector.ts';
import type { ProxyIdentity } from '../model/proxy-identity.ts';
import type { MeshTelemetry } from '../model/telemetry-settings.ts';
import { type AccessLog, FileAccessLog } from '../telemetry/access-log/access-log.ts';
import { compileLineFormat } from '../telemetry/access-log/access-log-format.ts';
import { AccessLogStats } from '../telemetry/access-log/access-log-stats.ts';
import { loadLogExporter, logResource } from '../telemetry/access-log/log-exporter.ts';
import { LogFile } from '../telemetry/access-log/log-file.ts';
import { LogWriter } from '../telemetry/access-log/log-writer.ts';
import {
  compileRecordFormat,
  OtlpAccessLog,
  recordSize,
} from '../telemetry/access-log/otlp-access-log.ts';
import { arrayBatches, ExportQueue } from '../telemetry/export-queue.ts';
import { compileExpression, type Expression } from '../telemetry/expression/compile-expression.ts';
import { describeFormatError } from '../telemetry/format/format-syntax.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Sample } from '../telemetry/metrics/sample.ts';

/** What logs share that go to the same place. */
interface Places {
  /** By path. */
  readonly files: Map<string, LogWriter>;
  /** By collector, as text. */
  readonly collectors: Map<string, ExportQueue<ReadableLogRecord>>;
}

/** What becomes of the settings of one configuration. */
interface Opening {
  readonly identity: ProxyIdentity;
  readonly places: Places;
}

/** Milliseconds until a record leaves for its collector at the latest, as in Envoy. */
const recordsIntervalMs = 1000;

export class AccessLogSet {
  /** Of outbound and gateway listeners. */
  client: readonly AccessLog[] = [];
  /** Of inbound listeners. */
  server: readonly AccessLog[] = [];
  readonly #timers: Timers;
  readonly #logger: Logger;
  readonly #stats = new AccessLogStats();
  #open = noPlaces();

  constructor(timers: Timers, logger: Logger) {
    this.#timers = timers;
    this.#logger = logger;
  }

  /** Follows a configuration; an error leaves everything as it was. */
  async configure(
    identity: ProxyIdentity,
    { client, server }: MeshTelemetry,
  ): Promise<Result<void, string>> {
    const opening = { identity, places: noPlaces() };
    const clientLogs = await this.#openAll(client.accessLogs, opening);
    if (!clientLogs.ok) return await this.#forget(opening, clientLogs.error);
    const serverLogs = await this.#openAll(server.accessLogs, opening);
    if (!serverLogs.ok) return await this.#forget(opening, serverLogs.error);
    const previous = this.#open;
    this.#open = opening.places;
    this.client = clientLogs.value;
    this.server = serverLogs.value;
    await closeBut(this.#open, previous);
    return ok(undefined);
  }

  async reopen(): Promise<void> {
    await Promise.all([...this.#open.files.values()].map((writer) => writer.reopen()));
  }

  async close(): Promise<void> {
    const { files, collectors } = this.#open;
    await Promise.all([...files.values(), ...collectors.values()].map((place) => place.close()));
  }

  samples(): Iterable<Sample> {
    return this.#stats.samples();
  }

  async #forget({ places }: Opening, error: string): Promise<Result<void, string>> {
    await closeBut(this.#open, places);
    return err(error);
  }

  async #openAll(
    settings: readonly AccessLogSettings[],
    opening: Opening,
  ): Promise<Result<readonly AccessLog[], string>> {
    const logs: AccessLog[] = [];
    for (const one of settings) {
      const log = await this.#openLog(one, opening);
      if (!log.ok) return log;
      logs.push(log.value);
    }
    return ok(logs);
  }

  async #openLog(
    settings: AccessLogSettings,
    opening: Opening,
  ): Promise<Result<AccessLog, string>> {
    const filter = compileFilter(settings.filter);
    if (!filter.ok) return filter;
    return settings.kind === 'file'
      ? await this.#openFile(settings, filter.value, opening)
      : await this.#openCollector(settings, filter.value, opening);
  }

  async #openFile(
    settings: FileSettings,
    filter: Expression | null,
    { places: { files } }: Opening,
  ): Promise<Result<AccessLog, string>> {
    const format = compileLineFormat(settings);
    if (!format.ok) return err(`access log format: ${describeFormatError(format.error)}`);
    const path = settings.path === '-' ? '/dev/stdout' : settings.path;
    const known = files.get(path) ?? this.#open.files.get(path);
    try {
      const writer = known ?? this.#newWriter(path, await LogFile.open(path, this.#timers));
      files.set(path, writer);
      return ok(new FileAccessLog(filter, format.value, writer));
    } catch (error) {
      return err(`access log ${settings.path}: ${(error as Error).message}`);
    }
  }

  async #openCollector(
    settings: OtlpSettings,
    filter: Expression | null,
    { identity, places: { collectors } }: Opening,
  ): Promise<Result<AccessLog, string>> {
    const format = compileRecordFormat(settings);
    if (!format.ok) return err(`access log format: ${describeFormatError(format.error)}`);
    const { collector } = settings;
    const key = JSON.stringify(collector);
    const known = collectors.get(key) ?? this.#open.collectors.get(key);
    try {
      const queue = known ?? this.#newQueue(collector, await loadLogExporter(collector));
      collectors.set(key, queue);
      const resource = await logResource(settings, identity);
      const onDefect = (defect: Error): void =>
        this.#logger.error(describeDefect(defect, 'while making a record of an access log'), {});
      return ok(new OtlpAccessLog({ filter, format: format.value, resource, queue, onDefect }));
    } catch (error) {
      return err(`access log to ${collector.url}: ${(error as Error).message}`);
    }
  }

  #newWriter(path: string, file: LogFile): LogWriter {
    const log = this.#logger;
    const options = {
      onError: ({ message: error }: Error): void =>
        log.error('access log cannot be written', { path, error }),
      onDefect: (defect: Error): void =>
        log.error(describeDefect(defect, 'while making a line of an access log'), { path }),
      onRecovery: (lost: number): void => log.info('access log is written again', { path, lost }),
      onReopenError: ({ message: error }: Error): void =>
        log.error('access log cannot be opened again, the old file goes on', { path, error }),
    };
    return new LogWriter(file, { timers: this.#timers, stats: this.#stats, options });
  }

  #newQueue(collector: Collector, exporter: LogRecordExporter): ExportQueue<ReadableLogRecord> {
    return new ExportQueue<ReadableLogRecord>(exporter, {
      collector,
      timers: this.#timers,
      logger: this.#logger,
      batches: arrayBatches(),
      sizeOf: recordSize,
      counts: this.#stats.exports,
      items: 'access log records',
      flushIntervalMs: recordsIntervalMs,
    });
  }
}

function noPlaces(): Places {
  return { files: new Map(), collectors: new Map() };
}

/** What a collector has not taken yet does not hold up the configuration. */
async function closeBut(kept: Places, places: Places): Promise<void> {
  for (const [key, queue] of places.collectors) if (!kept.collectors.has(key)) void queue.close();
  const unused = [...places.files].filter(([path]) => !kept.files.has(path));
  await Promise.all(unused.map(([, writer]) => writer.close()));
}

function compileFilter(text: string | null): Result<Expression | null, string> {
  if (text === null) return ok(null);
  const filter = compileExpression(text);
  if (!filter.ok) return err(`access log filter ${JSON.stringify(text)}: ${filter.error}`);
  if (filter.value.type === 'bool' || filter.value.type === 'dyn') return filter;
  return err(`access log filter ${JSON.stringify(text)}: is a ${filter.value.type}, not a bool`);
}
