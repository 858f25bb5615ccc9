/** Listeners beside an application: outbound for its own requests, inbound for those to it. */

import { type FilterChain, matchAny } from '../../model/filter-chain.ts';
import type { Listener } from '../../model/listener.ts';
import { builtInOrigin } from '../../model/origin.ts';
import type { ProxySettings } from '../proxy-settings.ts';
import { httpSettings } from './http-settings.ts';
import { inboundClusterName } from './inbound.ts';
import type { Scope } from './scope.ts';
import { outboundChains } from './sidecar-chains.ts';

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
          ? [anyAuthority(settings, tablePorts)]
          : outboundChains(scopeOf(servicePort), { ...binding, servicePort }),
      limits: settings.limits,
      origin: builtInOrigin,
    };
  });
}

/** HTTP alone: only a request says by its authority which port it is for. */
function anyAuthority(settings: ProxySettings, tablePorts: readonly number[]): FilterChain {
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
    http: httpSettings('outbound', settings),
    origin: builtInOrigin,
  };
}

export function inboundListeners(settings: ProxySettings): Listener[] {
  const http = httpSettings('inbound', settings);
  return settings.inbound.map((binding) => ({
    name: `inbound_${binding.address}_${binding.port}`,
    direction: 'inbound',
    address: binding.address,
    port: binding.port,
    servicePort: binding.appPort,
    proxyProtocol: false,
    filterChains: [
      {
        kind: 'http',
        name: 'http',
        match: matchAny,
        tls: null,
        routes: { kind: 'table', name: inboundClusterName(binding.appPort) },
        http,
        origin: builtInOrigin,
      },
    ],
    limits: settings.limits,
    origin: builtInOrigin,
  }));
}
