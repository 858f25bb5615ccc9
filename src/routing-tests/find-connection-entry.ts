/** Where a tested connection comes in: which proxy and listener, and by which filter chain. */

import { err, ok, type Result } from '../base/result.ts';
import { type ConnectionWalk, walkConnection } from '../explain/walk-connection.ts';
import type { Listener } from '../model/listener.ts';
import { portsOfGateway } from './named-gateway.ts';
import type { RoutingConfig, TestedProxy } from './routing-config.ts';
import type { SingleConnection } from './test-connection.ts';

export interface ConnectionEntry {
  readonly proxy: TestedProxy;
  readonly walk: ConnectionWalk;
}

/** The error is a sentence about the connection of a test. */
export function findConnectionEntry(
  config: RoutingConfig,
  connection: SingleConnection,
): Result<ConnectionEntry, string> {
  const { gateway, sourceLabels, sourceNamespace, destination, port } = connection;
  if (gateway !== null && gateway !== 'mesh') {
    const ports = portsOfGateway(config, connection, gateway);
    if (!ports.ok) return ports;
    const found = gatewayEntry(config, connection, ports.value);
    return found === null ? err(`Gateway "${gateway}" takes no ${wanted(connection)}`) : ok(found);
  }
  const isOfMesh = [gateway, sourceLabels, sourceNamespace, destination].some(
    (one) => one !== null,
  );
  const outer = isOfMesh ? null : gatewayEntry(config, connection, null);
  if (outer?.walk.chain?.kind === 'tcp') return ok(outer);
  const inner = port === null ? null : sidecarEntry(config, connection, port);
  const found = inner ?? outer;
  if (found !== null) return ok(found);
  return err(
    port === null ? 'a connection in the mesh has a port' : `nothing takes ${wanted(connection)}`,
  );
}

function wanted({ port }: SingleConnection): string {
  return port === null ? 'connections' : `connections to port ${port}`;
}

/** `ports`: of the Gateway that the connection names. */
function gatewayEntry(
  config: RoutingConfig,
  connection: SingleConnection,
  ports: ReadonlySet<number | undefined> | null,
): ConnectionEntry | null {
  const proxy = config.gateway();
  const { port } = connection;
  const listeners = proxy.mesh.listeners.filter(
    ({ direction, servicePort }) =>
      direction === 'gateway' &&
      (ports?.has(servicePort) ?? true) &&
      (port === null || port === servicePort),
  );
  return best(proxy, listeners, connection);
}

function sidecarEntry(
  config: RoutingConfig,
  connection: SingleConnection,
  port: number,
): ConnectionEntry | null {
  const { sourceLabels: labels, sourceNamespace: namespace, destination } = connection;
  const proxy = config.sidecarOf({ labels, namespace, port, address: destination });
  const listeners = proxy.mesh.listeners.filter(({ direction }) => direction === 'outbound');
  return best(proxy, listeners, connection);
}

/** The first that passes it on, else the first that takes it at all. */
function best(
  proxy: TestedProxy,
  listeners: readonly Listener[],
  connection: SingleConnection,
): ConnectionEntry | null {
  const entries = listeners.flatMap((listener) => entryOf(proxy, listener, connection));
  const isPassed = ({ walk }: ConnectionEntry) => walk.chain?.kind === 'tcp';
  const isTaken = ({ walk }: ConnectionEntry) => walk.chain !== null;
  return entries.find(isPassed) ?? entries.find(isTaken) ?? entries[0] ?? null;
}

function entryOf(
  proxy: TestedProxy,
  { name, address, servicePort }: Listener,
  { destination, port, serverName, sourceAddress }: SingleConnection,
): ConnectionEntry[] {
  const walk = walkConnection(proxy.compiled, {
    host: destination ?? address,
    port: port ?? servicePort,
    listener: name,
    side: { kind: 'any' },
    serverName,
    clientAddress: sourceAddress,
    certificate: { kind: 'unsaid' },
  });
  return walk.ok ? [{ proxy, walk: walk.value }] : [];
}
