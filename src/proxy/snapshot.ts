/**
 * Everything that serving needs of one configuration, immutable. A change publishes a new snapshot
 * by one assignment; an exchange finishes on the snapshot with which it began.
 */

import type { LiveCluster } from '../cluster/live-cluster.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Route } from '../model/route.ts';
import type { CompiledRouteTable } from '../routing/route-table.ts';
import type { SidesTraceRules } from '../telemetry/tracing/trace-rules.ts';
import type { LimitZones } from './admission/limit-zones.ts';
import type { RouteRuntime } from './stream/route-runtime.ts';

export interface Snapshot {
  /** Counts up from 1. */
  readonly version: number;
  readonly mesh: Mesh;
  readonly routeTables: ReadonlyMap<string, CompiledRouteTable>;
  readonly routes: ReadonlyMap<Route, RouteRuntime>;
  readonly clusters: ReadonlyMap<string, LiveCluster>;
  /** What limits of clients have counted, which goes on in the next snapshot. */
  readonly limitZones: LimitZones;
  readonly traceRules: SidesTraceRules;
}
