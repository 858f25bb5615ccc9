/** /listeners: names and the addresses that are really bound. */

import { type AdminEndpoint, json, text } from '../admin-endpoint.ts';
import type { ListenerStatus } from '../running-state.ts';

export const listeners: AdminEndpoint = {
  path: '/listeners',
  mutation: false,
  help: 'print the listeners and their addresses',
  parameters: ['format'],
  handle: ({ query }, state) => {
    const all = state.listeners();
    if (query.get('format') === 'json') return json({ listener_statuses: all.map(listenerJson) });
    return text(all.map(listenerLine).join(''));
  },
};

function listenerLine({ listener, boundPort, draining }: ListenerStatus): string {
  const address = listener.address.includes(':') ? `[${listener.address}]` : listener.address;
  return `${listener.name}::${address}:${boundPort}${draining ? '::draining' : ''}\n`;
}

function listenerJson({ listener, boundPort, draining }: ListenerStatus): unknown {
  return {
    name: listener.name,
    local_address: { socket_address: { address: listener.address, port_value: boundPort } },
    draining,
  };
}
