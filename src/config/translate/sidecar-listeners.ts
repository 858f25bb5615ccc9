/** Listeners beside an application: outbound for its own requests, inbound for those to it. */

import { matchAny, type RouteSource } from '../../model/filter-chain.ts';
import type { Listener } from '../../model/listener.ts';
import { builtInOrigin } from '../../model/origin.ts';
import type { OutboundBinding, ProxySettings } from '../proxy-settings.ts';
import { httpSettings } from './http-settings.ts';
import { inboundClusterName } from './inbound.ts';

/** The table for authorities that name a port which no service has. */
export const fallbackTableName = 'fallback';

export function outboundListeners(
  settings: ProxySettings,
  tablePorts: readonly number[],
): Listener[] {
  const http = httpSettings('outbound', settings);
  return settings.outbound.map((binding) => ({
    name: `outbound_${binding.address}_${binding.port}`,
    direction: 'outbound',
    address: binding.address,
    port: binding.port,
    servicePort: binding.servicePort ?? 0,
    proxyProtocol: false,
    filterChains: [
      {
        kind: 'http',
        name: 'http',
        match: matchAny,
        tls: null,
        routes: outboundRoutes(binding, tablePorts),
        http,
        origin: builtInOrigin,
      },
    ],
    limits: settings.limits,
    origin: builtInOrigin,
  }));
}

function outboundRoutes(binding: OutboundBinding, tablePorts: readonly number[]): RouteSource {
  if (binding.servicePort !== null) return { kind: 'table', name: String(binding.servicePort) };
  return {
    kind: 'authority-port',
    tables: Object.fromEntries(tablePorts.map((port) => [String(port), String(port)])),
    fallback: fallbackTableName,
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
