/** The running proxy as the admin API sees it. */

import type { Clock } from '../base/clock.ts';
import { LogLinearHistogram } from '../base/log-linear-histogram.ts';
import { programVersion } from '../base/program-version.ts';
import { err, type Result } from '../base/result.ts';
import type { Timers } from '../base/timers.ts';
import type { Hash64 } from '../base/xxhash64.ts';
import type { LiveCluster } from '../cluster/live-cluster.ts';
import type { BegunConnection, Certificates } from '../explain/explained-config.ts';
import type { FilterChain } from '../model/filter-chain.ts';
import type { CompiledRouteTable } from '../routing/route-table.ts';
import type { LoadedResource } from '../runtime/loaded-resources.ts';
import type { ProxyRuntime } from '../runtime/proxy-runtime.ts';
import type { Reloader } from '../runtime/reloader.ts';
import type { Handover } from '../runtime/takeover/handover.ts';
import type { TakeoverInvitation } from '../runtime/takeover/takeover-protocol.ts';
import type { TelemetrySinks } from '../runtime/telemetry-sinks.ts';
import type { Primary } from '../runtime/workers/primary.ts';
import type { LogRoot } from '../telemetry/logger.ts';
import type { MetricsRegistry } from '../telemetry/metrics/metrics.ts';
import type { LiveTraffic } from '../telemetry/traffic/live-traffic.ts';
import { TrafficSampler } from '../telemetry/traffic/traffic-sampler.ts';
import { Diagnostics } from './diagnostics.ts';
import { certificatesInUse } from './live-certificates.ts';
import { redacted } from './redacted.ts';
import type {
  CertificateUse,
  ConfigStatus,
  DrainOptions,
  LifecycleState,
  ListenerStatus,
  RunningState,
  WorkerStatus,
} from './running-state.ts';

export interface LiveStateParts {
  readonly runtime: ProxyRuntime;
  readonly reloader: Reloader;
  readonly sinks: TelemetrySinks;
  readonly logs: LogRoot;
  readonly clock: Clock;
  readonly timers: Timers;
  /** null: this process serves itself. */
  readonly primary: Primary | null;
  readonly handover: Handover;
}

/** Istio drainDuration. */
const gracefulDrainMs = 45_000;

export class LiveState implements RunningState {
  readonly version = programVersion();
  readonly metrics: MetricsRegistry;
  readonly traffic: LiveTraffic;
  readonly trafficSampler: TrafficSampler;
  readonly logs: LogRoot;
  readonly diagnostics: Diagnostics;
  /** Milliseconds from the start of the process to the first configuration that served. */
  readonly initialization = new LogLinearHistogram();
  readonly #parts: LiveStateParts;
  #lifecycle: LifecycleState = 'INITIALIZING';
  #onQuit: (() => void) | null = null;
  #isQuitting = false;

  constructor(parts: LiveStateParts) {
    this.#parts = parts;
    this.metrics = parts.sinks.registry;
    this.traffic = parts.sinks.traffic;
    this.trafficSampler = new TrafficSampler(this.metrics, parts.clock, parts.timers);
    this.logs = parts.logs;
    this.diagnostics = new Diagnostics(parts.timers);
  }

  /** As in Envoy, one that is to be left alone says that it drains. */
  lifecycle(): LifecycleState {
    if (this.#lifecycle !== 'LIVE') return this.#lifecycle;
    const { runtime, primary } = this.#parts;
    if (runtime.failsHealthChecks) return 'DRAINING';
    return primary === null || primary.isWhole ? 'LIVE' : 'INITIALIZING';
  }

  wall(): number {
    return this.#parts.clock.wall();
  }

  get hash64(): Hash64 {
    return this.#parts.runtime.hash64;
  }

  uptimeSeconds(): number {
    return process.uptime();
  }

  config(): ConfigStatus {
    const { runtime, reloader } = this.#parts;
    const { status } = reloader;
    return {
      version: runtime.snapshot.version,
      publishedWall: status.publishedWall,
      lastLoadOk: status.ok,
      findings: status.findings,
      rejected: status.rejected,
      mesh: redacted(runtime.snapshot.mesh),
    };
  }

  drainTimeMs(): number {
    return this.#parts.reloader.settings.drainTimeMs;
  }

  listeners(): readonly ListenerStatus[] {
    return this.#parts.runtime.listeners.active.map((listener) => ({
      listener: listener.model,
      boundPort: listener.boundPort,
      draining: listener.draining,
    }));
  }

  clusters(): readonly LiveCluster[] {
    return [...this.#parts.runtime.snapshot.clusters.values()];
  }

  findCluster(name: string): LiveCluster | null {
    return this.#parts.runtime.snapshot.clusters.get(name) ?? null;
  }

  routeTables(): ReadonlyMap<string, CompiledRouteTable> {
    return this.#parts.runtime.snapshot.routeTables;
  }

  findFilterChain(name: string, begun: BegunConnection): FilterChain | null {
    const { active } = this.#parts.runtime.listeners;
    const listener = active.find(({ model }) => model.name === name);
    if (listener === undefined) return null;
    const destination = begun.destination ?? listener.model.address;
    return listener.matcher.chainsFor(destination)?.choose(begun)?.model ?? null;
  }

  findCertificates(name: string): Certificates | null {
    const secret = this.#parts.runtime.tls.secrets.get(name);
    if (secret === undefined) return null;
    const { certificate, trustedCa } = secret;
    return { certificate, trustedCa };
  }

  resources(): readonly LoadedResource[] {
    return this.#parts.reloader.status.resources;
  }

  certificates(): readonly CertificateUse[] {
    const { snapshot, tls } = this.#parts.runtime;
    return certificatesInUse(snapshot.mesh, tls);
  }

  warming(): readonly string[] {
    return this.#parts.runtime.warming;
  }

  drainListeners({ inboundOnly, graceful, skipExit }: DrainOptions): void {
    const acceptMs = skipExit ? Number.POSITIVE_INFINITY : graceful ? gracefulDrainMs : 0;
    this.#parts.primary?.tell({ kind: 'end-connections', inboundOnly, acceptMs });
    this.#parts.runtime.listeners.endConnections(
      ({ direction }) => direction === 'inbound' || !inboundOnly,
      acceptMs,
    );
  }

  failHealthChecks(fails: boolean): void {
    this.#parts.runtime.failsHealthChecks = fails;
    this.#parts.primary?.tell({ kind: 'fail-health-checks', fails });
  }

  concurrency(): number {
    return this.#parts.primary?.size ?? 1;
  }

  workers(): readonly WorkerStatus[] {
    return this.#parts.primary?.workers ?? [];
  }

  refresh(): Promise<void> | null {
    return this.#parts.primary?.refresh() ?? null;
  }

  gatherRequests(): Promise<void> | null {
    return this.#parts.primary?.gatherRequests() ?? null;
  }

  async resetCounters(): Promise<void> {
    await this.#parts.primary?.resetCounters();
    this.metrics.reset();
  }

  async reopenLogs(): Promise<void> {
    const { primary, sinks } = this.#parts;
    await Promise.all([sinks.reopen(), primary?.reopenLogs()]);
  }

  quit(): void {
    this.#isQuitting = true;
    this.#onQuit?.();
  }

  async inviteTakeover(protocol: string): Promise<Result<TakeoverInvitation, string>> {
    if (this.#lifecycle !== 'LIVE') return err('it starts, or ends, itself');
    return this.#parts.handover.invite(protocol);
  }

  /** Called at once if that was asked for during the start. */
  onQuit(callback: () => void): void {
    this.#onQuit = callback;
    if (this.#isQuitting) callback();
  }

  /** The first configuration serves. */
  live(): void {
    this.#lifecycle = 'LIVE';
    this.trafficSampler.start();
    this.initialization.record(this.uptimeSeconds() * 1000);
  }

  /** /ready answers 503 from now on. */
  draining(): void {
    this.#lifecycle = 'DRAINING';
    this.trafficSampler.stop();
  }
}
