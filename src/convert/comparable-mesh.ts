/**
 * A model without the names that are given anew when Ingresses are converted, so that what it
 * does with requests can be compared: tables of TLS are named after Gateways, clusters by subsets.
 */

import { isObject } from '../base/is-object.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Mesh } from '../model/mesh.ts';
import type { PathMatch } from '../model/route-match.ts';
import type { CorsPolicy } from '../model/route-policy.ts';
import type { RouteTable, VirtualHost } from '../model/virtual-host.ts';

export interface Leniency {
  /** Upper and lower case of paths make no difference. */
  readonly letterCase: boolean;
  /** `/foo` is taken for no prefix of `/foobar`. */
  readonly words: boolean;
  /** A subset is taken for the whole service. */
  readonly subsets: boolean;
}

export const strict: Leniency = { letterCase: false, words: false, subsets: false };

/** Only tables of Gateways are left. Both models that are compared share `subsets`. */
export function comparableMesh(mesh: Mesh, subsets: SubsetNames, leniency = strict): Mesh {
  const clusterNames = new Map(
    leniency.subsets ? mesh.clusters.map(withoutSubset) : subsets.namesOf(mesh.clusters),
  );
  const tableNames = new Map(
    mesh.routeTables.filter(isOfGateway).map(({ name }) => [name, sharedName(name)]),
  );
  const renamed = (text: string) => clusterNames.get(text) ?? tableNames.get(text) ?? text;
  const all = JSON.parse(JSON.stringify(mesh), (key, value: unknown) => {
    if (key === 'path' && isObject(value)) return lenient(value as PathLike, leniency);
    if (key === 'cors' && isObject(value)) return withoutIdleCors(value as unknown as CorsPolicy);
    return typeof value === 'string' ? renamed(value) : value;
  }) as Mesh;
  const names = new Set(tableNames.values());
  return {
    ...all,
    routeTables: mergedTables(all.routeTables.filter(({ name }) => names.has(name))),
    clusters: [...new Map(all.clusters.map((cluster) => [cluster.name, cluster])).values()],
  };
}

/** Redirects have a path as well, which is a text. */
type PathLike = Partial<PathMatch>;

function lenient(path: PathLike, { letterCase, words }: Leniency): PathLike {
  const { kind, value = '' } = path;
  if (kind === undefined) return path;
  const ignoreCase = letterCase ? { ignoreCase: false } : {};
  if (kind === 'regex' && letterCase) return { ...path, value: value.replace(/^\(\?i\)/, '') };
  const isWord = kind === 'prefix' && !['', '/'].includes(value);
  if (!isWord || !words) return { ...path, ...ignoreCase };
  const segments = value.replace(/\/$/, '');
  return { ...path, ...ignoreCase, kind: 'path-separated-prefix', value: segments };
}

/** Where every origin is allowed, no preflight is of another one. */
function withoutIdleCors(policy: CorsPolicy): CorsPolicy {
  const isForAll = policy.allowOrigins.some(({ kind }) => kind === 'present');
  return isForAll ? { ...policy, forwardUnmatchedPreflights: false } : policy;
}

function isOfGateway({ name }: RouteTable): boolean {
  return /^https?\./.test(name);
}

/** `https.443.…` becomes `https.443`: one for all servers of the port. */
function sharedName(name: string): string {
  return name.split('.').slice(0, 2).join('.');
}

function mergedTables(tables: readonly RouteTable[]): RouteTable[] {
  const merged = new Map<string, RouteTable>();
  for (const table of tables) {
    const known = merged.get(table.name);
    const own = table.virtualHosts.filter((host) => !isMisdirected(host));
    const virtualHosts = [...(known?.virtualHosts ?? []), ...own];
    merged.set(table.name, { ...table, virtualHosts });
  }
  return [...merged.values()];
}

/** Of a host that another listener of the port has: its table says what becomes of requests. */
function isMisdirected({ routes }: VirtualHost): boolean {
  const [first, ...others] = routes;
  const action = first?.action;
  return others.length === 0 && action?.kind === 'direct-response' && action.status === 421;
}

const unnamed = new Set(['name', 'origin', 'origins', 'settingOrigins']);

/** Subsets by what holds for them: one that is like the whole service is the whole service. */
export class SubsetNames {
  readonly #names = new Map<string, string>();

  /** From the name of each cluster to the one it is compared by. */
  namesOf(clusters: readonly Cluster[]): [string, string][] {
    const ordered = clusters.toSorted((a, b) => subsetOf(a).length - subsetOf(b).length);
    return ordered.map((cluster) => {
      const content = contentOf(cluster);
      const name = this.#names.get(content) ?? cluster.name;
      this.#names.set(content, name);
      return [cluster.name, name];
    });
  }
}

function withoutSubset({ name }: Cluster): [string, string] {
  const [direction, port, subset, ...host] = name.split('|');
  const isSubset = direction === 'outbound' && subset !== undefined;
  return [name, isSubset ? [direction, port, '', ...host].join('|') : name];
}

function subsetOf({ name }: Cluster): string {
  return name.split('|')[2] ?? '';
}

/** With the host and port that it is for. */
function contentOf(cluster: Cluster): string {
  const [direction, port, , host] = cluster.name.split('|');
  const content = JSON.stringify(cluster, (key, value: unknown) =>
    unnamed.has(key) ? undefined : value,
  );
  return `${direction} ${port} ${host} ${content}`;
}
