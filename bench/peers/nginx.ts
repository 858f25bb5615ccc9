/** nginx as the yardstick, and nginx as the endpoints behind every proxy. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCommand } from '../support/find-command.ts';
import type { Peer } from './peer.ts';
import {
  authority,
  canaryHeader,
  canaryWeight,
  endpointPorts,
  proxyPort,
  responseBody,
  type Version,
  versionHeader,
} from './policy.ts';

export const nginxPeer: Peer = {
  name: 'nginx',
  note: 'split_clients, least_conn, max_fails; no metrics by version',
  prepare: (folder) => nginxCommand(folder, 'proxy', proxyHttpBlock()),
};

/** All endpoints in one nginx: two ports for each version, which name it in a header. */
export function endpointsCommand(folder: string): readonly string[] | null {
  const servers = (['v1', 'v2'] as const).map(
    (version) => `
  server {
    ${endpointPorts[version].map((port) => `listen 127.0.0.1:${port} backlog=1024;`).join(' ')}
    add_header ${versionHeader} ${version};
    default_type text/plain;
    location / { return 200 '${responseBody}'; }
  }`,
  );
  return nginxCommand(folder, 'endpoints', servers.join('\n'));
}

function nginxCommand(folder: string, name: string, http: string): readonly string[] | null {
  const nginx = findCommand('nginx');
  if (nginx === null) return null;
  const prefix = join(folder, name);
  mkdirSync(prefix, { recursive: true });
  const file = join(prefix, 'nginx.conf');
  writeFileSync(file, nginxConfig(prefix, http));
  return [nginx, '-p', prefix, '-c', file, '-e', join(prefix, 'error.log')];
}

function nginxConfig(prefix: string, http: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${join(prefix, kind)};`,
  );
  return `daemon off;
worker_processes 1;
pid ${join(prefix, 'pid')};
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
${temporary.join('\n')}
${http}
}
`;
}

function proxyHttpBlock(): string {
  const variable = `$http_${canaryHeader.replaceAll('-', '_')}`;
  return `
  split_clients "$request_id" $split { ${canaryWeight}% v2; * v1; }
  map ${variable} $version { "true" v2; default $split; }
${upstreamBlock('v1')}
${upstreamBlock('v2')}
  server {
    listen 127.0.0.1:${proxyPort} backlog=1024;
    server_name ${authority};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Request-Id $request_id;
    location = /healthz { proxy_pass http://v1; }
    location /admin/ { proxy_pass http://v2; }
    location ~ ^/legacy/[0-9]+$ { proxy_pass http://v1; }
    location / { proxy_pass http://$version; }
  }
`;
}

function upstreamBlock(version: Version): string {
  const servers = endpointPorts[version]
    .map((port) => `server 127.0.0.1:${port} max_fails=5 fail_timeout=30s;`)
    .join(' ');
  return `  upstream ${version} { least_conn; ${servers} keepalive 64; keepalive_requests 1000000000; }`;
}
