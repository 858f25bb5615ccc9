/** `sluice proxy-config listeners`: a line for each way that a connection can go. */

import type { FilterChainState, ListenerState } from '../../admin/api/schema/listeners.ts';
import { ok } from '../../base/result.ts';
import { placeCell } from '../output/origin-text.ts';
import type { Column } from '../output/table.ts';
import { configKind, differs } from './proxy-config-kind.ts';

interface ListenerRow {
  readonly listener: ListenerState;
  readonly chain: FilterChainState;
}

const columns: readonly Column<ListenerRow>[] = [
  { title: 'ADDRESSES', cell: ({ listener }) => listener.address },
  { title: 'PORT', cell: ({ listener }) => String(listener.port) },
  { title: 'MATCH', cell: ({ chain }) => describeMatch(chain) },
  { title: 'DESTINATION', cell: ({ chain }) => describeDestination(chain) },
];

export const listenerKind = configKind<ListenerState, ListenerRow>({
  name: 'listeners',
  aliases: ['listener', 'l'],
  filters: ['address', 'port', 'name'],
  columns,
  wideColumns: [
    ...columns,
    { title: 'NAME', cell: ({ listener }) => listener.name },
    { title: 'FOR PORT', cell: ({ listener }) => String(listener.servicePort || '-') },
    { title: 'TLS', cell: ({ chain }) => (chain.tls ? 'ends here' : '-') },
    { title: 'DEFINED AT', cell: ({ chain }) => placeCell(chain.origin) },
  ],
  read: async ({ client }) => {
    const answer = await client.listeners();
    return answer.ok ? ok(sorted(answer.value.listeners)) : answer;
  },
  matches: (listener, { address, name, port }) =>
    !differs(address, listener.address) &&
    !differs(name, listener.name) &&
    (port === undefined || [listener.port, listener.servicePort].includes(port)),
  rows: (listener) => listener.filterChains.map((chain) => ({ listener, chain })),
});

function sorted(listeners: readonly ListenerState[]): ListenerState[] {
  return listeners.toSorted((a, b) => a.port - b.port || (a.address < b.address ? -1 : 1));
}

/** In the words and the order of istioctl. */
function describeMatch(chain: FilterChainState): string {
  const { serverNames, transport, application, destinations } = chain;
  const conditions = [
    serverNames.length > 0 ? `SNI: ${serverNames.join(',')}` : '',
    transport === null ? '' : `Trans: ${transport === 'raw' ? 'raw_buffer' : transport}`,
    application === null ? '' : 'App: HTTP',
    destinations.length > 0 ? `Addr: ${destinations.join(',')}` : '',
  ].filter((condition) => condition !== '');
  return conditions.length === 0 ? 'ALL' : conditions.join('; ');
}

function describeDestination({ kind, routeTables, clusters }: FilterChainState): string {
  if (kind === 'http') return `Route: ${routeTables.join(', ')}`;
  if (clusters.length === 0) return 'closed';
  // What the proxy has by itself has a name without parts, which says enough.
  return clusters.map((name) => (name.includes('|') ? `Cluster: ${name}` : name)).join(', ');
}
