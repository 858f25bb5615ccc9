/** Where gateway ports are really bound. */

import type { Listener } from '../../../model/listener.ts';
import type { ProxySettings } from '../../proxy-settings.ts';
import { originOf } from '../../resource.ts';
import type { Scope } from '../scope.ts';
import { type TranslationFindings, translationCode } from '../translation-findings.ts';
import { gatewayChains } from './gateway-chains.ts';
import type { GatewayPort } from './gateway-servers.ts';
import { localTlsPorts, type OpenPort } from './local-tls.ts';

/** Ports below it need a privilege to bind. */
const firstUnprivilegedPort = 1024;
const unprivilegedOffset = 8000;

/** `taken`: addresses that other listeners have, as `address:port`. */
export function gatewayListeners(
  scope: Scope,
  ports: readonly GatewayPort[],
  taken: Set<string>,
): Listener[] {
  const { settings, findings } = scope;
  const listeners: Listener[] = [];
  // A port that is bound as it is written goes before one that is moved onto its number.
  const isMoved = ({ port }: GatewayPort) => Number(localPort(port, settings) !== port);
  const written = [...ports].sort((a, b) => isMoved(a) - isMoved(b));
  const open = written.map(
    (port): OpenPort => ({ port, filterChains: gatewayChains(scope, port), isAdded: false }),
  );
  const own = new Set<string>();
  for (const each of [...open, ...localTlsPorts(scope, ports)]) {
    const listener = gatewayListener(each, settings);
    if (listener === null) continue;
    const key = `${listener.address}:${listener.port}`;
    if (listener.port !== 0 && taken.has(key)) {
      // A Gateway that has https at the same place needs no other one.
      if (!each.isAdded || !own.has(key)) reportTaken(each.port, key, findings);
      continue;
    }
    own.add(key);
    taken.add(key);
    listeners.push(listener);
  }
  return listeners.sort((a, b) => a.servicePort - b.servicePort);
}

function gatewayListener(open: OpenPort, settings: ProxySettings): Listener | null {
  const { filterChains } = open;
  const { port, bind, servers } = open.port;
  const [first] = servers;
  if (first === undefined || filterChains.length === 0) return null;
  return {
    name: bind === null ? `gateway_${port}` : `gateway_${bind}_${port}`,
    direction: 'gateway',
    address: bind ?? settings.gatewayBind,
    port: localPort(port, settings),
    servicePort: port,
    proxyProtocol: settings.mesh.gatewayProxyProtocol || settings.proxyProtocolPorts.includes(port),
    filterChains,
    limits: settings.limits,
    origin: originOf(first.resource, first.path),
  };
}

function localPort(port: number, settings: ProxySettings): number {
  const mapped = settings.gatewayPorts[port];
  if (mapped !== undefined) return mapped;
  const needsPrivilege = port < Math.min(firstUnprivilegedPort, settings.firstBindablePort);
  return needsPrivilege ? port + unprivilegedOffset : port;
}

function reportTaken(
  { port, servers }: GatewayPort,
  address: string,
  findings: TranslationFindings,
): void {
  const [first] = servers;
  if (first === undefined) return;
  findings.add(
    translationCode.portTaken,
    { resource: first.resource, path: [...first.path, 'port'] },
    {
      message: `gateway port ${port} is not opened: another listener has ${address}`,
      hint: `map it to a free port with --port ${port}=PORT`,
    },
  );
}
