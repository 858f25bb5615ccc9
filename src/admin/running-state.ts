/** What the admin API reads of the running proxy, and what it can make it do. */

import type { LiveCluster } from '../cluster/live-cluster.ts';
import type { Finding } from '../config/finding.ts';
import type { Listener } from '../model/listener.ts';
import type { Mesh } from '../model/mesh.ts';
import type { LogRoot } from '../telemetry/logger.ts';
import type { MetricsRegistry } from '../telemetry/metrics.ts';

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

export interface RunningState {
  /** Of the program, for example `0.1.0`. */
  readonly version: string;
  readonly metrics: MetricsRegistry;
  readonly logs: LogRoot;
  lifecycle(): LifecycleState;
  /** Seconds since the process started. */
  uptimeSeconds(): number;
  config(): ConfigStatus;
  listeners(): readonly ListenerStatus[];
  clusters(): readonly LiveCluster[];
  /** Stops accepting; open connections end with their next response where `graceful`. */
  drainListeners(graceful: boolean): void;
  /** Ends the process as SIGTERM does. */
  quit(): void;
}
