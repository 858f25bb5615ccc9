/**
 * /api/v1/explain: where a request would go, or a connection, by the configuration that serves now.
 */

import type { Result } from '../../base/result.ts';
import type { ClientText, Side } from '../../explain/asked-client.ts';
import type { ExplainedConfig } from '../../explain/explained-config.ts';
import { type AdminEndpoint, type AdminResponse, parameter } from '../admin-endpoint.ts';
import type { RunningState } from '../running-state.ts';
import { answer, refuse } from './answers.ts';

const clientParameters = [
  parameter('listener', 'name of the listener; default the one that fits best'),
  parameter('side', 'mesh or gateway: which listeners count; default all'),
  parameter('gateway', 'name or namespace/name of the Gateway; implies side=gateway'),
  parameter('sni', 'server name that the client asks for; default the host of an https URL'),
  parameter('client', 'address of the client; default 127.0.0.1'),
  parameter('certificate', 'PEM that the client shows, or none; default one that is let in'),
];

export const explain: AdminEndpoint = {
  path: '/api/v1/explain',
  mutation: false,
  help: 'explain where a request would go, and why not elsewhere, as JSON',
  parameters: [
    parameter('method', 'default GET'),
    parameter('url', 'such as http://bookinfo.example/productpage'),
    parameter('header', 'name:value, as often as there are headers'),
    ...clientParameters,
  ],
  handle: async ({ query }, state) => {
    const side = readSide(query);
    if (side === null) return refuseSide(query);
    // Loaded by the first that asks: a proxy that explains nothing does without.
    const { readAskedRequest } = await import('../../explain/asked-request.ts');
    const { explainRequest } = await import('../../explain/explain-request.ts');
    const asked = readAskedRequest({
      method: query.get('method'),
      url: query.get('url') ?? '',
      headers: query.getAll('header'),
      ...clientText(query, side),
    });
    return asked.ok ? told(explainRequest(configOf(state), asked.value)) : refuse(asked.error);
  },
};

export const explainConnection: AdminEndpoint = {
  path: '/api/v1/explain/connection',
  mutation: false,
  help: 'explain where a TCP or TLS connection would go, and why not elsewhere, as JSON',
  parameters: [
    parameter('to', 'host:port, such as db.example:5432; with sni it begins with TLS'),
    ...clientParameters,
  ],
  handle: async ({ query }, state) => {
    const side = readSide(query);
    if (side === null) return refuseSide(query);
    const { readAskedConnection } = await import('../../explain/asked-connection.ts');
    const { explainConnection: explainTheConnection } = await import(
      '../../explain/explain-connection.ts'
    );
    const asked = readAskedConnection({ to: query.get('to') ?? '', ...clientText(query, side) });
    return asked.ok
      ? told(explainTheConnection(configOf(state), asked.value))
      : refuse(asked.error);
  },
};

function told(explained: Result<unknown, string>): AdminResponse {
  return explained.ok ? answer(explained.value) : refuse(explained.error);
}

function clientText(query: URLSearchParams, side: Side): ClientText {
  return {
    listener: query.get('listener'),
    side,
    serverName: query.get('sni'),
    clientAddress: query.get('client'),
    certificate: query.get('certificate'),
  };
}

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

function refuseSide(query: URLSearchParams): AdminResponse {
  return refuse(`side is mesh or gateway, not "${query.get('side')}"`);
}

function configOf(state: RunningState): ExplainedConfig {
  return {
    hash64: state.hash64,
    listeners: () => state.listeners(),
    routeTables: () => state.routeTables(),
    findCluster: (name) => state.findCluster(name),
    findFilterChain: (name, begun) => state.findFilterChain(name, begun),
    findCertificates: (name) => state.findCertificates(name),
  };
}
