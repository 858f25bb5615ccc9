/** Listeners beside an application: outbound for its own requests, inbound for those to it. */

import { type FilterChain, matchAny } from '../../../model/filter-chain.ts';
import type { Listener } from '../../../model/listener.ts';
import { builtInOrigin } from '../../../model/origin.ts';
import type { ProxySettings } from '../../proxy-settings.ts';
import { isDeclaredHttp, isHttp } from '../../registry/protocol.ts';
import type { Sidecar } from '../istio-resources.ts';
import { httpSettings } from '../listeners/http-settings.ts';
import { tcpChain } from '../listeners/tcp-chain.ts';
import { proxyToCluster } from '../listeners/tcp-proxy.ts';
import type { Scope } from '../scope.ts';
import { inboundClusterName, inboundProtocol } from './inbound.ts';
import { detectedHttp, outboundChains } from './sidecar-chains.ts';

/** The table for authorities that name a port which no service has. */
export const fallbackTableName = 'fallback';

export interface OutboundOptions {
  /** Ports of the route tables among which an authority may choose. */
  readonly tablePorts: readonly number[];
  /** What is visible on a service port. */
  readonly scopeOf: (servicePort: number) => Scope;
}

export function outboundListeners(
  settings: ProxySettings,
  { tablePorts, scopeOf }: OutboundOptions,
): Listener[] {
  return settings.outbound.map((binding) => {
    const { address, port, servicePort } = binding;
    return {
      name: `outbound_${address}_${port}`,
      direction: 'outbound',
      address,
      port,
      servicePort: servicePort ?? 0,
      proxyProtocol: false,
      filterChains:
        servicePort === null
          ? [anyAuthority(scopeOf(0), tablePorts)]
          : outboundChains(scopeOf(servicePort), { ...binding, servicePort }),
      limits: settings.limits,
      origin: builtInOrigin,
    };
  });
}

/** HTTP alone: only a request says by its authority which port it is for. */
function anyAuthority(scope: Scope, tablePorts: readonly number[]): FilterChain {
  return {
    kind: 'http',
    name: 'http',
    match: matchAny,
    tls: null,
    routes: {
      kind: 'authority-port',
      tables: Object.fromEntries(tablePorts.map((port) => [String(port), String(port)])),
      fallback: fallbackTableName,
    },
    http: httpSettings('outbound', scope),
    origin: builtInOrigin,
  };
}

export function inboundListeners(scope: Scope, sidecar: Sidecar | null): Listener[] {
  const { inbound, limits } = scope.settings;
  return inbound.map(({ address, port, appPort }) => ({
    name: `inbound_${address}_${port}`,
    direction: 'inbound',
    address,
    port,
    servicePort: appPort,
    proxyProtocol: false,
    filterChains: inboundChains(scope, appPort, sidecar),
    limits,
    origin: builtInOrigin,
  }));
}

function inboundChains(scope: Scope, appPort: number, sidecar: Sidecar | null): FilterChain[] {
  const protocol = inboundProtocol(scope, appPort, sidecar);
  const name = inboundClusterName(appPort);
  const chains: FilterChain[] = [];
  if (isHttp(protocol)) {
    chains.push({
      kind: 'http',
      name: 'http',
      match: isDeclaredHttp(protocol) ? matchAny : detectedHttp,
      tls: null,
      routes: { kind: 'table', name },
      http: httpSettings('inbound', scope),
      origin: builtInOrigin,
    });
  }
  if (!isDeclaredHttp(protocol)) {
    chains.push(tcpChain({ match: matchAny, tcp: proxyToCluster(name), origin: builtInOrigin }));
  }
  return chains;
}
