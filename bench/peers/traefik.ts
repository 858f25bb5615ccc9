/** Traefik with the policy of the benchmark. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandPath } from '../support/find-command.ts';
import type { Peer, Setup } from './peer.ts';
import {
  authority,
  canaryHeader,
  canaryWeight,
  endpointPorts,
  type ManyRoutes,
  type Version,
} from './policy.ts';

export const traefikPeer: Peer = {
  name: 'traefik',
  note: 'weighted services, round robin; no outlier detection, no request id',
  can: ['tls', 'routes'],
  version: ['traefik', 'version'],
  prepare(setup) {
    // YAML reads JSON.
    const rules = join(setup.folder, 'rules.yaml');
    const install = join(setup.folder, 'traefik.yaml');
    writeFileSync(rules, JSON.stringify(dynamicConfig(setup), null, 2));
    writeFileSync(install, JSON.stringify(staticConfig(setup, rules), null, 2));
    return ['env', 'GOMAXPROCS=1', commandPath('traefik'), `--configFile=${install}`];
  },
};

function staticConfig({ port }: Setup, rules: string): unknown {
  return {
    entryPoints: { shop: { address: `127.0.0.1:${port}` } },
    providers: { file: { filename: rules, watch: false } },
    serversTransport: { maxIdleConnsPerHost: 1024 },
    log: { level: 'ERROR' },
    global: { checkNewVersion: false, sendAnonymousUsage: false },
  };
}

function dynamicConfig({ routes, protocol, certificate }: Setup): unknown {
  const { certificate: certFile, key: keyFile } = certificate;
  const isTls = protocol === 'tls';
  const all = routes === null ? policyRouters() : manyRouters(routes);
  const named = all.map(({ rule, service }, index) => {
    // The first ones win.
    const router = { rule, service, entryPoints: ['shop'], priority: all.length - index };
    return [`route-${index}`, isTls ? { ...router, tls: {} } : router];
  });
  const weighted = {
    services: [
      { name: 'v1', weight: 100 - canaryWeight },
      { name: 'v2', weight: canaryWeight },
    ],
  };
  return {
    http: {
      routers: Object.fromEntries(named),
      services: { v1: service('v1'), v2: service('v2'), split: { weighted } },
    },
    ...(isTls ? { tls: { certificates: [{ certFile, keyFile }] } } : {}),
  };
}

interface Router {
  readonly rule: string;
  readonly service: Version | 'split';
}

function policyRouters(): readonly Router[] {
  const host = `Host(\`${authority}\`)`;
  return [
    { rule: `${host} && Path(\`/healthz\`)`, service: 'v1' },
    { rule: `${host} && PathPrefix(\`/admin/\`)`, service: 'v2' },
    { rule: `${host} && PathRegexp(\`^/legacy/[0-9]+$\`)`, service: 'v1' },
    { rule: `${host} && Header(\`${canaryHeader}\`, \`true\`)`, service: 'v2' },
    { rule: host, service: 'split' },
  ];
}

function manyRouters({ hosts, sections }: ManyRoutes): readonly Router[] {
  return hosts.flatMap((name): Router[] => {
    const host = `Host(\`${name}\`)`;
    const specific = sections.map((prefix): Router => {
      return { rule: `${host} && PathPrefix(\`${prefix}\`)`, service: 'v1' };
    });
    return [...specific, { rule: host, service: 'split' }];
  });
}

function service(version: Version): unknown {
  const servers = endpointPorts[version].map((port) => ({ url: `http://127.0.0.1:${port}` }));
  return { loadBalancer: { servers } };
}
