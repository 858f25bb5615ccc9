/**
 * Writes the dashboards of Grafana, grafana/dashboards/. Run it after a change of one:
 * `node config/observability/dashboards/generate.ts`. A test compares the files with what it makes.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { meshDashboard } from './mesh.ts';
import { proxyDashboard } from './proxy.ts';
import { serviceDashboard } from './service.ts';
import { workloadDashboard } from './workload.ts';

export const dashboardFolder = join(import.meta.dirname, '../grafana/dashboards');

/** File name to its content. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  const dashboards = {
    'mesh.json': meshDashboard,
    'service.json': serviceDashboard,
    'workload.json': workloadDashboard,
    'proxy.json': proxyDashboard,
  };
  return new Map(
    Object.entries(dashboards).map(([name, json]) => [name, `${JSON.stringify(json, null, 1)}\n`]),
  );
}

if (import.meta.main) {
  mkdirSync(dashboardFolder, { recursive: true });
  for (const [name, content] of dashboardFiles()) {
    writeFileSync(join(dashboardFolder, name), content);
  }
}
