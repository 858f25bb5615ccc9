/** `sluice proxy-config clusters`: a line for each cluster, sorted as istioctl does. */

import type { ClusterState } from '../../admin/api/schema/clusters.ts';
import { ok } from '../../base/result.ts';
import { clusterNameParts } from '../output/cluster-name.ts';
import { placeCell, resourceName } from '../output/origin-text.ts';
import type { Column } from '../output/table.ts';
import { configKind, differs } from './proxy-config-kind.ts';

const columns: readonly Column<ClusterState>[] = [
  { title: 'SERVICE FQDN', cell: ({ name }) => clusterNameParts(name).fqdn },
  { title: 'PORT', cell: ({ name }) => clusterNameParts(name).port || '-' },
  { title: 'SUBSET', cell: ({ name }) => clusterNameParts(name).subset || '-' },
  { title: 'DIRECTION', cell: ({ name }) => clusterNameParts(name).direction || '-' },
  { title: 'TYPE', cell: ({ discovery }) => discovery.toUpperCase().replaceAll('-', '_') },
  { title: 'DESTINATION RULE', cell: ({ origin }) => resourceName(origin, 'DestinationRule') },
];

export const clusterKind = configKind<ClusterState, ClusterState>({
  name: 'clusters',
  aliases: ['cluster', 'c'],
  filters: ['fqdn', 'port', 'subset', 'direction', 'name'],
  columns,
  wideColumns: [
    ...columns,
    { title: 'LOAD BALANCER', cell: ({ loadBalancer }) => loadBalancer },
    { title: 'HEALTHY', cell: (cluster) => `${cluster.healthyEndpoints}/${cluster.endpoints}` },
    { title: 'DEFINED AT', cell: ({ origin }) => placeCell(origin) },
  ],
  read: async ({ client }) => {
    const answer = await client.clusters();
    return answer.ok ? ok(sorted(answer.value.clusters)) : answer;
  },
  matches: ({ name }, { name: asked, fqdn, port, subset, direction }) => {
    const parts = clusterNameParts(name);
    return (
      !differs(asked, name) &&
      parts.fqdn.includes(fqdn?.toLowerCase() ?? '') &&
      (port === undefined || parts.port === String(port)) &&
      !differs(subset, parts.subset) &&
      !differs(direction, parts.direction)
    );
  },
  rows: (cluster) => [cluster],
});

function sorted(clusters: readonly ClusterState[]): ClusterState[] {
  const keyOf = ({ name }: ClusterState): string => {
    const { fqdn, subset, port, direction } = clusterNameParts(name);
    return [fqdn, subset, port.padStart(5, '0'), direction].join('\n');
  };
  return clusters.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
