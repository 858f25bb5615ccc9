/** /api/v1/info: which proxy this is, and how it is. */

import type { Severity } from '../../config/finding.ts';
import type { AdminEndpoint } from '../admin-endpoint.ts';
import type { RunningState } from '../running-state.ts';
import { answer } from './answers.ts';
import type { ProxyInfo } from './schema/info.ts';

export const info: AdminEndpoint = {
  path: '/api/v1/info',
  mutation: false,
  help: 'print version, state, identity and configuration in short, as JSON',
  parameters: [],
  handle: (_request, state) => answer(describeInfo(state)),
};

function describeInfo(state: RunningState): ProxyInfo {
  const { mesh, findings, publishedWall, version, lastLoadOk } = state.config();
  const { workload, namespace, labels, locality } = mesh.proxy;
  const count = (severity: Severity): number =>
    findings.filter((finding) => finding.severity === severity).length;
  return {
    version: state.version,
    state: state.lifecycle(),
    uptimeSeconds: state.uptimeSeconds(),
    identity: { workload, namespace, labels, locality },
    config: {
      version,
      published: publishedWall === 0 ? null : new Date(publishedWall).toISOString(),
      lastLoadOk,
      errors: count('error'),
      warnings: count('warning'),
    },
    listeners: state.listeners().length,
    clusters: state.clusters().length,
    resources: state.resources().length,
  };
}
