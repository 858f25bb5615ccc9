/** /config_dump: the model that is in use. /api/v1/config: what loading it found. */

import { type AdminEndpoint, type AdminResponse, json, text } from '../admin-endpoint.ts';
import { compileNameFilter, type NameFilter } from '../name-filter.ts';
import type { ConfigStatus } from '../running-state.ts';

/** The collections of the model that can be asked for alone. */
const resources = ['listeners', 'routeTables', 'clusters'] as const;
type ResourceName = (typeof resources)[number];

export const configDump: AdminEndpoint = {
  path: '/config_dump',
  mutation: false,
  help: 'print the configuration in use: listeners, route tables, clusters',
  parameters: ['resource', 'name_regex'],
  handle: ({ query }, state) => {
    const filter = compileNameFilter(query.get('name_regex'));
    if (!filter.ok) return text(`${filter.error}\n`, 400);
    return dump(state.config(), query.get('resource'), filter.value);
  },
};

function dump(config: ConfigStatus, resource: string | null, filter: NameFilter): AdminResponse {
  const head = { version: config.version, published: isoTime(config.publishedWall) };
  const names = resource === null ? resources : resources.filter((name) => name === resource);
  if (names.length === 0) return text(`${resource} not found in config dump\n`, 404);
  const filtered: Partial<Record<ResourceName, unknown>> = {};
  for (const name of names) {
    filtered[name] = config.mesh[name].filter((item) => filter(item.name));
  }
  if (resource !== null) return json({ ...head, ...filtered });
  return json({ ...head, mesh: { ...config.mesh, ...filtered } });
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
