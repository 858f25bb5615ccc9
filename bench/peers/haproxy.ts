/** HAProxy with the policy of the benchmark. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandPath } from '../support/find-command.ts';
import type { Peer, Setup } from './peer.ts';
import { canaryHeader, canaryWeight, endpointPorts, type Version } from './policy.ts';

export const haproxyPeer: Peer = {
  name: 'haproxy',
  note: 'leastconn, observe layer7',
  can: ['tls', 'h2', 'routes'],
  version: ['haproxy', '-v'],
  prepare(setup) {
    const prefix = join(setup.folder, 'haproxy');
    mkdirSync(prefix, { recursive: true });
    const file = join(prefix, 'haproxy.cfg');
    const map = join(prefix, 'routes.map');
    writeFileSync(map, routesMap(setup));
    writeFileSync(file, haproxyConfig(setup, setup.routes === null ? policyRules : [mapRule(map)]));
    return [commandPath('haproxy'), '-db', '-f', file];
  },
};

function haproxyConfig(setup: Setup, rules: readonly string[]): string {
  const tls = ` ssl crt ${setup.certificate.both} ssl-min-ver TLSv1.3`;
  const options = { http1: '', tls, h2: ' proto h2' }[setup.protocol];
  return `global
  nbthread 1
  maxconn 12000
  # It would want two files for each of them.
  no strict-limits
defaults
  mode http
  timeout connect 10s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
  option forwardfor
  http-reuse always
frontend shop
  bind 127.0.0.1:${setup.port} backlog 4096${options}
  unique-id-format %{+X}o%ci:%cp_%fi:%fp_%Ts_%rt
  unique-id-header x-request-id
  http-request set-header x-forwarded-proto ${setup.protocol === 'tls' ? 'https' : 'http'}
${rules.map((rule) => `  ${rule}`).join('\n')}
  use_backend v2 if { rand(100) lt ${canaryWeight} }
  default_backend v1
${backend('v1')}
${backend('v2')}
`;
}

const policyRules: readonly string[] = [
  'use_backend v1 if { path /healthz }',
  'use_backend v2 if { path_beg /admin/ }',
  'use_backend v1 if { path_reg ^/legacy/[0-9]+$ }',
  `use_backend v2 if { req.hdr(${canaryHeader}) true }`,
];

/** Prefixes of host and path, which HAProxy keeps in a tree. */
function mapRule(map: string): string {
  return `use_backend v1 if { base,map_beg(${map}) -m found }`;
}

function routesMap({ routes }: Setup): string {
  const { hosts = [], sections = [] } = routes ?? {};
  return hosts.flatMap((host) => sections.map((section) => `${host}${section} v1\n`)).join('');
}

function backend(version: Version): string {
  const check = 'observe layer7 error-limit 5 on-error mark-down';
  const servers = endpointPorts[version].map(
    (port) => `  server e${port} 127.0.0.1:${port} ${check} check inter 30s`,
  );
  return `backend ${version}\n  balance leastconn\n${servers.join('\n')}`;
}
