/** Where gateway ports are really bound. */

import type { Listener } from '../../model/listener.ts';
import type { ProxySettings } from '../proxy-settings.ts';
import { originOf } from '../resource.ts';
import { gatewayChains } from './gateway-chains.ts';
import type { GatewayPort } from './gateway-servers.ts';
import type { Scope } from './scope.ts';
import { type TranslationFindings, translationCode } from './translation-findings.ts';

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
  for (const port of [...ports].sort((a, b) => isMoved(a) - isMoved(b))) {
    const listener = gatewayListener(port, scope);
    if (listener === null) continue;
    const key = `${listener.address}:${listener.port}`;
    if (listener.port !== 0 && taken.has(key)) {
      reportTaken(port, key, findings);
      continue;
    }
    taken.add(key);
    listeners.push(listener);
  }
  return listeners.sort((a, b) => a.servicePort - b.servicePort);
}

function gatewayListener(gatewayPort: GatewayPort, scope: Scope): Listener | null {
  const { settings } = scope;
  const [first] = gatewayPort.servers;
  const filterChains = gatewayChains(scope, gatewayPort);
  if (first === undefined || filterChains.length === 0) return null;
  const { port, bind } = gatewayPort;
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
