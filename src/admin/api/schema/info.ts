/** GET /api/v1/info: which proxy this is, and how it is. */

import type { Static } from 'typebox';
import { Type } from '../../../base/schema.ts';
import { amount, count, flag, instant, named, nullable, text } from './fields.ts';
import { Locality } from './shared.ts';

export type Identity = Static<typeof Identity>;
export const Identity = named('Identity', 'Who the proxy is in the mesh.', {
  workload: text('Name of the workload.'),
  namespace: text('Its namespace.'),
  labels: Type.Record(Type.String(), Type.String(), { description: 'Its labels.' }),
  locality: Locality,
});

export type ConfigSummary = Static<typeof ConfigSummary>;
export const ConfigSummary = named('ConfigSummary', 'The configuration that serves.', {
  version: count('Counts the configurations that were published, from 1; 0 before the first.'),
  published: nullable(instant('When it was published; null before the first.')),
  lastLoadOk: flag('Everything of the last load could be applied.'),
  errors: count('Findings of the last load with severity error.'),
  warnings: count('Findings of the last load with severity warning.'),
});

export type ProxyInfo = Static<typeof ProxyInfo>;
export const ProxyInfo = named('ProxyInfo', 'Which proxy this is, and how it is.', {
  version: text('Of the program.'),
  state: Type.Enum(['INITIALIZING', 'LIVE', 'DRAINING'], {
    description: 'As /server_info has it.',
  }),
  uptimeSeconds: amount('Since the process started.'),
  identity: Identity,
  config: ConfigSummary,
  listeners: count('Listeners that are open.'),
  clusters: count('Clusters of the configuration.'),
  resources: count('Resources that were loaded.'),
});
