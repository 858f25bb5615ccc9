/** Local TLS on Gateways that are set up for plain HTTP: https on its own port beside it. */

import { type FilterChain, matchAny } from '../../../model/filter-chain.ts';
import type { Scope } from '../scope.ts';
import { httpChain } from './gateway-chains.ts';
import type { GatewayPort } from './gateway-servers.ts';
import { localServerTls } from './server-tls.ts';

/** A Gateway port with what happens to its connections. */
export interface OpenPort {
  readonly port: GatewayPort;
  readonly filterChains: readonly FilterChain[];
  /** No server has it. */
  readonly isAdded: boolean;
}

const httpPort = 80;
const httpsPort = 443;

/**
 * At each address with servers for plain HTTP and none of any kind on 443: the route table of port
 * 80, or else of the lowest HTTP port, behind TLS with certificates of the local authority.
 */
export function localTlsPorts(scope: Scope, ports: readonly GatewayPort[]): OpenPort[] {
  if (!scope.settings.localTls) return [];
  const chosen = new Map<string | null, GatewayPort>();
  for (const each of ports) {
    const { bind, port } = each;
    if (each.servers[0]?.kind !== 'http') continue;
    if (ports.some((other) => other.bind === bind && other.port === httpsPort)) continue;
    const before = chosen.get(bind);
    if (before === undefined || rank(port) < rank(before.port)) chosen.set(bind, each);
  }
  return [...chosen.values()].flatMap((plain) => httpsBeside(scope, plain));
}

function rank(port: number): number {
  return port === httpPort ? 0 : port;
}

function httpsBeside(scope: Scope, plain: GatewayPort): OpenPort[] {
  const [server] = plain.servers;
  if (server === undefined) return [];
  const tls = localServerTls(scope);
  const parts = { server, gatewayPort: plain, name: 'local-tls', match: matchAny, tls };
  const port = { port: httpsPort, bind: plain.bind, servers: plain.servers };
  return [{ port, filterChains: [httpChain(scope, parts)], isAdded: true }];
}
