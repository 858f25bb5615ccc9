/**
 * The running proxy: takes a model, builds the snapshot, opens what listeners are new, publishes by
 * one assignment, and lets go of what is no longer needed. Knows nothing of files.
 */

import { systemUsage } from '../base/process-usage.ts';
import type { Timers } from '../base/timers.ts';
import type { Hash64 } from '../base/xxhash64.ts';
import {
  DnsDiscovery,
  type DnsEvent,
  type DnsResolver,
  defaultDnsRefresh,
} from '../cluster/discovery/dns-discovery.ts';
import type { HealthEvent } from '../cluster/health/health-event.ts';
import type { HealthLeader } from '../cluster/health/health-leader.ts';
import { NetworkHealthProber } from '../cluster/health/network-health-prober.ts';
import type { ClusterDependencies, LiveCluster } from '../cluster/live-cluster.ts';
import type { Mesh } from '../model/mesh.ts';
import type { ProxyContext } from '../proxy/proxy-context.ts';
import type { Snapshot } from '../proxy/snapshot.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Sample } from '../telemetry/metrics/sample.ts';
import type { TlsContexts } from '../transport/tls-contexts.ts';
import { adoptClusters, buildSnapshot } from './build-snapshot.ts';
import { ClusterTicker } from './cluster-ticker.ts';
import { type BindFailure, ListenerSet } from './listener-set.ts';
import { ManagerStats } from './manager-stats.ts';
import { OverloadManager } from './overload/overload-manager.ts';
import type { Secrets } from './secret-store.ts';
import { UpstreamProbeConnector } from './upstream-probe-connector.ts';
import { usesHashes } from './uses-hashes.ts';

/** Open requests of what a reload removed, a listener or a chain, get this long (Istio drainDuration). */
const reloadDrainMs = 45_000;

/** So long a configuration waits for new names to resolve; slow ones are used when they answer. */
const dnsWaitMs = 1000;

/** So long it waits for the first health check of new endpoints; the rest joins when it passes. */
const healthWaitMs = 5000;

export interface RuntimeOptions {
  /** Told when an active health check turns an endpoint. */
  readonly onHealthEvent?: (event: HealthEvent) => void;
  /** Told when a name cannot be resolved any more, or can be again. */
  readonly onDnsEvent?: (event: DnsEvent) => void;
  /** Another process judges who is healthy, and this one makes no checks. */
  readonly leader?: HealthLeader;
  /** A configuration has been built: waits before sockets are opened for it. */
  readonly beforeOpen?: () => Promise<void>;
  /** Its sockets are open: waits before it serves. A rejection of either leaves all as it was. */
  readonly beforePublish?: (next: Snapshot, secrets: Secrets) => Promise<void>;
  /** Where the overload manager speaks; unset: there is none, as where nobody is served. */
  readonly overloadLog?: Logger;
}

export class ProxyRuntime {
  readonly listeners: ListenerSet;
  /** null: nobody is served here. */
  readonly overload: OverloadManager | null;
  readonly #context: ProxyContext;
  readonly #timers: Timers;
  readonly #resolver: DnsResolver;
  readonly #ticker: ClusterTicker;
  readonly #clusterDependencies: ClusterDependencies;
  readonly #discoveries = new Map<LiveCluster, DnsDiscovery>();
  /** The last `apply`, which may not have ended. */
  #applying: Promise<unknown> = Promise.resolve();
  /** Ends what `apply` waits for; null while it waits for nothing. */
  #stopWaiting: (() => void) | null = null;
  #closed = false;
  /** What the configuration that is being applied waits for: cluster names. */
  readonly #warming = new Set<string>();
  readonly #managers = new ManagerStats();
  readonly #options: RuntimeOptions;

  constructor(context: ProxyContext, resolver: DnsResolver, options: RuntimeOptions = {}) {
    const { clock, timers, random, hash64, wheel, tls } = context;
    this.#context = context;
    this.#options = options;
    this.#timers = timers;
    this.#resolver = resolver;
    this.listeners = new ListenerSet(context, timers);
    this.overload = this.#overloadManager(options.overloadLog);
    const { onHealthEvent = () => {}, leader } = options;
    const healthChecks = {
      wheel,
      prober: new NetworkHealthProber(wheel, new UpstreamProbeConnector(tls)),
      onHealthEvent,
    };
    const judge = leader === undefined ? { healthChecks } : { leader };
    this.#clusterDependencies = { clock, random, hash64, ...judge };
    this.#ticker = new ClusterTicker(clock, timers, () => this.snapshot.clusters.values());
    this.#ticker.start();
  }

  get snapshot(): Snapshot {
    return this.#context.snapshot;
  }

  /** Envoy's `listener_manager.` and `cluster_manager.`. */
  managerSamples(): Iterable<Sample> {
    return this.#managers.samples({
      listeners: this.listeners.active.length,
      drainingListeners: this.listeners.drainingCount,
      clusters: this.snapshot.clusters.size,
      warmingClusters: this.#warming.size,
    });
  }

  get hash64(): Hash64 {
    return this.#context.hash64;
  }

  get tls(): TlsContexts {
    return this.#context.tls;
  }

  /** Timers of connections and requests. */
  get armedTimers(): number {
    return this.#context.wheel.size;
  }

  /** Names of clusters whose addresses or first health checks a configuration waits for. */
  get warming(): readonly string[] {
    return [...this.#warming];
  }

  /** Envoy's /healthcheck/fail: connections end with their next response while this is so. */
  get failsHealthChecks(): boolean {
    return this.#context.failsHealthChecks;
  }

  set failsHealthChecks(fails: boolean) {
    this.#context.failsHealthChecks = fails;
  }

  /**
   * Serves `mesh` from now on. Listeners that could not be bound are returned, the rest works. One
   * at a time. Opens nothing when the proxy has been shut down. `secrets`: all that it names.
   */
  apply(mesh: Mesh, secrets: Secrets = new Map()): Promise<readonly BindFailure[]> {
    if (this.#closed) return Promise.resolve([]);
    const applied = this.#apply(mesh, secrets);
    this.#applying = applied.catch(() => undefined);
    return applied;
  }

  /**
   * Lets open requests end, at most `drainMs`. A configuration that is being applied is cut short.
   * `gently`: see `ListenerSet.shutDown`.
   */
  async shutDown(drainMs: number, gently = false): Promise<void> {
    this.#closed = true;
    this.#stopWaiting?.();
    await this.#applying;
    this.#ticker.stop();
    for (const discovery of this.#discoveries.values()) discovery.stop();
    await this.listeners.shutDown(drainMs, gently);
    for (const cluster of this.snapshot.clusters.values()) cluster.retire(null);
    this.overload?.stop();
  }

  async #apply(mesh: Mesh, secrets: Secrets): Promise<readonly BindFailure[]> {
    const previous = this.snapshot;
    const { tls, hash64 } = this.#context;
    if (usesHashes(mesh)) await hash64.load?.();
    // Until then some serve by the old configuration, and checks of health go by the new one.
    tls.addSecrets(secrets);
    if (trustsPlatform(mesh)) tls.loadPlatformAuthorities();
    const next = buildSnapshot(mesh, previous, this.#clusterDependencies);
    let failures: readonly BindFailure[];
    try {
      failures = await this.#makeReady(next, previous, secrets);
    } catch (error) {
      this.#abandon(next, previous);
      throw error;
    }
    this.#context.snapshot = next;
    this.#warming.clear();
    const before = previous.version === 0 ? null : previous.mesh;
    this.#managers.published(before, mesh, failures.length);
    adoptClusters(next, previous);
    this.listeners.adopt(mesh.listeners, reloadDrainMs);
    this.overload?.follow(mesh.overload);
    // Not what they were when this began: some may have been renewed while it waited.
    tls.keepSecrets(secrets.keys());
    this.#retire(previous, next);
    return failures;
  }

  #overloadManager(log: Logger | undefined): OverloadManager | null {
    if (log === undefined) return null;
    const onFailure = ({ listener, error }: BindFailure): void => {
      const { address, port } = listener;
      log.error('a port cannot be opened again', { port: `${address}:${port}`, code: error.code });
    };
    return new OverloadManager({
      ...{ state: this.#context.overload, timers: this.#timers, log, usage: systemUsage },
      setAccepting: (accepts) => this.listeners.setAccepting(accepts, onFailure),
    });
  }

  async #makeReady(
    next: Snapshot,
    previous: Snapshot,
    secrets: Secrets,
  ): Promise<readonly BindFailure[]> {
    await this.#discover(next, previous);
    await this.#checkHealth(next);
    await this.#options.beforeOpen?.();
    const failures = this.#closed ? [] : await this.listeners.open(next.mesh.listeners);
    await this.#options.beforePublish?.(next, secrets);
    return failures;
  }

  /** It will not be published. */
  #abandon(next: Snapshot, previous: Snapshot): void {
    this.#warming.clear();
    for (const [name, cluster] of next.clusters) {
      this.#discoveries.get(cluster)?.stop();
      this.#discoveries.delete(cluster);
      if (!previous.clusters.has(name)) cluster.retire(null);
    }
  }

  /** Starts discovery of new clusters, and waits a little for those that have no endpoint yet. */
  async #discover(next: Snapshot, previous: Snapshot): Promise<void> {
    const started: Promise<void>[] = [];
    for (const cluster of next.clusters.values()) {
      const { discovery } = cluster.model;
      if (discovery !== 'strict-dns' && discovery !== 'logical-dns') continue;
      const resolver = this.#resolver;
      const { onDnsEvent: onEvent = () => {} } = this.#options;
      const refresh = defaultDnsRefresh;
      const dependencies = { resolver, timers: this.#timers, refresh, onEvent };
      const before = previous.clusters.get(cluster.name);
      const known = before === undefined ? undefined : this.#discoveries.get(before);
      const running = new DnsDiscovery(cluster, dependencies, known);
      this.#discoveries.set(cluster, running);
      const first = running.start();
      if (cluster.endpoints.length === 0) started.push(this.#warm(cluster, first));
    }
    if (started.length > 0) await this.#within(dnsWaitMs, Promise.all(started));
  }

  /** A cluster is ready, as in Envoy, when each of its endpoints has been checked once. */
  async #checkHealth(next: Snapshot): Promise<void> {
    const started: Promise<void>[] = [];
    for (const cluster of next.clusters.values()) {
      const settled = cluster.warmUp();
      if (settled !== null) started.push(this.#warm(cluster, settled));
    }
    if (started.length > 0) await this.#within(healthWaitMs, Promise.all(started));
  }

  #warm({ name }: LiveCluster, ready: Promise<void>): Promise<void> {
    this.#warming.add(name);
    return ready.finally(() => this.#warming.delete(name));
  }

  /** Waits for `done`, but no longer than `ms` milliseconds, and not while the proxy ends. */
  #within(ms: number, done: Promise<unknown>): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = this.#timers.set(ms, () => stop());
      const stop = (): void => {
        timer.cancel();
        if (this.#stopWaiting === stop) this.#stopWaiting = null;
        resolve();
      };
      this.#stopWaiting = stop;
      done.then(stop, reject);
    });
  }

  #retire(previous: Snapshot, next: Snapshot): void {
    for (const [name, cluster] of previous.clusters) {
      this.#discoveries.get(cluster)?.stop();
      this.#discoveries.delete(cluster);
      cluster.retire(next.clusters.get(name) ?? null);
    }
  }
}

function trustsPlatform({ clusters }: Mesh): boolean {
  return clusters.some(({ tls }) => tls?.validation?.trustedCa === null);
}
