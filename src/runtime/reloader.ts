/** Applies changed files: one reload at a time, the last state of the files wins. */

import type { Clock } from '../base/clock.ts';
import type { Finding, Severity } from '../config/finding.ts';
import { formatFindingForLog } from '../config/finding.ts';
import type { MergedSettings } from '../config/settings/merge-settings.ts';
import type { FileSource } from '../sources/file.ts';
import type { Logger } from '../telemetry/logger.ts';
import { ConfigMetrics } from '../telemetry/metrics/config-metrics.ts';
import type { ConfigLoader } from './config-loader.ts';
import type { LoadedConfig } from './config-store.ts';
import type { LoadedResource } from './loaded-resources.ts';
import type { ProxyRuntime } from './proxy-runtime.ts';
import {
  boundListeners,
  listenerNotes,
  noListenerOpen,
  waitingSettings,
  watchHint,
} from './reload-notes.ts';
import type { SecretStore } from './secret-store.ts';
import { accessLogField, accessLogRefused, cannotListen, tlsFindings } from './system-findings.ts';
import type { TelemetrySinks } from './telemetry-sinks.ts';

export interface ReloaderParts {
  readonly source: FileSource;
  readonly loader: ConfigLoader;
  readonly runtime: ProxyRuntime;
  readonly secrets: SecretStore;
  readonly sinks: TelemetrySinks;
  readonly log: Logger;
  readonly clock: Clock;
  /** Those that the proxy was started with. */
  readonly settings: MergedSettings;
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
  /** Every resource of the last load that was applied. */
  readonly resources: readonly LoadedResource[];
}

const nothingLoaded: ReloadStatus = {
  findings: [],
  ok: true,
  publishedWall: 0,
  durationMs: 0,
  rejected: [],
  resources: [],
};

export class Reloader {
  readonly #parts: ReloaderParts;
  readonly #metrics: ConfigMetrics;
  #running: Promise<void> | null = null;
  #again = false;
  #closed = false;
  /** Of the last configuration that was applied. */
  settings: MergedSettings;
  /** Of the last load. */
  status = nothingLoaded;

  constructor(parts: ReloaderParts) {
    this.#parts = parts;
    this.settings = parts.settings;
    this.#metrics = new ConfigMetrics(parts.sinks.registry);
  }

  /** The first configuration has been applied by whoever started the proxy. */
  started(
    findings: readonly Finding[],
    durationMs: number,
    resources: readonly LoadedResource[],
  ): void {
    const publishedWall = this.#parts.clock.wall();
    this.#report({ ...nothingLoaded, findings, publishedWall, durationMs, resources });
  }

  watch(): void {
    const { source, log } = this.#parts;
    const onUnwatched = (folder: string, error: string): void =>
      log.warning(`changes are not noticed, send SIGHUP after them; ${watchHint(error)}`, {
        folder,
        error,
      });
    source.watch(() => void this.reload(), onUnwatched);
  }

  /** Nothing is read or applied any more. Resolves when a reload under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#parts.source.close();
    this.#parts.loader.close();
    this.#parts.secrets.close();
    await this.#running;
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
      if (!this.#closed) await this.#tryReload();
    } while (this.#again);
  }

  /** Whatever goes wrong, the configuration that serves goes on serving. */
  async #tryReload(): Promise<void> {
    try {
      await this.#reloadOnce();
    } catch (error) {
      if (this.#closed) return;
      this.#parts.log.error('reload failed', { error: (error as Error).message });
      this.#report({ ...this.status, ok: false });
    }
  }

  async #reloadOnce(): Promise<void> {
    const { source, loader, runtime, log, clock } = this.#parts;
    const started = clock.now();
    const read = await source.read();
    if (this.#closed) return;
    const outcome = await loader.load(read);
    if (this.#closed) return;
    const ofFiles = [...read.findings, ...outcome.findings];
    this.#log(ofFiles);
    const ofSystem = outcome.loaded === null ? [] : await this.#apply(outcome.loaded);
    this.#log(ofSystem);
    const findings = [...ofFiles, ...ofSystem];
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    const ok = errors === 0;
    const durationMs = clock.now() - started;
    const { loaded, rejected } = outcome;
    const publishedWall = loaded === null ? this.status.publishedWall : clock.wall();
    const resources = loaded?.resources ?? this.status.resources;
    this.#report({ findings, ok, publishedWall, durationMs, rejected, resources });
    if (loaded === null) return;
    for (const resource of outcome.kept) log.warning('keeps its last good version', { resource });
    const fields = { version: runtime.snapshot.version, ms: Math.round(durationMs) };
    if (ok) log.info('configuration applied', fields);
    else log.warning('configuration applied, but for its errors', { ...fields, errors });
  }

  /** Errors every time; anything else when it was not found by the last load. */
  #log(findings: readonly Finding[]): void {
    const known = new Set(this.status.findings.map(identity));
    for (const finding of findings) {
      const { severity } = finding;
      if (severity !== 'error' && known.has(identity(finding))) continue;
      this.#parts.log.log(severity, formatFindingForLog(finding), {});
    }
  }

  #report(status: ReloadStatus): void {
    this.status = status;
    const count = (severity: Severity): number =>
      status.findings.filter((finding) => finding.severity === severity).length;
    this.#metrics.report({
      ok: status.ok,
      version: this.#parts.runtime.snapshot.version,
      publishedWall: status.publishedWall,
      durationMs: status.durationMs,
      findings: { error: count('error'), warning: count('warning'), info: count('info') },
      rejectedResources: status.rejected.length,
    });
  }

  /** Returns what the system refused. */
  async #apply(loaded: LoadedConfig): Promise<readonly Finding[]> {
    const { mesh, settings } = loaded;
    const { runtime, sinks, log } = this.#parts;
    const { secrets, findings } = await this.#parts.secrets.load(
      mesh,
      loaded.secrets,
      loaded.fileFields,
    );
    const before = boundListeners(runtime.listeners.active);
    const unbound = await runtime.apply(mesh, secrets);
    const { active } = runtime.listeners;
    const refused = [...findings, ...unbound.map(cannotListen), ...tlsFindings(active)];
    const after = boundListeners(active);
    for (const { change, listener, address } of listenerNotes(before, after)) {
      log.info(`listener ${change}`, { listener, address });
    }
    if (active.length === 0) log.warning(noListenerOpen, {});
    const running = this.#parts.settings;
    for (const setting of waitingSettings(running, this.settings, settings)) {
      log.warning('a changed setting takes effect at the next start', { setting });
    }
    this.settings = settings;
    const configured = await sinks.configure(mesh.proxy, mesh.telemetry);
    if (configured.ok) return refused;
    const field = accessLogField(configured.error, loaded.fileFields);
    return [...refused, accessLogRefused(configured.error, field)];
  }
}

/** The same after lines were added above it. */
function identity({ code, resource, path, message, file }: Finding): string {
  return [code, resource, path, message, file].join('\n');
}
