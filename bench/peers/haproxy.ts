/** HAProxy with the policy of the benchmark. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCommand } from '../support/find-command.ts';
import type { Peer } from './peer.ts';
import { canaryHeader, canaryWeight, endpointPorts, proxyPort, type Version } from './policy.ts';

export const haproxyPeer: Peer = {
  name: 'haproxy',
  note: 'leastconn, observe layer7',
  prepare(folder) {
    const haproxy = findCommand('haproxy');
    if (haproxy === null) return null;
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, haproxyConfig());
    return [haproxy, '-db', '-f', file];
  },
};

function haproxyConfig(): string {
  return `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 10s
  timeout client 600s
  timeout server 600s
  option forwardfor
  http-reuse always
frontend shop
  bind 127.0.0.1:${proxyPort}
  unique-id-format %{+X}o%ci:%cp_%fi:%fp_%Ts_%rt
  unique-id-header x-request-id
  http-request set-header x-forwarded-proto http
  use_backend v1 if { path /healthz }
  use_backend v2 if { path_beg /admin/ }
  use_backend v1 if { path_reg ^/legacy/[0-9]+$ }
  use_backend v2 if { req.hdr(${canaryHeader}) true }
  use_backend v2 if { rand(100) lt ${canaryWeight} }
  default_backend v1
${backend('v1')}
${backend('v2')}
`;
}

function backend(version: Version): string {
  const check = 'observe layer7 error-limit 5 on-error mark-down';
  const servers = endpointPorts[version].map(
    (port) => `  server e${port} 127.0.0.1:${port} ${check} check inter 30s`,
  );
  return `backend ${version}\n  balance leastconn\n${servers.join('\n')}`;
}
