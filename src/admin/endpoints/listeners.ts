/** /listeners: names and the addresses that are really bound. */

import type { FilterChain } from '../../model/filter-chain.ts';
import { type AdminEndpoint, json, parameter, text } from '../admin-endpoint.ts';
import type { ListenerStatus } from '../running-state.ts';

export const listeners: AdminEndpoint = {
  path: '/listeners',
  mutation: false,
  help: 'print the listeners and their addresses',
  parameters: [parameter('format', 'form of the answer', ['text', 'json'])],
  handle: ({ query }, state) => {
    const all = state.listeners();
    if (query.get('format') === 'json') return json({ listener_statuses: all.map(listenerJson) });
    return text(all.map(listenerLine).join(''));
  },
};

/** Envoy's line; what it does not say follows where there is something to say. */
function listenerLine({ listener, boundPort, draining }: ListenerStatus): string {
  const { name, address, filterChains, proxyProtocol } = listener;
  const shown = address.includes(':') ? `[${address}]` : address;
  const notes = [
    filterChains.some(({ tls }) => tls !== null) ? '::tls' : '',
    proxyProtocol ? '::proxy_protocol' : '',
    draining ? '::draining' : '',
  ];
  return `${name}::${shown}:${boundPort}${notes.join('')}\n`;
}

function listenerJson({ listener, boundPort, draining }: ListenerStatus): unknown {
  const { name, address, direction, proxyProtocol, filterChains } = listener;
  return {
    name,
    local_address: { socket_address: { address, port_value: boundPort } },
    direction,
    draining,
    proxy_protocol: proxyProtocol,
    filter_chains: filterChains.map(filterChainJson),
  };
}

function filterChainJson({ name, kind, match, tls }: FilterChain): unknown {
  return {
    name,
    protocol: kind,
    match: {
      destinations: match.destinations,
      server_names: match.serverNames,
      transport: match.transport,
      application: match.application,
    },
    tls:
      tls === null
        ? null
        : {
            certificates: tls.certificates,
            local_authority: tls.localAuthority,
            client_certificate: tls.clientCertificate,
            alpn: tls.alpn,
          },
  };
}
