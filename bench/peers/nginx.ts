/** nginx, the yardstick. */

import { mkdirSync, writeFileSync } from 'node:fs';
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

export const nginxPeer: Peer = nginxWith(1);

export function nginxWith(workers: number): Peer {
  return {
    name: 'nginx',
    note: 'split_clients, least_conn, max_fails; no metrics by version',
    can: ['tls', 'h2', 'routes'],
    version: ['nginx', '-v'],
    prepare: (setup) => nginxCommand(setup.folder, { http: proxyHttpBlock(setup), workers }),
  };
}

export interface NginxOptions {
  /** Of its folder; default nginx. */
  readonly name?: string;
  /** What its `http` block is to say. */
  readonly http: string;
  /** Processes; default 1. */
  readonly workers?: number;
}

/** How to start nginx. */
export function nginxCommand(folder: string, options: NginxOptions): readonly string[] {
  const { name = 'nginx', http, workers = 1 } = options;
  const prefix = join(folder, name);
  mkdirSync(prefix, { recursive: true });
  const file = join(prefix, 'nginx.conf');
  writeFileSync(file, nginxConfig(prefix, http, workers));
  return [commandPath('nginx'), '-p', prefix, '-c', file, '-e', join(prefix, 'error.log')];
}

function nginxConfig(prefix: string, http: string, workers: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${join(prefix, kind)};`,
  );
  return `daemon off;
worker_processes ${workers};
pid ${join(prefix, 'pid')};
events { worker_connections 16384; }
http {
  access_log off;
  sendfile on;
  open_file_cache max=100;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
${temporary.join('\n')}
${http}
}
`;
}

function proxyHttpBlock(setup: Setup): string {
  const variable = `$http_${canaryHeader.replaceAll('-', '_')}`;
  return `
  split_clients "$request_id" $split { ${canaryWeight}% v2; * v1; }
  map ${variable} $version { "true" v2; default $split; }
  server_names_hash_max_size 8192;
  server_names_hash_bucket_size 128;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Request-Id $request_id;
  # Bodies pass through memory, as in all others.
  proxy_max_temp_file_size 0;
${upstreamBlock('v1')}
${upstreamBlock('v2')}
${setup.routes === null ? policyServer(setup) : manyServers(setup, setup.routes)}
`;
}

function policyServer(setup: Setup): string {
  return `  server {
    ${listen(setup)}
    server_name ${authority};
    location = /healthz { proxy_pass http://v1; }
    location /admin/ { proxy_pass http://v2; }
    location ~ ^/legacy/[0-9]+$ { proxy_pass http://v1; }
    location / { proxy_pass http://$version; }
  }`;
}

function manyServers(setup: Setup, { hosts, sections }: ManyRoutes): string {
  const locations = sections.map((prefix) => `location ${prefix} { proxy_pass http://v1; }`);
  const servers = hosts.map(
    (host, index) => `  server {
    ${index === 0 ? listen(setup) : `listen 127.0.0.1:${setup.port};`}
    server_name ${host};
    ${locations.join('\n    ')}
    location / { proxy_pass http://$split; }
  }`,
  );
  return servers.join('\n');
}

function listen({ port, protocol, certificate }: Setup): string {
  const tls = `ssl_protocols TLSv1.3; ssl_certificate ${certificate.certificate};
    ssl_certificate_key ${certificate.key};`;
  const options = { http1: '', tls: ' ssl', h2: ' http2' }[protocol];
  return `listen 127.0.0.1:${port}${options} backlog=4096; ${protocol === 'tls' ? tls : ''}`;
}

function upstreamBlock(version: Version): string {
  const servers = endpointPorts[version]
    .map((port) => `server 127.0.0.1:${port} max_fails=5 fail_timeout=30s;`)
    .join(' ');
  const keepAlive = 'keepalive 1024; keepalive_requests 1000000000;';
  return `  upstream ${version} { least_conn; ${servers} ${keepAlive} }`;
}
