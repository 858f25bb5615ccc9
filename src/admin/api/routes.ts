/** /api/v1/routes: route tables, their virtual hosts and routes. */

import { describeOrigin } from '../../explain/describe-origin.ts';
import { describeRoute } from '../../explain/describe-route.ts';
import { type AdminEndpoint, parameter } from '../admin-endpoint.ts';
import { answer } from './answers.ts';
import type { RouteTableList } from './schema/routes.ts';

export const routeList: AdminEndpoint = {
  path: '/api/v1/routes',
  mutation: false,
  help: 'list route tables with virtual hosts and routes, as JSON',
  parameters: [parameter('table', 'name of the only table to list')],
  handle: ({ query }, state) => {
    const wanted = query.get('table');
    const tables = state
      .config()
      .mesh.routeTables.filter(({ name }) => wanted === null || name === wanted);
    const list: RouteTableList = {
      routeTables: tables.map(({ name, virtualHosts }) => ({
        name,
        virtualHosts: virtualHosts.map((host) => ({
          name: host.name,
          domains: [...host.domains],
          requireTls: host.requireTls,
          routes: host.routes.map(describeRoute),
          origin: describeOrigin(host.origin),
        })),
      })),
    };
    return answer(list);
  },
};
