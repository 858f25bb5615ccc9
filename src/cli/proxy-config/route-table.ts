/** `sluice proxy-config routes`: a line for each route, in the order in which they are tried. */

import type {
  RouteState,
  RouteTableState,
  VirtualHostState,
} from '../../admin/api/schema/routes.ts';
import { ok } from '../../base/result.ts';
import { placeCell, resourceName } from '../output/origin-text.ts';
import { configKind, differs } from './proxy-config-kind.ts';

interface RouteRow {
  readonly table: RouteTableState;
  readonly host: VirtualHostState;
  readonly route: RouteState;
}

export const routeKind = configKind<RouteTableState, RouteRow>({
  name: 'routes',
  aliases: ['route', 'r'],
  filters: ['name'],
  columns: [
    { title: 'NAME', cell: ({ table }) => table.name },
    { title: 'VHOST NAME', cell: ({ host }) => host.name },
    { title: 'DOMAINS', cell: ({ host }) => describeDomains(host.domains) },
    { title: 'MATCH', cell: ({ route }) => describePath(route) },
    { title: 'VIRTUAL SERVICE', cell: virtualService },
  ],
  wideColumns: [
    { title: 'NAME', cell: ({ table }) => table.name },
    { title: 'VHOST NAME', cell: ({ host }) => host.name },
    { title: 'DOMAINS', cell: ({ host }) => host.domains.join(', ') },
    { title: 'MATCH', cell: ({ route }) => route.match.join(' and ') },
    { title: 'VIRTUAL SERVICE', cell: virtualService },
    { title: 'ROUTE', cell: ({ route }) => route.name || '-' },
    { title: 'ACTION', cell: ({ route }) => describeAction(route) },
    { title: 'DEFINED AT', cell: ({ route }) => placeCell(route.origin) },
  ],
  read: async ({ client }) => {
    const answer = await client.routes();
    return answer.ok ? ok(sorted(answer.value.routeTables)) : answer;
  },
  matches: (table, { name }) => !differs(name, table.name),
  rows: (table) =>
    table.virtualHosts.flatMap((host) => host.routes.map((route) => ({ table, host, route }))),
});

function sorted(tables: readonly RouteTableState[]): RouteTableState[] {
  const order = new Intl.Collator('en', { numeric: true });
  return tables.toSorted((a, b) => order.compare(a.name, b.name));
}

const shownDomains = 2;

/** The shortest, which are those that clients write; as many as istioctl shows. */
function describeDomains(domains: readonly string[]): string {
  const sorted = domains.toSorted((a, b) => a.length - b.length);
  const shown = sorted.slice(0, shownDomains).join(', ');
  const more = domains.length - shownDomains;
  return more > 0 ? `${shown} + ${more} more...` : shown;
}

/** A prefix ends in `*` unless it stops at a slash, as istioctl has it; the wide table has the rest. */
function describePath({ match }: RouteState): string {
  const [, kind = '', value = ''] = /^path (\S+) "(.*)"/.exec(match[0] ?? '') ?? [];
  switch (kind) {
    case 'prefix':
      return `${value}*`;
    case 'exact':
      return value;
    case 'PathPrefix':
      return `PathPrefix:${value}`;
    default:
      return `${kind} ${value}`;
  }
}

/** VirtualServices, and what they are made from; a Service has a route of its own in the mesh. */
const routeKinds: ReadonlySet<string> = new Set([
  'VirtualService',
  'Ingress',
  'HTTPRoute',
  'GRPCRoute',
]);

/**
 * What the route answers, where it answers by itself, as istioctl shows it. A path of an Ingress
 * that leads to https has a second route, which only this tells apart.
 */
function virtualService({ route }: RouteRow): string {
  if (route.action === 'direct-response') return String(route.status);
  const kind = route.origin?.kind ?? '';
  const name = routeKinds.has(kind) ? resourceName(route.origin, kind) : '';
  if (route.action !== 'redirect') return name;
  const where = /scheme to "(\w+)"/.exec(route.rewrite ?? '')?.[1];
  const target = where === undefined ? '' : ` to ${where}`;
  return `${name} (redirect ${route.status}${target})`.trim();
}

function describeAction({ action, status, clusters }: RouteState): string {
  if (action === 'redirect') return `redirect ${status}`;
  if (action === 'direct-response') return `answer ${status}`;
  const [only] = clusters;
  if (clusters.length === 1 && only !== undefined) return only.cluster;
  return clusters.map(({ cluster, weight }) => `${cluster}=${weight}`).join(', ');
}
