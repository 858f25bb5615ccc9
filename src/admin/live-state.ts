/** The running proxy as the admin API sees it. */

import { programVersion } from '../base/program-version.ts';
import type { LiveCluster } from '../cluster/live-cluster.ts';
import type { ProxyRuntime } from '../runtime/proxy-runtime.ts';
import type { Reloader } from '../runtime/reloader.ts';
import type { TelemetrySinks } from '../runtime/telemetry-sinks.ts';
import type { LogRoot } from '../telemetry/logger.ts';
import type { MetricsRegistry } from '../telemetry/metrics.ts';
import type {
  ConfigStatus,
  LifecycleState,
  ListenerStatus,
  RunningState,
} from './running-state.ts';

export interface LiveStateParts {
  readonly runtime: ProxyRuntime;
  readonly reloader: Reloader;
  readonly sinks: TelemetrySinks;
  readonly logs: LogRoot;
}

export class LiveState implements RunningState {
  readonly version = programVersion();
  readonly metrics: MetricsRegistry;
  readonly logs: LogRoot;
  readonly #parts: LiveStateParts;
  #lifecycle: LifecycleState = 'INITIALIZING';
  #onQuit: (() => void) | null = null;
  #isQuitting = false;

  constructor(parts: LiveStateParts) {
    this.#parts = parts;
    this.metrics = parts.sinks.registry;
    this.logs = parts.logs;
  }

  lifecycle(): LifecycleState {
    return this.#lifecycle;
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
      mesh: runtime.snapshot.mesh,
    };
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

  drainListeners(graceful: boolean): void {
    this.#parts.runtime.listeners.stopAccepting();
    if (graceful) void this.#parts.runtime.listeners.shutDown(Number.POSITIVE_INFINITY);
  }

  quit(): void {
    this.#isQuitting = true;
    this.#onQuit?.();
  }

  /** Called at once if that was asked for during the start. */
  onQuit(callback: () => void): void {
    this.#onQuit = callback;
    if (this.#isQuitting) callback();
  }

  /** The first configuration serves. */
  live(): void {
    this.#lifecycle = 'LIVE';
  }

  /** /ready answers 503 from now on. */
  draining(): void {
    this.#lifecycle = 'DRAINING';
  }
}
