/** From the model to a snapshot that can serve: compiled tables, routes made ready, live clusters. */

import { type ClusterDependencies, LiveCluster } from '../cluster/live-cluster.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Route } from '../model/route.ts';
import { type LimitZones, limitZones, noZones } from '../proxy/admission/limit-zones.ts';
import type { Snapshot } from '../proxy/snapshot.ts';
import { createRouteRuntime, type RouteRuntime } from '../proxy/stream/route-runtime.ts';
import { compileRouteTable } from '../routing/route-table.ts';
import { compileTraceRules } from '../telemetry/tracing/trace-rules.ts';

/** `previous` shares the live state of clusters with the same name, and is not changed. */
export function buildSnapshot(
  mesh: Mesh,
  previous: Snapshot | null,
  dependencies: ClusterDependencies,
): Snapshot {
  const tables = mesh.routeTables.map((table) => compileRouteTable(table));
  const zones = limitZones(mesh, previous?.limitZones ?? noZones());
  return {
    version: (previous?.version ?? 0) + 1,
    mesh,
    routeTables: new Map(tables.map((table) => [table.name, table])),
    routes: prepareRoutes(mesh, zones),
    clusters: buildClusters(mesh, previous, dependencies),
    limitZones: zones,
    traceRules: compileTraceRules(mesh.telemetry),
  };
}

function prepareRoutes(mesh: Mesh, zones: LimitZones): ReadonlyMap<Route, RouteRuntime> {
  const routes = new Map<Route, RouteRuntime>();
  for (const table of mesh.routeTables) {
    for (const virtualHost of table.virtualHosts) {
      for (const route of virtualHost.routes) routes.set(route, createRouteRuntime(route, zones));
    }
  }
  return routes;
}

function buildClusters(
  mesh: Mesh,
  previous: Snapshot | null,
  dependencies: ClusterDependencies,
): ReadonlyMap<string, LiveCluster> {
  const clusters = new Map<string, LiveCluster>();
  for (const model of mesh.clusters) {
    const before = previous?.clusters.get(model.name) ?? null;
    clusters.set(model.name, new LiveCluster(model, before, dependencies));
  }
  return clusters;
}

/** `next` serves from now on: its clusters say what is watched, and how. */
export function adoptClusters(next: Snapshot, previous: Snapshot): void {
  for (const [name, cluster] of next.clusters) cluster.adopt(previous.clusters.get(name) ?? null);
}

/** The snapshot of a proxy that has no configuration yet. */
export function emptySnapshot(mesh: Mesh): Snapshot {
  return {
    version: 0,
    mesh,
    routeTables: new Map(),
    routes: new Map(),
    clusters: new Map(),
    limitZones: noZones(),
    traceRules: { client: null, server: null },
  };
}
