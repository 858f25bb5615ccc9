/** What the admin API reads of the running proxy, and what it can make it do. */

import type { Result } from '../base/result.ts';
import type { Hash64 } from '../base/xxhash64.ts';
import type { LiveCluster } from '../cluster/live-cluster.ts';
import type { Finding } from '../config/finding.ts';
import type { BegunConnection, Certificates } from '../explain/explained-config.ts';
import type { FilterChain } from '../model/filter-chain.ts';
import type { Listener } from '../model/listener.ts';
import type { Mesh } from '../model/mesh.ts';
import type { CompiledRouteTable } from '../routing/route-table.ts';
import type { LoadedResource } from '../runtime/loaded-resources.ts';
import type { TakeoverInvitation } from '../runtime/takeover/takeover-protocol.ts';
import type { LogRoot } from '../telemetry/logger.ts';
import type { MetricsRegistry } from '../telemetry/metrics/metrics.ts';
import type { LiveTraffic } from '../telemetry/traffic/live-traffic.ts';
import type { TrafficSampler } from '../telemetry/traffic/traffic-sampler.ts';
import type { Diagnostics } from './diagnostics.ts';

/** Those of Envoy's ServerInfo.State that can be seen: the API is open from INITIALIZING on. */
export type LifecycleState = 'INITIALIZING' | 'LIVE' | 'DRAINING';

export interface ConfigStatus {
  /** Counts the configurations that were published, from 1; 0 before the first. */
  readonly version: number;
  /** Milliseconds since the epoch of publishing; 0 before the first. */
  readonly publishedWall: number;
  /** Everything of the last load could be applied. */
  readonly lastLoadOk: boolean;
  /** Of the last load. */
  readonly findings: readonly Finding[];
  /** `VirtualService default/reviews`: unusable, keeps its last good version if there is one. */
  readonly rejected: readonly string[];
  readonly mesh: Mesh;
}

export interface ListenerStatus {
  readonly listener: Listener;
  /** The port really bound, where the configured one is 0. */
  readonly boundPort: number;
  /** Accepts no connections any more; those it has go on. */
  readonly draining: boolean;
}

export interface DrainOptions {
  /** Inbound listeners only. */
  readonly inboundOnly: boolean;
  /** Clients are taken for a while yet (Istio drainDuration). */
  readonly graceful: boolean;
  /** Clients are taken until the proxy ends. */
  readonly skipExit: boolean;
}

export interface WorkerStatus {
  /** From 1; one that takes the place of another has the number of that one. */
  readonly number: number;
  readonly pid: number;
}

/** The certificates of one TLS context, as PEM, each with the name of where it comes from. */
export interface CertificateUse {
  readonly authorities: readonly NamedCertificate[];
  readonly chain: readonly NamedCertificate[];
}

export interface NamedCertificate {
  /** File, `kubernetes://NAMESPACE/NAME`, or what the local authority made it for. */
  readonly name: string;
  readonly pem: string;
}

export interface RunningState {
  /** Of the program, for example `0.1.0`. */
  readonly version: string;
  readonly metrics: MetricsRegistry;
  readonly traffic: LiveTraffic;
  readonly trafficSampler: TrafficSampler;
  readonly logs: LogRoot;
  readonly diagnostics: Diagnostics;
  /** That of the load balancers. */
  readonly hash64: Hash64;
  lifecycle(): LifecycleState;
  /** Milliseconds since the epoch. */
  wall(): number;
  /** Seconds since the process started. */
  uptimeSeconds(): number;
  config(): ConfigStatus;
  /** How long open requests get when the proxy ends; milliseconds, infinite without a limit. */
  drainTimeMs(): number;
  listeners(): readonly ListenerStatus[];
  clusters(): readonly LiveCluster[];
  /** null: there is none of that name. */
  findCluster(name: string): LiveCluster | null;
  /** By name, as requests are routed now. */
  routeTables(): ReadonlyMap<string, CompiledRouteTable>;
  /** That of a connection to a listener which begins like that; null: it is closed. */
  findFilterChain(listener: string, begun: BegunConnection): FilterChain | null;
  /** Without any key; null: they are missing. */
  findCertificates(name: string): Certificates | null;
  /** Of the configuration that serves. */
  resources(): readonly LoadedResource[];
  /** Of TLS towards clients and endpoints. Without any key. */
  certificates(): readonly CertificateUse[];
  /** Names of clusters that a configuration waits for: addresses, or first health checks. */
  warming(): readonly string[];
  /** Connections of listeners end with their next response, then no further ones are accepted. */
  drainListeners(options: DrainOptions): void;
  /** Envoy's /healthcheck/fail and /healthcheck/ok. */
  failHealthChecks(fails: boolean): void;
  /** Access logs, as SIGUSR1 does. */
  reopenLogs(): Promise<void>;
  /** Ends the process as SIGTERM does. */
  quit(): void;
  /** For a process that is to take its place. The error is a sentence for its user. */
  inviteTakeover(protocol: string): Promise<Result<TakeoverInvitation, string>>;
  /** Processes that serve; with one, that one serves all. */
  concurrency(): number;
  /** Worker processes that serve now; none where this process serves itself. */
  workers(): readonly WorkerStatus[];
  /** Brings what others have counted up to date; null: nobody else counts. */
  refresh(): Promise<void> | null;
  /** The same for records of requests that have ended. */
  gatherRequests(): Promise<void> | null;
  /** Counters and histograms start again at zero. */
  resetCounters(): Promise<void>;
}
