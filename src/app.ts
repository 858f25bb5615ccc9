/**
 * The composition root, the one file that knows every part: builds a proxy from paths and flags,
 * keeps it in step with its files, and takes it down.
 */

import type { BoundAddress } from './admin/admin-server.ts';
import { LiveState } from './admin/live-state.ts';
import { lentAdmin, type OpenAdmin, openAdmin } from './admin/open-admin.ts';
import { collectRunning } from './admin/running-stats.ts';
import { systemClock } from './base/clock.ts';
import { err, ok, type Result } from './base/result.ts';
import { systemTimers } from './base/timers.ts';
import { SystemResolver } from './cluster/discovery/system-resolver.ts';
import type { Finding } from './config/finding.ts';
import type { ProxyFlags } from './config/settings/proxy-flags.ts';
import type { SettingsError } from './config/settings/setting.ts';
import { ConfigLoader, type ConfigRequest } from './runtime/config-loader.ts';
import type { LoadedConfig, LoadOutcome } from './runtime/config-store.ts';
import { createContext } from './runtime/create-context.ts';
import { dnsEventLogger } from './runtime/dns-event-log.ts';
import { healthEventLogger } from './runtime/health-event-log.ts';
import { HistogramTicker } from './runtime/histogram-ticker.ts';
import type { BindFailure } from './runtime/listener-set.ts';
import { openLocalCertificates } from './runtime/open-local-certificates.ts';
import { firstBindablePort } from './runtime/privileged-ports.ts';
import { ProxyRuntime } from './runtime/proxy-runtime.ts';
import { Reloader } from './runtime/reloader.ts';
import { SecretStore, type Secrets } from './runtime/secret-store.ts';
import { accessLogField, accessLogRefused, tlsFindings } from './runtime/system-findings.ts';
import { Handover, lentBy } from './runtime/takeover/handover.ts';
import {
  completeTakeover,
  listenOn,
  type Predecessor,
  takeOver,
} from './runtime/takeover/take-place.ts';
import type { Takeover } from './runtime/takeover/takeover.ts';
import { TelemetrySinks } from './runtime/telemetry-sinks.ts';
import type { Primary } from './runtime/workers/primary.ts';
import { FileSource } from './sources/file.ts';
import { standardInput } from './sources/read-paths.ts';
import type { LogRoot } from './telemetry/logger.ts';
import type { LocalCertificates } from './transport/local-certificates.ts';

export interface ProxyOptions {
  /** Files, folders, or `-` for standard input. */
  readonly paths: readonly string[];
  readonly flags: ProxyFlags;
  /** Reload when the files change. */
  readonly watch: boolean;
  readonly log: LogRoot;
  /** A running proxy whose place this one takes. Default: there is none. */
  readonly takeover?: Predecessor | undefined;
  /** Called before the first connection is accepted. */
  readonly onFirstConnection?: () => void;
  /** Processes that serve. With one, this one; with more, workers of which this is the primary. */
  readonly concurrency: number;
}

export type StartFailure =
  | { readonly kind: 'flags'; readonly errors: readonly SettingsError[] }
  /** The configuration has errors; all findings are listed. */
  | { readonly kind: 'config'; readonly findings: readonly Finding[] }
  | { readonly kind: 'bind'; readonly failures: readonly BindFailure[] }
  | { readonly kind: 'system'; readonly message: string };

export interface RunningProxy {
  readonly findings: readonly Finding[];
  readonly runtime: ProxyRuntime;
  /** Where the admin API is bound; null without one. */
  readonly admin: BoundAddress | null;
  /** Changes of the files are noticed. */
  readonly watches: boolean;
  /** Others serve, and know what is open; this process is their primary. */
  readonly hasWorkers: boolean;
  /** The process whose place this one has taken; null: there was none. */
  readonly predecessor: Pick<Takeover, 'pid' | 'version'> | null;
  /** How long open requests get at the end; milliseconds, infinite without a limit. */
  readonly drainTimeMs: number;
  reload(): Promise<void>;
  reopenLogs(): Promise<void>;
  /** Drains, then ends. Resolves when nothing is left. */
  stop(): Promise<void>;
  /** `callback` is to end the process: the admin API was asked to. */
  onQuit(callback: () => void): void;
}

/** Reads the configuration and starts to serve by it. A broken configuration is refused. */
export async function startProxy(
  options: ProxyOptions,
): Promise<Result<RunningProxy, StartFailure>> {
  const startedAt = systemClock.now();
  const source = new FileSource(options.paths);
  const start = { flags: options.flags, firstBindablePort: firstBindablePort() };
  const loader = new ConfigLoader(start, systemTimers);
  const read = await source.read();
  const loaded = await firstLoad(loader, read);
  if (!loaded.ok) return loaded;
  const outcome = loaded.value;
  const findings = [...read.findings, ...outcome.findings];
  if (outcome.flagErrors.length > 0) return err({ kind: 'flags', errors: outcome.flagErrors });
  const isBroken = findings.some((finding) => finding.severity === 'error');
  if (isBroken || outcome.loaded === null) return err({ kind: 'config', findings });
  return serve({ options, source, loader, findings, loaded: outcome.loaded, startedAt });
}

async function firstLoad(
  loader: ConfigLoader,
  request: ConfigRequest,
): Promise<Result<LoadOutcome, StartFailure>> {
  try {
    return ok(await loader.load(request));
  } catch (error) {
    return err({ kind: 'system', message: (error as Error).message });
  }
}

/** A file of the configuration has its place; one of the command line has none. */
function telemetryFailure(message: string, { findings, loaded }: Parts): StartFailure {
  const field = accessLogField(message, loaded.fileFields);
  if (field === null) return { kind: 'system', message };
  const hint = 'make its folder, or name another file';
  return { kind: 'config', findings: [...findings, accessLogRefused(message, field, hint)] };
}

interface Parts {
  readonly options: ProxyOptions;
  readonly source: FileSource;
  readonly loader: ConfigLoader;
  readonly findings: readonly Finding[];
  readonly loaded: LoadedConfig;
  /** Clock.now() before the files were read. */
  readonly startedAt: number;
}

async function serve(parts: Parts): Promise<Result<RunningProxy, StartFailure>> {
  const { options, findings, loaded } = parts;
  const { mesh, settings } = loaded;
  const sinks = new TelemetrySinks(
    systemTimers,
    options.log.logger('access-log'),
    options.log.logger('tracing'),
  );
  const configured = await sinks.configure(mesh.proxy, mesh.telemetry);
  if (!configured.ok) return err(telemetryFailure(configured.error, parts));
  const local = await localCertificatesFor(parts);
  if (!local.ok) return err({ kind: 'system', message: local.error });
  const begun = await takeOver(options, settings.admin);
  if (!begun.ok) return err({ kind: 'system', message: `--takeover: ${begun.error}` });
  const takeover = begun.value;
  const running = await assemble(parts, { sinks, local: local.value, takeover });
  const { runtime, reloader, state } = running;
  const place = settings.admin;
  const inherited = place === null ? null : (takeover?.sockets.openAdmin(place) ?? null);
  const open = (): Promise<Result<OpenAdmin | null, string>> => openAdmin(state, place, inherited);
  // Before names are resolved and endpoints checked: a start that waits can be looked at, unless
  // the proxy that serves until then answers on the same address.
  const early = inherited === null ? await open() : null;
  if (early?.ok === false) return giveUp(running, takeover, early.error);
  const applied = await applyFirst(parts, running);
  if (!applied.ok) {
    await giveUp(running, takeover, '');
    await early?.value?.server.close();
    return applied;
  }
  const admin = early ?? (await open());
  if (!admin.ok) return giveUp(running, takeover, admin.error);
  const completed = await completeTakeover(takeover, options.log);
  if (!completed.ok) {
    await admin.value?.server.close();
    return giveUp(running, takeover, completed.error);
  }
  running.handover.admin = admin.value === null ? null : lentAdmin(admin.value, place);
  const all = [...findings, ...applied.value, ...tlsFindings(runtime.listeners.active)];
  reloader.started(all, systemClock.now() - parts.startedAt, loaded.resources);
  state.live();
  // Standard input never changes.
  const watches =
    options.watch && settings.watch && options.paths.some((path) => path !== standardInput);
  if (watches) reloader.watch();
  const predecessor = takeover;
  return ok(runningProxy(admin.value, { ...running, findings: all, watches, predecessor }));
}

/** Nothing is left of the start. A proxy whose place was to be taken goes on. */
async function giveUp(
  { runtime, primary }: Running,
  takeover: Takeover | null,
  message: string,
): Promise<Result<never, StartFailure>> {
  takeover?.abandon();
  await primary?.stop(0);
  await runtime.shutDown(0);
  return err({ kind: 'system', message });
}

/** Serves by the configuration. What was found wrong with certificates is returned. */
async function applyFirst(
  { loaded }: Parts,
  { runtime, secrets, primary }: Running,
): Promise<Result<readonly Finding[], StartFailure>> {
  const { mesh, fileFields } = loaded;
  try {
    await primary?.start();
    const given = await secrets.load(mesh, loaded.secrets, fileFields);
    const failures = await runtime.apply(mesh, given.secrets);
    return failures.length === 0 ? ok(given.findings) : err({ kind: 'bind', failures });
  } catch (error) {
    // Without workers only a mistake of sluice comes here.
    if (primary === null) throw error;
    return err({ kind: 'system', message: (error as Error).message });
  }
}

/** null: local TLS is off. */
async function localCertificatesFor({
  options,
  loaded,
}: Parts): Promise<Result<LocalCertificates | null, string>> {
  if (!loaded.settings.localTls) return ok(null);
  return openLocalCertificates(systemClock, options.log.logger('local-tls'));
}

/** What can fail, and has not. */
interface Opened {
  readonly sinks: TelemetrySinks;
  readonly local: LocalCertificates | null;
  readonly takeover: Takeover | null;
}

/** All parts, with nothing to serve yet. */
async function assemble(parts: Parts, opened: Opened): Promise<Running> {
  const { options, source, loader, findings, loaded } = parts;
  const { mesh, settings } = loaded;
  const { sinks, local } = opened;
  const primary = await createPrimary(parts, opened);
  const logHealth = healthEventLogger(options.log.logger('health'));
  const overloadLog = options.log.logger('overload');
  const { seed } = settings;
  const { onFirstConnection } = options;
  const listen = primary === null ? listenOn(opened.takeover) : primary.listen.bind(primary);
  const context = createContext(mesh, {
    ...{ sinks, log: options.log, seed },
    ...{ listen, onFirstConnection },
  });
  context.tls.localCertificates = local;
  const runtime = new ProxyRuntime(context, new SystemResolver(), {
    onHealthEvent: (event) => {
      logHealth(event);
      primary?.onHealthEvent(event);
    },
    onDnsEvent: dnsEventLogger(options.log.logger('dns')),
    beforePublish: async (next, given) => primary?.publish(next, given),
    ...(primary === null ? { overloadLog } : {}),
  });
  primary?.attach(runtime);
  // Nobody connects to it, but it has workers to keep in step, endpoints to check, pages to make.
  if (primary !== null) onFirstConnection?.();
  const log = options.log.logger('config');
  const clock = systemClock;
  const contexts = {
    addSecrets: (renewed: Secrets): void => {
      context.tls.addSecrets(renewed);
      primary?.renewSecrets(renewed);
    },
  };
  const secrets = new SecretStore({ contexts, timers: systemTimers, log });
  const reloader = new Reloader({
    ...{ source, loader, runtime, secrets },
    ...{ sinks, log, clock, settings },
  });
  const handover = new Handover({
    ...{ timers: systemTimers, log: options.log.logger('takeover') },
    lend: () => primary?.lend() ?? lentBy(runtime.listeners),
    leave: () => state.quit(),
  });
  const state: LiveState = new LiveState({
    ...{ runtime, reloader, sinks, handover },
    ...{ logs: options.log, clock, timers: systemTimers, primary },
  });
  collectRunning(sinks.registry, runtime, state);
  const ticker = new HistogramTicker(sinks.registry, systemTimers);
  ticker.start();
  return { runtime, reloader, secrets, sinks, state, ticker, primary, handover, findings };
}

/** null: this process serves itself. What workers need is loaded for them alone. */
async function createPrimary(
  { options, loaded }: Parts,
  { sinks, takeover }: Opened,
): Promise<Primary | null> {
  if (options.concurrency === 1) return null;
  const { Primary } = await import('./runtime/workers/primary.ts');
  const { mesh, settings } = loaded;
  const { seed, localTls } = settings;
  return new Primary({
    size: options.concurrency,
    inherited: takeover?.sockets ?? null,
    start: { mesh, seed, localTls },
    ...{ sinks, logs: options.log, clock: systemClock, timers: systemTimers },
  });
}

interface Running {
  readonly runtime: ProxyRuntime;
  readonly reloader: Reloader;
  readonly secrets: SecretStore;
  readonly sinks: TelemetrySinks;
  readonly state: LiveState;
  readonly ticker: HistogramTicker;
  readonly primary: Primary | null;
  readonly handover: Handover;
  readonly findings: readonly Finding[];
}

function runningProxy(
  admin: OpenAdmin | null,
  running: Running & Pick<RunningProxy, 'watches' | 'predecessor'>,
): RunningProxy {
  const { runtime, reloader, sinks, state, ticker, primary, handover } = running;
  const { findings, watches, predecessor } = running;
  return {
    findings,
    runtime,
    watches,
    predecessor,
    admin: admin?.bound ?? null,
    hasWorkers: primary !== null,
    get drainTimeMs() {
      return reloader.settings.drainTimeMs;
    },
    reload: () => reloader.reload(),
    reopenLogs: () => state.reopenLogs(),
    onQuit: (callback) => state.onQuit(callback),
    stop: async () => {
      state.draining();
      const idle = reloader.close();
      const { drainTimeMs } = reloader.settings;
      await primary?.stop(drainTimeMs, handover.isTaken);
      await runtime.shutDown(drainTimeMs, handover.isTaken);
      // What a reload opens must not come after what is closed below.
      await idle;
      ticker.stop();
      await sinks.close();
      await admin?.server.close();
    },
  };
}
