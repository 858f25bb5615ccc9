/** The two tables of `sluice top`: traffic by what it goes to, and the endpoints. */

import type { EndpointState } from '../../admin/api/schema/clusters.ts';
import { clusterNameParts, serviceName } from '../output/cluster-name.ts';
import type { Style } from '../output/color.ts';
import { formatMs, formatRate, formatShare } from '../output/figures.ts';
import type { Column } from '../output/table.ts';
import type { Grouping, SortOrder } from './top-choices.ts';
import type { TrafficRow } from './traffic-window.ts';

export interface EndpointLoad {
  readonly endpoint: EndpointState;
  /** null: not known yet. */
  readonly requestsPerSecond: number | null;
}

/** The worst, or the most, at the top. */
export function sortTraffic(rows: readonly TrafficRow[], order: SortOrder): TrafficRow[] {
  const byName = (a: TrafficRow, b: TrafficRow): number => (a.name < b.name ? -1 : 1);
  const compare: Record<SortOrder, (a: TrafficRow, b: TrafficRow) => number> = {
    requests: (a, b) => b.requestsPerSecond - a.requestsPerSecond,
    success: (a, b) => a.successShare - b.successShare,
    p99: (a, b) => b.p99 - a.p99,
    name: byName,
  };
  return rows.toSorted((a, b) => compare[order](a, b) || byName(a, b));
}

/** Those that get no requests first, then those that get the most. */
export function sortEndpoints(loads: readonly EndpointLoad[]): EndpointLoad[] {
  const rank = ({ endpoint }: EndpointLoad): number => (isUsable(endpoint) ? 1 : 0);
  return loads.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      (b.requestsPerSecond ?? 0) - (a.requestsPerSecond ?? 0) ||
      (a.endpoint.address < b.endpoint.address ? -1 : 1),
  );
}

export function isUsable({ health }: EndpointState): boolean {
  return health === 'healthy';
}

export function trafficColumns(grouping: Grouping): readonly Column<TrafficRow>[] {
  const duration = (title: string, read: (row: TrafficRow) => number): Column<TrafficRow> => ({
    title,
    align: 'right',
    width: 9,
    cell: (row) => formatMs(read(row)),
  });
  return [
    { title: grouping.toUpperCase(), cell: ({ name }) => name },
    {
      title: 'REQ/S',
      align: 'right',
      width: 8,
      cell: ({ requestsPerSecond }) => formatRate(requestsPerSecond),
    },
    {
      title: 'SUCCESS',
      align: 'right',
      width: 9,
      cell: ({ successShare }) => formatShare(successShare),
      style: ({ successShare }) => successStyle(successShare),
    },
    duration('P50', ({ p50 }) => p50),
    duration('P90', ({ p90 }) => p90),
    duration('P99', ({ p99 }) => p99),
  ];
}

export const endpointLoadColumns: readonly Column<EndpointLoad>[] = [
  { title: 'ENDPOINT', width: 21, cell: ({ endpoint }) => endpoint.address },
  { title: 'OF', cell: ({ endpoint }) => serviceAndSubset(endpoint.cluster) },
  {
    title: 'HEALTH',
    width: 9,
    cell: ({ endpoint }) => healthText(endpoint),
    style: ({ endpoint }) => (isUsable(endpoint) ? 'green' : 'red'),
  },
  {
    title: 'REQ/S',
    align: 'right',
    width: 7,
    cell: ({ requestsPerSecond }) => formatRate(requestsPerSecond),
  },
  {
    title: 'ACTIVE',
    align: 'right',
    width: 6,
    cell: ({ endpoint }) => String(endpoint.activeRequests),
  },
  {
    title: 'ERRORS',
    align: 'right',
    width: 6,
    cell: ({ endpoint }) => String(endpoint.requestErrors),
  },
];

function successStyle(share: number): Style | null {
  if (share < 0.95) return 'red';
  return share < 0.99 ? 'yellow' : null;
}

function healthText({ health, ejected, excluded }: EndpointState): string {
  if (ejected) return 'ejected';
  return excluded ? 'excluded' : health;
}

/** `reviews.default v1`: what of a cluster's name fits beside the rest. */
function serviceAndSubset(cluster: string): string {
  const { subset } = clusterNameParts(cluster);
  return subset === '' ? serviceName(cluster) : `${serviceName(cluster)} ${subset}`;
}
