/** A route table made ready for the request path: virtual hosts by name, routes indexed. */

import type { RouteTable, VirtualHost } from '../model/virtual-host.ts';
import { type CompiledRoute, compileRoute } from './compiled-route.ts';
import { portStart } from './redirect.ts';
import { RouteIndex } from './route-index.ts';

export interface CompiledVirtualHost {
  readonly virtualHost: VirtualHost;
  /** In declared order. */
  readonly routes: readonly CompiledRoute[];
  /** null where looking at every route in turn is faster. */
  readonly index: RouteIndex | null;
}

/** With fewer routes a scan costs less than an index (bench/micro/routing.ts). */
const minIndexedRoutes = 17;

/** Virtual hosts of wildcard domains by what stands beside the `*`, the longest first. */
type Wildcards = readonly (readonly [number, ReadonlyMap<string, CompiledVirtualHost>])[];

export function compileRouteTable(table: RouteTable): CompiledRouteTable {
  return new CompiledRouteTable(table);
}

export class CompiledRouteTable {
  readonly name: string;
  readonly grpcWeb: boolean;
  readonly virtualHosts: readonly CompiledVirtualHost[];
  readonly #ignorePort: boolean;
  /** By domain, in lower case. */
  readonly #exact: ReadonlyMap<string, CompiledVirtualHost>;
  /** `*.foo.com` by `.foo.com`; null for none. */
  readonly #suffixes: Wildcards | null;
  /** `foo.*` by `foo.`; null for none. */
  readonly #prefixes: Wildcards | null;
  readonly #catchAll: CompiledVirtualHost | null;
  readonly #hasCatchAllOnly: boolean;
  /**
   * What was asked for last, and its virtual host. Requests for one host come in rows, and a Map
   * looks a string that was just cut out of a head up in V8's table of all strings first.
   */
  #lastAuthority = '';
  #lastFound: CompiledVirtualHost | null = null;

  constructor(table: RouteTable) {
    this.name = table.name;
    this.grpcWeb = table.grpcWeb;
    this.virtualHosts = table.virtualHosts.map(compileVirtualHost);
    this.#ignorePort = table.ignorePortInHost;
    const domains = domainsOf(this.virtualHosts);
    this.#exact = new Map(domains.filter(([domain]) => !domain.includes('*')));
    this.#suffixes = compileWildcards(
      domains.filter(([domain]) => domain.length > 1 && domain.startsWith('*')),
      (domain) => domain.slice(1),
    );
    this.#prefixes = compileWildcards(
      domains.filter(([domain]) => domain.length > 1 && domain.endsWith('*')),
      (domain) => domain.slice(0, -1),
    );
    this.#catchAll = domains.find(([domain]) => domain === '*')?.[1] ?? null;
    this.#hasCatchAllOnly = this.#catchAll !== null && domains.length === 1;
  }

  /** By exact name, then longest suffix wildcard, longest prefix wildcard, and `*`, as Envoy. */
  findVirtualHost(authority: string): CompiledVirtualHost | null {
    if (this.#hasCatchAllOnly) return this.#catchAll;
    if (authority === '') return null;
    if (authority === this.#lastAuthority) return this.#lastFound;
    const host = this.#withoutPort(authority);
    // Names mostly come in lower case as they are.
    const found = this.#exact.get(host) ?? this.#findByName(host.toLowerCase());
    this.#lastAuthority = authority;
    this.#lastFound = found;
    return found;
  }

  /** Whether a domain other than `*` covers it. `host` is in lower case and has no port. */
  hasHost(host: string): boolean {
    return this.#findNamed(host) !== null;
  }

  /** What domains are compared with: in lower case, without a port that does not count. */
  comparedHost(authority: string): string {
    return this.#withoutPort(authority).toLowerCase();
  }

  #withoutPort(authority: string): string {
    const portAt = this.#ignorePort ? portStart(authority) : -1;
    return portAt < 0 ? authority : authority.slice(0, portAt);
  }

  #findByName(host: string): CompiledVirtualHost | null {
    return this.#findNamed(host) ?? this.#catchAll;
  }

  #findNamed(host: string): CompiledVirtualHost | null {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return exact;
    const bySuffix = this.#suffixes === null ? null : findSuffix(this.#suffixes, host);
    if (bySuffix !== null) return bySuffix;
    return this.#prefixes === null ? null : findPrefix(this.#prefixes, host);
  }
}

function compileVirtualHost(virtualHost: VirtualHost): CompiledVirtualHost {
  const routes = virtualHost.routes.map(compileRoute);
  const index = routes.length < minIndexedRoutes ? null : new RouteIndex(routes);
  return { virtualHost, routes, index };
}

type Domain = readonly [domain: string, virtualHost: CompiledVirtualHost];

/** In lower case. A domain that is there twice belongs to the first virtual host that has it. */
function domainsOf(virtualHosts: readonly CompiledVirtualHost[]): readonly Domain[] {
  const domains = new Map<string, CompiledVirtualHost>();
  for (const compiled of virtualHosts) {
    for (const domain of compiled.virtualHost.domains) {
      const name = domain.toLowerCase();
      if (!domains.has(name)) domains.set(name, compiled);
    }
  }
  return [...domains];
}

function compileWildcards(
  domains: readonly Domain[],
  fixedPart: (domain: string) => string,
): Wildcards | null {
  if (domains.length === 0) return null;
  const byLength = new Map<number, Map<string, CompiledVirtualHost>>();
  for (const [domain, virtualHost] of domains) {
    const fixed = fixedPart(domain);
    const sameLength = byLength.get(fixed.length) ?? new Map<string, CompiledVirtualHost>();
    byLength.set(fixed.length, sameLength.set(fixed, virtualHost));
  }
  return [...byLength].sort(([a], [b]) => b - a);
}

/** The `*` stands for at least one character: `*.foo.com` is not `.foo.com`. */
function findSuffix(wildcards: Wildcards, host: string): CompiledVirtualHost | null {
  for (const [length, byText] of wildcards) {
    if (length >= host.length) continue;
    const found = byText.get(host.slice(host.length - length));
    if (found !== undefined) return found;
  }
  return null;
}

function findPrefix(wildcards: Wildcards, host: string): CompiledVirtualHost | null {
  for (const [length, byText] of wildcards) {
    if (length >= host.length) continue;
    const found = byText.get(host.slice(0, length));
    if (found !== undefined) return found;
  }
  return null;
}
