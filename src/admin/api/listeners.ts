/** /api/v1/listeners. */

import { describeOrigin } from '../../explain/describe-origin.ts';
import type { FilterChain } from '../../model/filter-chain.ts';
import type { AdminEndpoint } from '../admin-endpoint.ts';
import type { ListenerStatus } from '../running-state.ts';
import { answer } from './answers.ts';
import type { FilterChainState, ListenerList, ListenerState } from './schema/listeners.ts';

export const listenerList: AdminEndpoint = {
  path: '/api/v1/listeners',
  mutation: false,
  help: 'list the listeners that are open, with their filter chains, as JSON',
  parameters: [],
  handle: (_request, state) => {
    const list: ListenerList = { listeners: state.listeners().map(describeListener) };
    return answer(list);
  },
};

function describeListener({ listener, boundPort, draining }: ListenerStatus): ListenerState {
  return {
    name: listener.name,
    direction: listener.direction,
    address: listener.address,
    port: boundPort,
    servicePort: listener.servicePort,
    draining,
    proxyProtocol: listener.proxyProtocol,
    filterChains: listener.filterChains.map(describeChain),
    origin: describeOrigin(listener.origin),
  };
}

function describeChain(chain: FilterChain): FilterChainState {
  const { destinations, serverNames, transport, application } = chain.match;
  return {
    name: chain.name,
    kind: chain.kind,
    destinations: [...destinations],
    serverNames: [...serverNames],
    transport,
    application,
    tls: chain.tls !== null,
    routeTables: routeTablesOf(chain),
    clusters: chain.kind === 'tcp' ? chain.tcp.clusters.map(({ cluster }) => cluster) : [],
    origin: describeOrigin(chain.origin),
  };
}

function routeTablesOf(chain: FilterChain): string[] {
  if (chain.kind === 'tcp') return [];
  const { routes } = chain;
  return routes.kind === 'table'
    ? [routes.name]
    : [...Object.values(routes.tables), routes.fallback];
}
