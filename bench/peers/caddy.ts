/** Caddy with the policy of the benchmark. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandPath } from '../support/find-command.ts';
import type { Peer, Setup } from './peer.ts';
import { canaryHeader, canaryWeight, endpointPorts, type Version } from './policy.ts';

export const caddyPeer: Peer = {
  name: 'caddy',
  note: 'the split by a random endpoint, max_fails; no metrics by version',
  can: ['h2'],
  version: ['caddy', 'version'],
  prepare(setup) {
    const file = join(setup.folder, 'caddy.json');
    writeFileSync(file, JSON.stringify(caddyConfig(setup), null, 2));
    return ['env', 'GOMAXPROCS=1', commandPath('caddy'), 'run', '--config', file];
  },
};

function caddyConfig({ port, adminPort, protocol }: Setup): unknown {
  const server = {
    listen: [`127.0.0.1:${port}`],
    protocols: protocol === 'h2' ? ['h1', 'h2', 'h2c'] : ['h1', 'h2'],
    automatic_https: { disable: true },
    routes: routes(),
  };
  return {
    admin: { listen: `127.0.0.1:${adminPort}` },
    logging: { logs: { default: { level: 'ERROR' } } },
    apps: { http: { servers: { shop: server } } },
  };
}

function routes(): unknown[] {
  return [
    { match: [{ path: ['/healthz'] }], handle: [proxyTo('v1')] },
    { match: [{ path: ['/admin/*'] }], handle: [proxyTo('v2')] },
    {
      match: [{ path_regexp: { pattern: '^/legacy/[0-9]+$' } }],
      handle: [proxyTo('v1')],
    },
    { match: [{ header: { [canaryHeader]: ['true'] } }], handle: [proxyTo('v2')] },
    { handle: [splitProxy()] },
  ];
}

function proxyTo(version: Version): unknown {
  return {
    handler: 'reverse_proxy',
    upstreams: upstreamsOf(version),
    load_balancing: { selection_policy: { policy: 'least_conn' } },
    ...common,
  };
}

/** An endpoint is there once for each percent of its version's weight. */
function splitProxy(): unknown {
  const weights = { v1: 100 - canaryWeight, v2: canaryWeight };
  const shares = (['v1', 'v2'] as const).flatMap((version) => {
    return Array.from({ length: weights[version] }, () => upstreamsOf(version)).flat();
  });
  return {
    handler: 'reverse_proxy',
    upstreams: shares,
    load_balancing: { selection_policy: { policy: 'random' } },
    ...common,
  };
}

function upstreamsOf(version: Version): readonly unknown[] {
  return endpointPorts[version].map((port) => ({ dial: `127.0.0.1:${port}` }));
}

const common = {
  headers: { request: { set: { 'X-Request-Id': ['{http.request.uuid}'] } } },
  health_checks: { passive: { fail_duration: '30s', max_fails: 5 } },
  transport: { protocol: 'http', keep_alive: { max_idle_conns_per_host: 1024 } },
};
