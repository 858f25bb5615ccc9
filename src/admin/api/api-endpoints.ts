/** The paths of /api/v1, but for the document that describes them. */

import type { AdminEndpoint } from '../admin-endpoint.ts';
import { clusterList, endpointList } from './clusters.ts';
import { explain, explainConnection } from './explain.ts';
import { graph } from './graph.ts';
import { info } from './info.ts';
import { listenerList } from './listeners.ts';
import { requestStream } from './request-stream.ts';
import { recentRequests } from './requests.ts';
import { resource, resources } from './resources.ts';
import { routeList } from './routes.ts';

export const apiEndpoints: readonly AdminEndpoint[] = [
  clusterList,
  endpointList,
  explain,
  explainConnection,
  graph,
  info,
  listenerList,
  recentRequests,
  requestStream,
  resources,
  resource,
  routeList,
];
