/** /config_dump: the model that is in use. /api/v1/config: what loading it found. */

import type { LiveCluster } from '../../cluster/live-cluster.ts';
import {
  type AdminEndpoint,
  type AdminResponse,
  json,
  parameter,
  text,
} from '../admin-endpoint.ts';
import { applyMask } from '../field-mask.ts';
import { compileNameFilter } from '../name-filter.ts';
import type { ConfigStatus, RunningState } from '../running-state.ts';

/** What has a name, and can be asked for alone. */
const collections = ['listeners', 'routeTables', 'clusters', 'endpoints'] as const;
const resources = [...collections, 'proxy', 'telemetry', 'overload'] as const;
type ResourceName = (typeof resources)[number];

export const configDump: AdminEndpoint = {
  path: '/config_dump',
  mutation: false,
  help: 'print the configuration in use: listeners, route tables, clusters',
  parameters: [
    parameter('resource', 'this part alone', ['', ...resources]),
    parameter('mask', 'these fields alone, such as name,filterChains.tls'),
    parameter('name_regex', 'expression (RE2) that names must match'),
    parameter('include_eds', 'endpoints too, as names resolve now', 'flag'),
  ],
  handle: ({ query }, state) => {
    const filter = compileNameFilter(query.get('name_regex'));
    if (!filter.ok) return text(`${filter.error}\n`, 400);
    const resource = query.get('resource') || null;
    const config = state.config();
    const parts = partsOf(config, resource === 'endpoints' || query.has('include_eds'), state);
    const asked = resource === null ? parts : { [resource]: parts[resource as ResourceName] };
    if (resource !== null && asked[resource] === undefined) {
      return text(`${resource} not found in config dump\n`, 404);
    }
    for (const name of collections) {
      const all = asked[name] as readonly { readonly name: string }[] | undefined;
      if (all !== undefined) asked[name] = all.filter((item) => filter.value(item.name));
    }
    return dump(config, asked, { resource, mask: query.get('mask') || null });
  },
};

type Parts = Partial<Record<string, unknown>>;

function partsOf({ mesh }: ConfigStatus, withEndpoints: boolean, state: RunningState): Parts {
  if (!withEndpoints) return { ...mesh };
  return { ...mesh, endpoints: state.clusters().map(clusterEndpoints) };
}

interface Asked {
  readonly resource: string | null;
  readonly mask: string | null;
}

/** A mask is of the fields of each resource where one is asked for, as in Envoy. */
function dump(config: ConfigStatus, parts: Parts, { resource, mask }: Asked): AdminResponse {
  const head = { version: config.version, published: isoTime(config.publishedWall) };
  if (mask === null)
    return json(resource === null ? { ...head, mesh: parts } : { ...head, ...parts });
  const kept = applyMask(resource === null ? parts : parts[resource], mask);
  if (kept === null) {
    return text(`FieldMask ${mask} could not be successfully applied to any configs.\n`, 400);
  }
  return json(resource === null ? { ...head, mesh: kept } : { ...head, [resource]: kept });
}

/** Envoy's ClusterLoadAssignment in the words of the model. */
function clusterEndpoints({ name, endpoints }: LiveCluster): unknown {
  return {
    name,
    endpoints: endpoints.map(({ address, port, model, available }) => ({
      ...{ ...model, address, port },
      hostname: model.address === address ? null : model.address,
      available,
    })),
  };
}

export const configStatus: AdminEndpoint = {
  path: '/api/v1/config',
  mutation: false,
  help: 'print version and findings of the configuration, as JSON',
  parameters: [],
  handle: (_request, state) => {
    const config = state.config();
    return json({
      version: config.version,
      published: isoTime(config.publishedWall),
      lastLoadOk: config.lastLoadOk,
      rejected: config.rejected,
      findings: config.findings,
    });
  },
};

/** null for never. */
function isoTime(wall: number): string | null {
  return wall === 0 ? null : new Date(wall).toISOString();
}
