/** Where a tested request comes in: which proxy, listener and scheme. */

import { err, ok, type Result } from '../base/result.ts';
import type { Listener } from '../model/listener.ts';
import { authorityHost } from '../proxy/authority.ts';
import { findRouteTable } from '../proxy/find-route-table.ts';
import type { CompiledRouteTable } from '../routing/route-table.ts';
import { portsOfGateway } from './named-gateway.ts';
import type { RoutingConfig, TestedProxy } from './routing-config.ts';
import type { SingleRequest } from './test-request.ts';

export interface Entry {
  readonly proxy: TestedProxy;
  readonly listener: Listener;
  readonly table: CompiledRouteTable | null;
  readonly scheme: 'http' | 'https';
}

/** The error is a sentence about the request of a test. */
export function findEntry(config: RoutingConfig, request: SingleRequest): Result<Entry, string> {
  const { gateway } = request;
  if (gateway !== null && gateway !== 'mesh') return namedGateway(config, request, gateway);
  const sidecar = best(sidecarEntries(config, request), request);
  if (gateway === 'mesh' || request.sourceLabels !== null || request.sourceNamespace !== null) {
    return sidecar === null ? err(`the mesh takes no ${wanted(request)}`) : ok(sidecar);
  }
  const outer = best(gatewayEntries(config, request, null), request);
  const entries = [outer, sidecar].filter((entry) => entry !== null);
  const found = best(entries, request);
  return found === null ? err(`nothing takes ${wanted(request)}`) : ok(found);
}

function namedGateway(
  config: RoutingConfig,
  request: SingleRequest,
  name: string,
): Result<Entry, string> {
  const ports = portsOfGateway(config, request, name);
  if (!ports.ok) return ports;
  const found = best(gatewayEntries(config, request, ports.value), request);
  return found === null ? err(`Gateway "${name}" takes no ${wanted(request)}`) : ok(found);
}

function wanted({ scheme, authority, port }: SingleRequest): string {
  const at = port === null ? '' : ` at port ${port}`;
  return `${scheme ?? 'HTTP'} requests for ${authority}${at}`;
}

/** `ports`: of the Gateway that the request names. */
function gatewayEntries(
  config: RoutingConfig,
  request: SingleRequest,
  ports: ReadonlySet<number | undefined> | null,
): Entry[] {
  const proxy = config.gateway();
  const listeners = proxy.mesh.listeners.filter(
    ({ direction, servicePort }) =>
      direction === 'gateway' &&
      (ports?.has(servicePort) ?? true) &&
      (request.port === null || request.port === servicePort),
  );
  return listeners.flatMap((listener) => entriesOf(proxy, listener, request));
}

function sidecarEntries(config: RoutingConfig, request: SingleRequest): Entry[] {
  const { sourceLabels: labels, sourceNamespace: namespace, port } = request;
  const proxy = config.sidecarOf({ labels, namespace, port, address: null });
  const listeners = proxy.mesh.listeners.filter(({ direction }) => direction === 'outbound');
  return listeners.flatMap((listener) => entriesOf(proxy, listener, request));
}

/** The closest chain for each scheme that the request may have. */
function entriesOf(proxy: TestedProxy, listener: Listener, request: SingleRequest): Entry[] {
  const { scheme: wantedScheme, serverName: wantedName } = request;
  const schemes = wantedScheme === null ? (['http', 'https'] as const) : [wantedScheme];
  return schemes.flatMap((scheme) => {
    const isTls = scheme === 'https';
    const host = authorityHost(request.authority).toLowerCase();
    const serverName = isTls ? (wantedName ?? host) : null;
    const begun = { serverName, isTls, isHttp: !isTls, destination: null };
    const chain = proxy.compiled.findFilterChain(listener.name, begun);
    if (chain?.kind !== 'http' || isTls !== (chain.tls !== null)) return [];
    const table = findRouteTable(chain.routes, request.authority, proxy.compiled.routeTables());
    return [{ proxy, listener, table, scheme }];
  });
}

/** The first of those whose virtual hosts know the host best. */
function best(entries: readonly Entry[], request: SingleRequest): Entry | null {
  const [first, ...others] = entries;
  if (first === undefined) return null;
  const fit = (entry: Entry): number => fitness(entry, request);
  return others.reduce((chosen, entry) => (fit(entry) > fit(chosen) ? entry : chosen), first);
}

function fitness({ table }: Entry, { authority }: SingleRequest): number {
  if (table === null) return 0;
  if (table.hasHost(authorityHost(authority).toLowerCase())) return 2;
  // Every sidecar has a virtual host for what it does not know.
  const found = table.findVirtualHost(authority)?.virtualHost;
  return found !== undefined && found.origin.kind !== '' ? 1 : 0;
}
