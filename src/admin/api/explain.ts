/** /api/v1/explain: where a request would go, by the configuration that serves now. */

import { readAskedRequest, type Side } from '../../explain/asked-request.ts';
import { explainRequest } from '../../explain/explain-request.ts';
import type { ExplainedConfig } from '../../explain/explained-config.ts';
import { type AdminEndpoint, parameter } from '../admin-endpoint.ts';
import type { RunningState } from '../running-state.ts';
import { answer, refuse } from './answers.ts';

export const explain: AdminEndpoint = {
  path: '/api/v1/explain',
  mutation: false,
  help: 'explain where a request would go, and why not elsewhere, as JSON',
  parameters: [
    parameter('method', 'default GET'),
    parameter('url', 'such as http://bookinfo.example/productpage'),
    parameter('header', 'name:value, as often as there are headers'),
    parameter('listener', 'name of the listener; default the one that the URL fits best'),
    parameter('side', 'mesh or gateway: which listeners count; default all'),
    parameter('gateway', 'name or namespace/name of the Gateway; implies side=gateway'),
    parameter('sni', 'server name that the client asks for; default the host of an https URL'),
    parameter('client', 'address of the client; default 127.0.0.1'),
  ],
  handle: ({ query }, state) => {
    const side = readSide(query);
    if (side === null) return refuse(`side is mesh or gateway, not "${query.get('side')}"`);
    const asked = readAskedRequest({
      method: query.get('method'),
      url: query.get('url') ?? '',
      headers: query.getAll('header'),
      listener: query.get('listener'),
      side,
      serverName: query.get('sni'),
      clientAddress: query.get('client'),
    });
    if (!asked.ok) return refuse(asked.error);
    const explained = explainRequest(configOf(state), asked.value);
    return explained.ok ? answer(explained.value) : refuse(explained.error);
  },
};

/** null: no such side. */
function readSide(query: URLSearchParams): Side | null {
  const gateway = query.get('gateway');
  const side = query.get('side') ?? (gateway === null ? 'any' : 'gateway');
  switch (side) {
    case 'any':
    case 'mesh':
      return { kind: side };
    case 'gateway':
      return { kind: 'gateway', name: gateway };
    default:
      return null;
  }
}

function configOf(state: RunningState): ExplainedConfig {
  return {
    hash64: state.hash64,
    listeners: () => state.listeners(),
    routeTables: () => state.routeTables(),
    findCluster: (name) => state.findCluster(name),
    findFilterChain: (name, facts) => state.findFilterChain(name, facts),
  };
}
