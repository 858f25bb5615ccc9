/** Whether, since when and as what it runs: /ready, /server_info, /init_dump and their like. */

import {
  type AdminEndpoint,
  type AdminResponse,
  json,
  parameter,
  text,
} from '../admin-endpoint.ts';
import type { RunningState } from '../running-state.ts';

export const ready: AdminEndpoint = {
  path: '/ready',
  mutation: false,
  help: 'print LIVE with status 200 when requests are served, otherwise the state with 503',
  parameters: [],
  handle: (_request, state) => readiness(state),
};

export const healthzReady: AdminEndpoint = {
  path: '/healthz/ready',
  mutation: false,
  help: 'the same, where the probes of Istio look for it',
  parameters: [],
  handle: (_request, state) => readiness(state),
};

function readiness(state: RunningState): AdminResponse {
  const lifecycle = state.lifecycle();
  return text(`${lifecycle}\n`, lifecycle === 'LIVE' ? 200 : 503);
}

/** There is none as Envoy means it, with shared memory; `sluice run --takeover` needs no version. */
const hotRestart = 'disabled';

export const serverInfo: AdminEndpoint = {
  path: '/server_info',
  mutation: false,
  help: 'print version, state, uptime and identity',
  parameters: [],
  handle: (_request, state) => {
    const uptime = `${Math.floor(state.uptimeSeconds())}s`;
    const { proxy } = state.config().mesh;
    const { region, zone, subzone } = proxy.locality;
    return json({
      version: state.version,
      state: state.lifecycle(),
      uptime_current_epoch: uptime,
      uptime_all_epochs: uptime,
      hot_restart_version: hotRestart,
      command_line_options: {
        concurrency: state.concurrency(),
        mode: 'Serve',
        restart_epoch: 0,
        disable_hot_restart: true,
        drain_time: drainTime(state),
        drain_strategy: 'Immediate',
      },
      node: {
        id: `${proxy.workload}.${proxy.namespace}`,
        cluster: proxy.workload,
        metadata: { NAMESPACE: proxy.namespace, LABELS: proxy.labels },
        locality: { region, zone, sub_zone: subzone },
        user_agent_name: 'sluice',
      },
    });
  },
};

/** null: without a limit. */
function drainTime(state: RunningState): string | null {
  const ms = state.drainTimeMs();
  return ms === Number.POSITIVE_INFINITY ? null : `${ms / 1000}s`;
}

export const initDump: AdminEndpoint = {
  path: '/init_dump',
  mutation: false,
  help: 'print what the start, or a reload, still waits for',
  parameters: [parameter('mask', 'targets of this kind alone', ['', 'cluster'])],
  handle: ({ query }, state) => {
    const mask = query.get('mask') || 'cluster';
    const waiting = mask === 'cluster' ? state.warming() : [];
    if (waiting.length === 0) return json({});
    const target_names = waiting.map((name) => `Cluster ${name}`);
    return json({ unready_targets_dumps: [{ name: 'init manager Server', target_names }] });
  },
};

export const hotRestartVersion: AdminEndpoint = {
  path: '/hot_restart_version',
  mutation: false,
  help: 'print that there is no hot restart',
  parameters: [],
  handle: () => text(`${hotRestart}\n`),
};

export const runtimeValues: AdminEndpoint = {
  path: '/runtime',
  mutation: false,
  help: 'print that there are no runtime values: all is in the configuration',
  parameters: [],
  handle: () => json({ entries: {}, layers: [] }),
};

export const runtimeModify: AdminEndpoint = {
  path: '/runtime_modify',
  mutation: true,
  help: 'refused: there are no runtime values to change',
  parameters: [],
  takesAnyParameter: true,
  handle: () => text('No admin layer specified: change the configuration instead\n', 503),
};
