/** /ready and /server_info: whether and since when it runs. */

import { type AdminEndpoint, json, text } from '../admin-endpoint.ts';

export const ready: AdminEndpoint = {
  path: '/ready',
  mutation: false,
  help: 'print LIVE with status 200 when requests are served, otherwise the state with 503',
  parameters: [],
  handle: (_request, state) => {
    const lifecycle = state.lifecycle();
    return text(`${lifecycle}\n`, lifecycle === 'LIVE' ? 200 : 503);
  },
};

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
