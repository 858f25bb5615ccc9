/** Applies changed files: one reload at a time, the last state of the files wins. */

import type { Clock } from '../base/clock.ts';
import type { Finding } from '../config/finding.ts';
import { formatFinding } from '../config/finding.ts';
import type { FileSource } from '../sources/file.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ConfigStore, LoadedConfig } from './config-store.ts';
import type { ProxyRuntime } from './proxy-runtime.ts';
import type { TelemetrySinks } from './telemetry-sinks.ts';

export interface ReloaderParts {
  readonly source: FileSource;
  readonly store: ConfigStore;
  readonly runtime: ProxyRuntime;
  readonly sinks: TelemetrySinks;
  readonly log: Logger;
  readonly clock: Clock;
}

export interface ReloadStatus {
  readonly findings: readonly Finding[];
  /** Everything of the last load was applied. */
  readonly ok: boolean;
  /** Milliseconds since the epoch. */
  readonly publishedWall: number;
  readonly durationMs: number;
  /** Resources that could not be used. */
  readonly rejected: readonly string[];
}

export class Reloader {
  readonly #parts: ReloaderParts;
  #running: Promise<void> | null = null;
  #again = false;
  #closed = false;
  /** Of the last load. */
  status: ReloadStatus = { findings: [], ok: true, publishedWall: 0, durationMs: 0, rejected: [] };

  constructor(parts: ReloaderParts) {
    this.#parts = parts;
  }

  /** The first configuration has been applied by whoever started the proxy. */
  started(findings: readonly Finding[]): void {
    const publishedWall = this.#parts.clock.wall();
    this.status = { findings, ok: true, publishedWall, durationMs: 0, rejected: [] };
  }

  watch(): void {
    this.#parts.source.watch(() => void this.reload());
  }

  close(): void {
    this.#closed = true;
    this.#parts.source.close();
  }

  /** Resolves when the files as they are now have been applied. */
  reload(): Promise<void> {
    if (this.#running !== null) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    do {
      this.#again = false;
      if (!this.#closed) await this.#reloadOnce();
    } while (this.#again);
  }

  async #reloadOnce(): Promise<void> {
    const { source, store, runtime, log, clock } = this.#parts;
    const started = clock.now();
    const read = await source.read();
    const outcome = store.load(read.files);
    const findings = [...read.findings, ...outcome.findings];
    const errors = findings.filter((finding) => finding.severity === 'error');
    for (const finding of errors) log.error(formatFinding(finding));
    const ok = errors.length === 0;
    this.status = { ...this.status, findings, ok, rejected: outcome.rejected };
    if (outcome.loaded === null) return;
    await this.#apply(outcome.loaded);
    const durationMs = clock.now() - started;
    this.status = { ...this.status, publishedWall: clock.wall(), durationMs };
    log.info('configuration applied', {
      version: runtime.snapshot.version,
      errors: errors.length,
      ms: Math.round(durationMs),
    });
  }

  async #apply({ mesh, settings }: LoadedConfig): Promise<void> {
    const { runtime, sinks, log } = this.#parts;
    for (const { listener, error } of await runtime.apply(mesh)) {
      log.error('listener cannot be bound', { listener: listener.name, error: error.code });
    }
    const configured = await sinks.configure(mesh.proxy, settings.proxy.accessLog);
    if (!configured.ok) log.error(configured.error);
  }
}
