/** /api/v1/graph: who calls whom. */

import { parseDuration } from '../../base/duration.ts';
import { trafficGroupings } from '../../telemetry/traffic/build-traffic-graph.ts';
import { maxWindowMs } from '../../telemetry/traffic/traffic-sampler.ts';
import { type AdminEndpoint, parameter } from '../admin-endpoint.ts';
import { answer, refuse } from './answers.ts';

const defaultWindow = '60s';

export const graph: AdminEndpoint = {
  path: '/api/v1/graph',
  mutation: false,
  tellsCounts: true,
  help: 'print who calls whom with rates, codes and latencies, as JSON',
  parameters: [
    parameter('window', `how far back, at most 10m; default ${defaultWindow}`),
    parameter('groupBy', 'what nodes stand for; default workload', trafficGroupings),
  ],
  handle: ({ query }, state) => {
    const window = query.get('window') ?? defaultWindow;
    const windowMs = parseDuration(window) ?? 0;
    if (windowMs <= 0 || windowMs > maxWindowMs) {
      return refuse(`window is a duration up to 10m, such as 60s, not "${window}"`);
    }
    const asked = query.get('groupBy') ?? 'workload';
    const grouping = trafficGroupings.find((known) => known === asked);
    if (grouping === undefined) {
      return refuse(`groupBy is one of ${trafficGroupings.join(', ')}, not "${asked}"`);
    }
    return answer(state.trafficSampler.graph(windowMs, grouping));
  },
};
