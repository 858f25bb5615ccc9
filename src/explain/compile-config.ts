/** Compiles a model for explanations, without opening anything. */

import { systemClock } from '../base/clock.ts';
import { SeededRandom } from '../base/random.ts';
import type { Hash64 } from '../base/xxhash64.ts';
import { LiveCluster } from '../cluster/live-cluster.ts';
import type { Cluster } from '../model/cluster.ts';
import type { FilterChain } from '../model/filter-chain.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Secret } from '../model/secret.ts';
import { FilterChainMatcher } from '../proxy/listener/filter-chain-matcher.ts';
import { type CompiledRouteTable, compileRouteTable } from '../routing/route-table.ts';
import type {
  BegunConnection,
  Certificates,
  ExplainedConfig,
  OpenListener,
} from './explained-config.ts';

type ShownSecret = Pick<Secret, 'name'> & Certificates;

/** `secrets`: what the mesh names of certificates; only what clients are shown is read. */
export function compileConfig(
  mesh: Mesh,
  hash64: Hash64,
  secrets: readonly ShownSecret[] = [],
): ExplainedConfig {
  return new CompiledConfig(mesh, hash64, secrets);
}

class CompiledConfig implements ExplainedConfig {
  readonly hash64: Hash64;
  readonly #mesh: Mesh;
  readonly #secrets: ReadonlyMap<string, Certificates>;
  readonly #routeTables: ReadonlyMap<string, CompiledRouteTable>;
  readonly #models: ReadonlyMap<string, Cluster>;
  /** Those that were asked for. */
  readonly #clusters = new Map<string, LiveCluster>();

  constructor(mesh: Mesh, hash64: Hash64, secrets: readonly ShownSecret[]) {
    this.#mesh = mesh;
    this.#secrets = new Map(secrets.map((secret) => [secret.name, secret]));
    this.hash64 = hash64;
    this.#routeTables = new Map(
      mesh.routeTables.map((table) => [table.name, compileRouteTable(table)]),
    );
    this.#models = new Map(mesh.clusters.map((cluster) => [cluster.name, cluster]));
  }

  listeners(): readonly OpenListener[] {
    return this.#mesh.listeners.map((listener) => ({ listener, boundPort: listener.port }));
  }

  routeTables(): ReadonlyMap<string, CompiledRouteTable> {
    return this.#routeTables;
  }

  findCluster(name: string): LiveCluster | null {
    const known = this.#clusters.get(name);
    if (known !== undefined) return known;
    const model = this.#models.get(name);
    if (model === undefined) return null;
    // Chance has no part in what is asked of it.
    const dependencies = { clock: systemClock, random: new SeededRandom(0), hash64: this.hash64 };
    const cluster = new LiveCluster(model, null, dependencies);
    this.#clusters.set(name, cluster);
    return cluster;
  }

  findCertificates(name: string): Certificates | null {
    return this.#secrets.get(name) ?? null;
  }

  findFilterChain(name: string, begun: BegunConnection): FilterChain | null {
    const listener = this.#mesh.listeners.find((one) => one.name === name);
    if (listener === undefined) return null;
    const chains = listener.filterChains.map((model) => ({ model }));
    const matcher = new FilterChainMatcher(chains);
    const destination = begun.destination ?? listener.address;
    return matcher.chainsFor(destination)?.choose(begun)?.model ?? null;
  }
}
