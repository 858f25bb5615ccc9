/** Where a tested request comes in: which proxy, listener and scheme. */

import { err, ok, type Result } from '../base/result.ts';
import {
  fittest,
  type ListenerCandidate,
  listenerCandidate,
  namedPort,
} from '../explain/listener-candidate.ts';
import type { Listener } from '../model/listener.ts';
import { portsOfGateway } from './named-gateway.ts';
import type { RoutingConfig, TestedProxy } from './routing-config.ts';
import type { SingleRequest } from './test-request.ts';

export interface Entry {
  readonly proxy: TestedProxy;
  readonly listener: Listener;
  readonly scheme: 'http' | 'https';
}

type Candidate = Entry & Pick<ListenerCandidate, 'table' | 'fitness'>;

/** The error is a sentence about the request of a test. */
export function findEntry(config: RoutingConfig, request: SingleRequest): Result<Entry, string> {
  const { gateway } = request;
  if (gateway !== null && gateway !== 'mesh') return namedGateway(config, request, gateway);
  const sidecar = fittest(sidecarEntries(config, request));
  if (gateway === 'mesh' || request.sourceLabels !== null || request.sourceNamespace !== null) {
    return sidecar === null ? err(`the mesh takes no ${wanted(request)}`) : ok(sidecar);
  }
  const outer = fittest(gatewayEntries(config, request, null));
  const found = outerOrInner(outer, sidecar, request.authority);
  return found === null ? err(`nothing takes ${wanted(request)}`) : ok(found);
}

function namedGateway(
  config: RoutingConfig,
  request: SingleRequest,
  name: string,
): Result<Entry, string> {
  const ports = portsOfGateway(config, request, name);
  if (!ports.ok) return ports;
  const found = fittest(gatewayEntries(config, request, ports.value));
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
): Candidate[] {
  const proxy = config.gateway();
  const listeners = proxy.mesh.listeners.filter(
    ({ direction, servicePort }) =>
      direction === 'gateway' &&
      (ports?.has(servicePort) ?? true) &&
      (request.port === null || request.port === servicePort),
  );
  return listeners.flatMap((listener) => entriesOf(proxy, listener, request));
}

function sidecarEntries(config: RoutingConfig, request: SingleRequest): Candidate[] {
  const { sourceLabels: labels, sourceNamespace: namespace, port } = request;
  const proxy = config.sidecarOf({ labels, namespace, port, address: null });
  const listeners = proxy.mesh.listeners.filter(({ direction }) => direction === 'outbound');
  return listeners.flatMap((listener) => entriesOf(proxy, listener, request));
}

/** The closest chain for each scheme that the request may have. */
function entriesOf(proxy: TestedProxy, listener: Listener, request: SingleRequest): Candidate[] {
  const { scheme: asked, serverName, authority } = request;
  const schemes = asked === null ? (['http', 'https'] as const) : [asked];
  const open = { listener, boundPort: listener.port };
  return schemes.flatMap((scheme) => {
    // A request that names no port may come in at any.
    const arriving = { scheme, authority, serverName, port: namedPort(authority) };
    const { chain, table, fitness } = listenerCandidate(proxy.compiled, open, arriving);
    return chain === null ? [] : [{ proxy, listener, scheme, table, fitness }];
  });
}

/** By what they know of the host alone: a port tells the servers of a Gateway apart. */
function outerOrInner(
  outer: Candidate | null,
  inner: Candidate | null,
  authority: string,
): Candidate | null {
  if (outer === null || inner === null) return outer ?? inner;
  return knowledge(inner, authority) > knowledge(outer, authority) ? inner : outer;
}

function knowledge({ fitness, table }: Candidate, authority: string): number {
  if (fitness.knowsHost) return 2;
  // Every sidecar has a virtual host for what it does not know.
  const found = table?.findVirtualHost(authority)?.virtualHost;
  return found !== undefined && found.origin.kind !== '' ? 1 : 0;
}
