/** `sluice proxy-config endpoints`: a line for each endpoint of each cluster, with its health. */

import type { EndpointState } from '../../admin/api/schema/clusters.ts';
import { ok } from '../../base/result.ts';
import type { Column } from '../output/table.ts';
import { configKind, differs } from './proxy-config-kind.ts';

const columns: readonly Column<EndpointState>[] = [
  { title: 'ENDPOINT', cell: ({ address }) => address },
  { title: 'STATUS', cell: endpointStatus },
  { title: 'OUTLIER CHECK', cell: ({ ejected }) => (ejected ? 'FAILED' : 'OK') },
  { title: 'CLUSTER', cell: ({ cluster }) => cluster },
];

export const endpointKind = configKind<EndpointState, EndpointState>({
  name: 'endpoints',
  aliases: ['endpoint', 'ep'],
  filters: ['address', 'port', 'cluster', 'status'],
  columns,
  wideColumns: [
    ...columns,
    { title: 'WORKLOAD', cell: ({ workload }) => (workload === null ? '-' : workload.name) },
    { title: 'WEIGHT', align: 'right', cell: ({ weight }) => String(weight) },
    { title: 'PRIORITY', align: 'right', cell: ({ priority }) => String(priority) },
    { title: 'LOCALITY', cell: describeLocality },
    { title: 'REQUESTS', align: 'right', cell: ({ requests }) => String(requests) },
    { title: 'ERRORS', align: 'right', cell: ({ requestErrors }) => String(requestErrors) },
    { title: 'ACTIVE', align: 'right', cell: ({ activeRequests }) => String(activeRequests) },
  ],
  read: async ({ client }) => {
    const answer = await client.endpoints();
    return answer.ok ? ok(sorted(answer.value.endpoints)) : answer;
  },
  matches: (endpoint, { address, port, cluster, status }) => {
    const place = splitAddress(endpoint.address);
    return (
      !differs(address, place.host) &&
      (port === undefined || place.port === String(port)) &&
      !differs(cluster, endpoint.cluster) &&
      !differs(status, endpointStatus(endpoint))
    );
  },
  rows: (endpoint) => [endpoint],
});

/** As active health checks have found it; an ejection is another matter. */
function endpointStatus({ failedHealthCheck, excluded }: EndpointState): string {
  return failedHealthCheck || excluded ? 'UNHEALTHY' : 'HEALTHY';
}

/** An IPv6 address without its brackets. */
function splitAddress(address: string): { readonly host: string; readonly port: string } {
  const [, host = address, port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  return { host, port };
}

function describeLocality({ locality }: EndpointState): string {
  const { region, zone, subzone } = locality;
  const parts = [region, zone, subzone].filter((part) => part !== '');
  return parts.length === 0 ? '-' : parts.join('/');
}

function sorted(endpoints: readonly EndpointState[]): EndpointState[] {
  const order = new Intl.Collator('en', { numeric: true });
  return endpoints.toSorted(
    (a, b) => order.compare(a.address, b.address) || order.compare(a.cluster, b.cluster),
  );
}
