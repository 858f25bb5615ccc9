/** nginx as the yardstick, and as the HTTP/1.1 endpoints behind every proxy. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCommand } from '../support/find-command.ts';
import {
  type Certificate,
  endpointPorts,
  type ProtocolPeer,
  type ProtocolRow,
  proxyPort,
  responseBody,
} from './protocol.ts';

export const nginxPeer: ProtocolPeer = {
  name: 'nginx',
  prepare: (folder, row, certificate) => nginxCommand(folder, 'proxy', proxyOf(row, certificate)),
};

/** Endpoints that speak HTTP/1.1. */
export function http1EndpointsCommand(folder: string): readonly string[] | null {
  const listen = endpointPorts.map((port) => `listen 127.0.0.1:${port} backlog=1024;`);
  return nginxCommand(
    folder,
    'endpoints',
    `server {
    ${listen.join(' ')}
    default_type text/plain;
    location / { return 200 '${responseBody}'; }
  }`,
  );
}

function proxyOf(row: ProtocolRow, { certificate, key }: Certificate): string {
  const isHttp2 = row.protocol !== 'tls';
  const tls = `ssl_certificate ${certificate}; ssl_certificate_key ${key}; ssl_protocols TLSv1.3;`;
  const pass = row.isHttp2Upstream
    ? 'grpc_pass grpc://shop;'
    : 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://shop;';
  return `
  upstream shop {
    ${row.endpointPorts.map((port) => `server 127.0.0.1:${port};`).join(' ')}
    keepalive 64; keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${proxyPort}${row.isTls ? ' ssl' : ''}${isHttp2 ? ' http2' : ''} backlog=1024;
    ${row.isTls ? tls : ''}
    location / { ${pass} }
  }`;
}

function nginxCommand(folder: string, name: string, http: string): readonly string[] | null {
  const nginx = findCommand('nginx');
  if (nginx === null) return null;
  const prefix = join(folder, name);
  mkdirSync(prefix, { recursive: true });
  const file = join(prefix, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${join(prefix, kind)};`,
  );
  writeFileSync(
    file,
    `daemon off;
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
`,
  );
  return [nginx, '-p', prefix, '-c', file, '-e', join(prefix, 'error.log')];
}
