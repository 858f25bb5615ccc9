/** Compares two configurations: requests by their routes, then what no request tells of. */

import type { Cluster } from '../model/cluster.ts';
import type { HttpFilterChain, RouteSource } from '../model/filter-chain.ts';
import type { PathNormalization } from '../model/http-settings.ts';
import type { Listener } from '../model/listener.ts';
import type { Mesh } from '../model/mesh.ts';
import { type CompiledRouteTable, compileRouteTable } from '../routing/route-table.ts';
import { Behaviours, clusterDifferences } from './behaviour.ts';
import { Budget } from './budget.ts';
import { canonicalText, readableText } from './canonical.ts';
import { compareConnections } from './compare-connections.ts';
import { type ComparedSides, compareHosts } from './compare-hosts.ts';
import {
  compareListeners,
  type ListenerPair,
  listenerPairs,
  type MissingSecrets,
} from './compare-listeners.ts';
import type { ConnectionRegion } from './connection-difference.ts';
import { describeFinding } from './describe-finding.ts';
import { describeCluster } from './destination-field.ts';
import type { ModelDifference, Region, StructuralDifference } from './difference.ts';
import { hostClasses } from './host-classes.ts';
import { mergeRegions } from './merge-regions.ts';
import { type TablePair, tablePairs } from './table-pairs.ts';
import { WordFinder } from './word-finder.ts';

const nothingMissing: MissingSecrets = [new Set(), new Set()];

/** `missing`: certificates; left out where they are not known. */
export function compareMeshes(
  before: Mesh,
  after: Mesh,
  missing: MissingSecrets = nothingMissing,
): ModelDifference {
  const comparison = new MeshComparison(before, after);
  return comparison.run(missing);
}

const unseen = 'too many cases, or a regular expression that cannot be looked into';
const maybeMore = 'there may be more differences';

/** Steps of all walks together: some seconds. */
const maxWalks = 2_000_000;

class MeshComparison {
  readonly #meshes: readonly [Mesh, Mesh];
  readonly #behaviours: readonly [Behaviours, Behaviours];
  readonly #tables: readonly [Tables, Tables];
  readonly #regions: Region[] = [];
  readonly #words = new WordFinder();
  readonly #walks = new Budget(maxWalks);
  readonly #incomplete = new Set<string>();

  constructor(before: Mesh, after: Mesh) {
    this.#meshes = [before, after];
    this.#behaviours = [new Behaviours(before.clusters), new Behaviours(after.clusters)];
    this.#tables = [new Tables(before), new Tables(after)];
  }

  run(missing: MissingSecrets): ModelDifference {
    const [before, after] = this.#tables;
    const names = new Set([...before.names(), ...after.names()]);
    const pairs = listenerPairs(...this.#meshes);
    const tables = tablePairs(names, pairs);
    for (const pair of tables) this.#compareTables(pair);
    const regions = mergeRegions(this.#regions);
    const connections = pairs.flatMap((pair) => this.#compareConnections(pair));
    const others = [
      ...compareListeners(pairs, missing),
      ...this.#tableSettings(tables),
      ...this.#otherClusters([...regions, ...connections]),
      ...this.#telemetry(),
    ];
    const notes = [...this.#incomplete].sort();
    return { regions, connections, others, notes };
  }

  #compareConnections({ name, before, after }: ListenerPair): ConnectionRegion[] {
    if (before === undefined || after === undefined) return [];
    const [old, now] = this.#behaviours;
    return compareConnections(
      name,
      { listener: before, behaviours: old },
      { listener: after, behaviours: now },
    );
  }

  #compareTables({ label: name, before: oldName, after: newName, serverNames }: TablePair): void {
    const [oldTables, newTables] = this.#tables;
    const before = oldName === null ? null : oldTables.find(oldName);
    const after = newName === null ? null : newTables.find(newName);
    if (before === null && after === null) return;
    const [old, now] = this.#behaviours;
    if (oldTables.textOf(before, old) === newTables.textOf(after, now)) return;
    const normalization = newTables.normalization(newName) ?? oldTables.normalization(oldName);
    const sides: ComparedSides = {
      before: old,
      after: now,
      normalization: normalization ?? 'BASE',
      words: this.#words,
      walks: this.#walks,
    };
    const hosts = hostClasses(before, after, this.#words);
    if (!hosts.complete) this.#incomplete.add(`hosts of ${name}: ${unseen}; ${maybeMore}`);
    for (const one of hosts.classes) {
      if (serverNames !== null && !isAmong(one.authority, serverNames)) continue;
      const compared = compareHosts(one, sides);
      const label = one.domains[0] ?? one.authority;
      if (!compared.complete) {
        const isFound = compared.findings.length > 0;
        const place = `host ${label} of ${name}`;
        this.#incomplete.add(
          isFound ? `${place}: ${unseen}; ${maybeMore}` : `${place} may differ: ${unseen}`,
        );
      }
      for (const finding of compared.findings) {
        this.#regions.push(describeFinding(finding, one, name));
      }
    }
  }

  #tableSettings(pairs: readonly TablePair[]): StructuralDifference[] {
    return pairs.flatMap(({ label: name, before, after }) => {
      const wanted = [before, after];
      const [old, now] = this.#meshes.map((mesh, side) =>
        mesh.routeTables.find((table) => table.name === wanted[side]),
      );
      if (old === undefined || now === undefined) return [];
      const differences = (['ignorePortInHost', 'grpcWeb'] as const)
        .filter((field) => old[field] !== now[field])
        .map((field) => ({ field, old: String(old[field]), new: String(now[field]) }));
      if (differences.length === 0) return [];
      return [{ kind: 'route-table' as const, name, change: 'changed' as const, differences }];
    });
  }

  /** Clusters that differ and that no differing request or connection has shown. */
  #otherClusters(regions: readonly Pick<Region, 'differences'>[]): StructuralDifference[] {
    const told = new Set(
      regions.flatMap(({ differences }) => differences.map(({ field }) => field.split(' of ')[1])),
    );
    const [before, after] = this.#meshes.map(
      ({ clusters }) => new Map(clusters.map((cluster) => [cluster.name, cluster])),
    ) as [Map<string, Cluster>, Map<string, Cluster>];
    const names = new Set([...before.keys(), ...after.keys()]);
    return [...names].flatMap((name): StructuralDifference[] => {
      const [old, now] = [before.get(name), after.get(name)];
      const label = describeCluster(name);
      const kind = 'cluster';
      if (old === undefined) return [{ kind, name: label, change: 'added', differences: [] }];
      if (now === undefined) return [{ kind, name: label, change: 'removed', differences: [] }];
      const differences = clusterDifferences(old, now);
      if (differences.length === 0 || told.has(label)) return [];
      return [{ kind, name: label, change: 'changed', differences }];
    });
  }

  #telemetry(): StructuralDifference[] {
    const [before, after] = this.#meshes;
    return (['client', 'server'] as const).flatMap((side) => {
      const [old, now] = [before.telemetry[side], after.telemetry[side]];
      const differences = (['accessLogs', 'tracing', 'metrics'] as const)
        .filter((field) => canonicalText(old[field]) !== canonicalText(now[field]))
        .map((field) => {
          return { field, old: readableText(old[field]), new: readableText(now[field]) };
        });
      if (differences.length === 0) return [];
      return [{ kind: 'telemetry' as const, name: side, change: 'changed' as const, differences }];
    });
  }
}

/** The route tables of one configuration, and how its listeners find them. */
class Tables {
  readonly #tables: ReadonlyMap<string, CompiledRouteTable>;
  /** Names of the tables for which the port of the authority is none of the host. */
  readonly #ignoringPort: ReadonlySet<string>;
  readonly #chains: readonly HttpFilterChain[];

  constructor(mesh: Mesh) {
    this.#tables = new Map(mesh.routeTables.map((table) => [table.name, compileRouteTable(table)]));
    const ignoring = mesh.routeTables.filter(({ ignorePortInHost }) => ignorePortInHost);
    this.#ignoringPort = new Set(ignoring.map((table) => table.name));
    this.#chains = mesh.listeners.flatMap(httpChains);
  }

  names(): Iterable<string> {
    return this.#tables.keys();
  }

  /** Ports without a table of their own have that for all others. */
  find(name: string): CompiledRouteTable | null {
    const own = this.#tables.get(name);
    if (own !== undefined) return own;
    const byPort = this.#chains.find(({ routes }) => routes.kind === 'authority-port');
    if (byPort?.routes.kind !== 'authority-port' || !/^\d+$/.test(name)) return null;
    return this.#tables.get(byPort.routes.fallback) ?? null;
  }

  /** Equal for tables whose virtual hosts do the same things in the same words. */
  textOf(table: CompiledRouteTable | null, behaviours: Behaviours): string {
    const hosts = table?.virtualHosts.map(({ virtualHost, routes }) => {
      const steps = routes.map((one) => [one.route.match, behaviours.of(one).key]);
      return [virtualHost.domains, virtualHost.requireTls, steps];
    });
    return canonicalText([table !== null && this.#ignoringPort.has(table.name), hosts]);
  }

  normalization(name: string | null): PathNormalization | null {
    if (name === null) return null;
    const chain = this.#chains.find(({ routes }) => usesTable(routes, name));
    return chain?.http.pathNormalization ?? null;
  }
}

/** Whether a client that asks for one of the server names may send it; both without its port. */
function isAmong(authority: string, serverNames: readonly string[]): boolean {
  const host = authority.replace(/:\d+$/, '');
  return serverNames.some((name) =>
    name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name,
  );
}

function httpChains({ filterChains }: Listener): HttpFilterChain[] {
  return filterChains.filter((chain) => chain.kind === 'http');
}

function usesTable(source: RouteSource, name: string): boolean {
  if (source.kind === 'table') return source.name === name;
  return source.fallback === name || Object.values(source.tables).includes(name);
}
