/** The Gateway API in Istio's words: Gateways, and the rules of the routes attached to them. */

import type { ResourceSet } from '../../resource-set.ts';
import { inIstioOrder } from '../../translate/istio-resources.ts';
import type { ResourceStatus } from '../resource-status.ts';
import { convertConnectionRoutes } from './connection-routes.ts';
import type { GatewayApiContext } from './context.ts';
import { ServedGateways } from './gateway-classes.ts';
import { gatewayStatus, madeGateways, readGateway } from './gateways.ts';
import { convertHttpRoutes } from './http-routes.ts';
import { isolatedHosts } from './isolated-hosts.ts';
import { RouteParents } from './parents.ts';
import { TakenPorts } from './taken-ports.ts';

/** What was made from resources of the Gateway API. */
export interface GatewayApiConversion {
  readonly gateways: ResourceSet['gateways'];
  readonly virtualServices: ResourceSet['virtualServices'];
  readonly destinationRules: ResourceSet['destinationRules'];
  readonly statuses: readonly ResourceStatus[];
}

export function convertGatewayApi(context: GatewayApiContext): GatewayApiConversion {
  const { resources, settings } = context;
  const served = new ServedGateways(resources, settings);
  const ports = new TakenPorts();
  const gateways = inIstioOrder(resources.kubernetesGateways)
    .filter((gateway) => served.has(gateway))
    .map((gateway) => readGateway(gateway, context, ports));
  const parents = new RouteParents(gateways, context);
  const routes = convertRoutes(context, parents);
  return {
    gateways: [
      ...gateways.flatMap(madeGateways).filter((made) => !routes.replaced.has(nameOf(made))),
      ...routes.gateways,
    ],
    virtualServices: [
      ...routes.virtualServices,
      ...isolatedHosts(gateways, routes.virtualServices, context),
    ],
    destinationRules: routes.destinationRules,
    statuses: [
      ...served.statuses(),
      // Only now all routes are attached.
      ...gateways.map((gateway) => gatewayStatus(gateway, parents)),
      ...routes.statuses,
    ],
  };
}

function nameOf({ metadata }: ResourceSet['gateways'][number]): string {
  return `${metadata.namespace}/${metadata.name}`;
}

interface ConvertedRoutes extends GatewayApiConversion {
  /** Gateways of listeners for which `gateways` stand in. */
  readonly replaced: ReadonlySet<string>;
}

function convertRoutes(context: GatewayApiContext, parents: RouteParents): ConvertedRoutes {
  const http = convertHttpRoutes(context, parents);
  const connections = convertConnectionRoutes(context, parents);
  return {
    gateways: connections.gateways,
    replaced: connections.replaced,
    virtualServices: [...http.virtualServices, ...connections.virtualServices],
    destinationRules: http.destinationRules,
    statuses: [...http.statuses, ...connections.statuses],
  };
}
