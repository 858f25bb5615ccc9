/**
 * The route tables of one gateway port: the hosts of its servers with the VirtualServices bound to
 * them.
 */

import type { Origin } from '../../../model/origin.ts';
import type { Route } from '../../../model/route.ts';
import type { RouteTable, VirtualHost } from '../../../model/virtual-host.ts';
import { closestHost, intersectHosts } from '../../registry/host-names.ts';
import { parseProtocol } from '../../registry/protocol.ts';
import { originOf } from '../../resource.ts';
import type { RouteContext } from '../routes/route-action.ts';
import { isCatchAll } from '../routes/route-match.ts';
import { translateRules } from '../routes/routes.ts';
import type { BoundVirtualService } from '../rules/virtual-services.ts';
import type { Scope } from '../scope.ts';
import type { BoundServer, GatewayPort } from './gateway-servers.ts';
import { misdirectedHosts } from './misdirected-hosts.ts';
import { reportUnbound } from './unbound-servers.ts';

/** VirtualServices by the gateways they name. */
export type GatewayBindings = ReadonlyMap<string, readonly BoundVirtualService[]>;

export function bindToGateways(virtualServices: readonly BoundVirtualService[]): GatewayBindings {
  const bindings = new Map<string, BoundVirtualService[]>();
  for (const virtualService of virtualServices) {
    for (const gateway of new Set(virtualService.gateways)) {
      const others = bindings.get(gateway);
      if (others === undefined) bindings.set(gateway, [virtualService]);
      else others.push(virtualService);
    }
  }
  return bindings;
}

/** Istio's names: one for all plain servers of a port, one for each server where TLS ends. */
export function gatewayTableName(
  { port, bind }: Omit<GatewayPort, 'servers'>,
  { kind, spec, resource }: BoundServer,
): string {
  if (kind === 'http') return bind === null ? `http.${port}` : `http.${port}.${bind}`;
  const { name, namespace } = resource.metadata;
  return `https.${port}.${spec.port?.name ?? ''}.${name}.${namespace}`;
}

/** None for a port that is not HTTP. */
export function gatewayTables(
  scope: Scope,
  gatewayPort: GatewayPort,
  bindings: GatewayBindings,
): RouteTable[] {
  const { port, servers } = gatewayPort;
  const tables = new Map<string, BoundServer[]>();
  for (const server of servers) {
    if (server.kind !== 'http' && server.kind !== 'https') continue;
    const name = gatewayTableName(gatewayPort, server);
    tables.set(name, [...(tables.get(name) ?? []), server]);
  }
  return [...tables].map(([name, own]) =>
    gatewayTable(scope, { name, port, servers: own, ofPort: servers }, bindings),
  );
}

interface TableServers {
  readonly name: string;
  readonly port: number;
  readonly servers: readonly BoundServer[];
  /** With those of other tables. */
  readonly ofPort: readonly BoundServer[];
}

function gatewayTable(
  scope: Scope,
  { name, port, servers, ofPort }: TableServers,
  bindings: GatewayBindings,
): RouteTable {
  const hosts = new MergedHosts(port);
  for (const server of servers) {
    const context: RouteContext = {
      scope,
      role: 'gateway',
      isTls: server.spec.tls !== undefined,
      proxy: scope.settings.identity,
      listenerPort: port,
      gateways: new Set([server.gateway]),
    };
    const isUsed = addServer(server, { hosts, context, bindings });
    if (!isUsed && !server.httpsRedirect) reportUnbound(scope, server);
  }
  const served = hosts.toVirtualHosts();
  const known = [...served, ...misdirectedHosts({ port, own: servers, ofPort, served })];
  return {
    name,
    virtualHosts: known.length === 0 ? [blackhole(port, servers)] : known,
    ignorePortInHost: true,
    grpcWeb: isGrpcWeb(servers),
  };
}

/** As in Istio the first server speaks for all of a port. */
function isGrpcWeb([first]: readonly BoundServer[]): boolean {
  return parseProtocol(first?.spec.port?.protocol) === 'GRPC_WEB';
}

interface ServerOptions {
  readonly hosts: MergedHosts;
  readonly context: RouteContext;
  readonly bindings: GatewayBindings;
}

/** Whether any VirtualService serves a host of the server. */
function addServer(server: BoundServer, { hosts, context, bindings }: ServerOptions): boolean {
  let isUsed = false;
  const bound = bindings.get(server.gateway) ?? [];
  for (const virtualService of bound) {
    const all = intersectHosts(hostsFor(server, virtualService), virtualService.hosts);
    const isOwn = isOfIngress(virtualService) && !context.scope.settings.selectorsApply;
    const shared = isOwn ? ownHosts(all, virtualService, bound) : all;
    if (shared.length === 0) continue;
    const routes = translateRules(virtualService, context);
    if (routes.length === 0) continue;
    isUsed = true;
    const origin = originOf(virtualService.resource);
    for (const host of shared) {
      hosts.add(host, hosts.isRepeated(host, virtualService) ? [] : routes, {
        origin,
        isRedirected: server.httpsRedirect,
      });
    }
  }
  if (server.httpsRedirect) {
    const origin = originOf(server.resource, server.path);
    for (const { namespace, host } of server.hosts) {
      // Istio takes `ns/host` for a name here, which no request has.
      if (namespace === '*') hosts.add(host, [], { origin, isRedirected: true });
    }
  }
  return isUsed;
}

function isOfIngress({ resource }: BoundVirtualService): boolean {
  return resource.madeFrom?.resource.kind === 'Ingress';
}

/**
 * Of Kubernetes a host has its requests for itself: where a certificate is for `a.com`, the rules of
 * `*.com` are not for it as well. To Istio, whose rules hold where the proxy has labels, they are.
 */
function ownHosts(
  shared: readonly string[],
  { hosts }: BoundVirtualService,
  bound: readonly BoundVirtualService[],
): string[] {
  // None is closer to a host than itself; a port without TLS has no others.
  if (shared.every((host) => hosts.includes(host))) return [...shared];
  const served = bound.filter(isOfIngress).flatMap((one) => one.hosts);
  return shared.filter((host) => hosts.includes(closestHost(host, served) ?? host));
}

/** The server's hosts that VirtualServices of this namespace may use. */
function hostsFor(server: BoundServer, virtualService: BoundVirtualService): string[] {
  return server.hosts
    .filter(({ namespace }) => namespace === '*' || namespace === virtualService.namespace)
    .map(({ host }) => host);
}

interface MergedHost {
  readonly host: string;
  readonly routes: Route[];
  requireTls: boolean;
  readonly origin: Origin;
}

/** Virtual hosts by name: the routes of several VirtualServices for one host follow each other. */
class MergedHosts {
  readonly #port: number;
  readonly #hosts = new Map<string, MergedHost>();
  readonly #sources = new Map<string, Set<BoundVirtualService>>();

  constructor(port: number) {
    this.#port = port;
  }

  add(
    host: string,
    routes: readonly Route[],
    { origin, isRedirected }: { readonly origin: Origin; readonly isRedirected: boolean },
  ): void {
    const key = host.toLowerCase();
    const merged = this.#hosts.get(key) ?? { host, routes: [], requireTls: false, origin };
    merged.routes.push(...routes);
    merged.requireTls ||= isRedirected;
    this.#hosts.set(key, merged);
  }

  /**
   * Whether the host has the rules already, from another Gateway that shares the port. Rules that
   * name gateways may differ.
   */
  isRepeated(host: string, virtualService: BoundVirtualService): boolean {
    const key = host.toLowerCase();
    const known = this.#sources.get(key) ?? new Set();
    this.#sources.set(key, known);
    if (!known.has(virtualService)) {
      known.add(virtualService);
      return false;
    }
    return !virtualService.rules.some(({ spec }) =>
      spec.match?.some(({ gateways }) => gateways !== undefined),
    );
  }

  toVirtualHosts(): VirtualHost[] {
    return [...this.#hosts.values()].map(({ host, routes, requireTls, origin }) => ({
      name: `${host}:${this.#port}`,
      domains: [host],
      routes: catchAllLast(routes),
      requireTls,
      origin,
    }));
  }
}

/** So that a VirtualService without conditions does not hide the rules of a later one. */
function catchAllLast(routes: readonly Route[]): Route[] {
  const conditional = routes.filter(({ match }) => !isCatchAll(match));
  return [...conditional, ...routes.filter(({ match }) => isCatchAll(match))];
}

/** Istio's name for a virtual host that answers 404 to everything. */
function blackhole(port: number, servers: readonly BoundServer[]): VirtualHost {
  const [first] = servers;
  return {
    name: `blackhole:${port}`,
    domains: ['*'],
    routes: [],
    requireTls: false,
    origin: originOf((first as BoundServer).resource, first?.path),
  };
}
