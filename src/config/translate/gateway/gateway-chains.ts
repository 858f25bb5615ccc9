/** The filter chains of a Gateway port: one for plain traffic, one for each server with TLS. */

import { type FilterChain, type FilterChainMatch, matchAny } from '../../../model/filter-chain.ts';
import type { DownstreamTls } from '../../../model/tls.ts';
import { originOf } from '../../resource.ts';
import { httpSettings } from '../listeners/http-settings.ts';
import { FilterChainSet, serverNamesOf } from '../listeners/tcp-chain.ts';
import { gatewayTcpChain } from '../listeners/tcp-routes.ts';
import { gatewayTlsChains } from '../listeners/tls-routes.ts';
import type { Scope } from '../scope.ts';
import { translationCode } from '../translation-findings.ts';
import { reportUncoveredHosts } from './certificate-hosts.ts';
import { gatewayTableName } from './gateway-routes.ts';
import type { BoundServer, GatewayPort } from './gateway-servers.ts';
import { translateServerTls } from './server-tls.ts';
import { reportNoRule } from './unbound-servers.ts';

/** None where no rule says where connections go: then Istio opens no port. */
export function gatewayChains(scope: Scope, gatewayPort: GatewayPort): readonly FilterChain[] {
  const [first] = gatewayPort.servers;
  if (first === undefined) return [];
  // Its servers share one route table.
  if (first.kind === 'http') {
    const parts = { name: 'http', match: matchAny, tls: null };
    return [httpChain(scope, { server: first, gatewayPort, ...parts })];
  }
  const chains = new FilterChainSet();
  const taken = new Set<string>();
  for (const server of gatewayPort.servers) {
    for (const chain of chainsOf(server, { scope, gatewayPort, taken })) chains.add(chain);
  }
  return chains.chains;
}

interface ServerContext {
  readonly scope: Scope;
  readonly gatewayPort: GatewayPort;
  /** Server names that rules and servers of the port have. */
  readonly taken: Set<string>;
}

function chainsOf(server: BoundServer, context: ServerContext): readonly FilterChain[] {
  const { scope, taken } = context;
  switch (server.kind) {
    case 'passthrough': {
      const chains = gatewayTlsChains(scope, server, taken);
      if (chains.length === 0) reportNoRule(scope, server, 'tls');
      return chains;
    }
    case 'tcp':
      return tcpChains(scope, server, { match: matchAny, tls: null });
    default:
      return terminatedChains(server, context);
  }
}

function terminatedChains(
  server: BoundServer,
  { scope, gatewayPort, taken }: ServerContext,
): readonly FilterChain[] {
  const { spec, resource, path } = server;
  const tls = translateServerTls(scope, spec.tls ?? {}, { resource, path: [...path, 'tls'] });
  if (tls === null) {
    reportNoIdentity(scope, server);
    return [];
  }
  reportUncoveredHosts(scope, server, tls.certificates);
  const serverNames = serverNamesOf(server.hosts.map(({ host }) => host));
  for (const name of serverNames.length === 0 ? ['*'] : serverNames) taken.add(name);
  const match = { ...matchAny, serverNames };
  if (server.kind === 'tls') return tcpChains(scope, server, { match, tls });
  const name = gatewayTableName(gatewayPort, server);
  return [httpChain(scope, { server, gatewayPort, name, match, tls })];
}

function tcpChains(
  scope: Scope,
  server: BoundServer,
  options: { readonly match: FilterChainMatch; readonly tls: DownstreamTls | null },
): readonly FilterChain[] {
  const chain = gatewayTcpChain(scope, server, options);
  if (chain !== null) return [chain];
  reportNoRule(scope, server, 'tcp');
  return [];
}

export interface HttpChainParts {
  readonly server: BoundServer;
  readonly gatewayPort: GatewayPort;
  readonly name: string;
  readonly match: FilterChainMatch;
  readonly tls: DownstreamTls | null;
}

/** The route table is that of `gatewayPort` and `server`. */
export function httpChain(
  scope: Scope,
  { server, gatewayPort, name, match, tls }: HttpChainParts,
): FilterChain {
  return {
    kind: 'http',
    name,
    match,
    tls,
    routes: { kind: 'table', name: gatewayTableName(gatewayPort, server) },
    http: httpSettings('gateway', scope),
    origin: originOf(server.resource, server.path),
  };
}

function reportNoIdentity({ findings }: Scope, { resource, path, port }: BoundServer): void {
  findings.add(
    translationCode.unservedProtocol,
    { resource, path: [...path, 'tls', 'mode'] },
    {
      message: `the server on port ${port} is left out: the proxy has no certificate for ISTIO_MUTUAL`,
      hint: 'name its folder in proxy.identity of a Bootstrap, or use MUTUAL',
    },
  );
}
