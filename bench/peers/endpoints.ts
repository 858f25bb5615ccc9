/** The endpoints behind every proxy: one nginx with two ports for each version. */

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nginxCommand } from './nginx.ts';
import {
  bodySizes,
  dueHeader,
  endpointPorts,
  responseBody,
  type Version,
  versionHeader,
} from './policy.ts';

/** A configuration of nginx takes no longer text than 4 KiB; larger bodies are files. */
const inConfigurationMax = 1024;

/** Each answers with its version in a header, and with a body of the size that is asked for. */
export function endpointsCommand(folder: string, workers = 1): readonly string[] {
  const files = join(folder, 'files');
  // Workers of nginx are another user.
  chmodSync(folder, 0o755);
  mkdirSync(join(files, 'bytes'), { recursive: true });
  for (const size of bodySizes) writeFileSync(join(files, 'bytes', String(size)), bodyOf(size));
  const servers = (['v1', 'v2'] as const).map((version) => serverOf(version, files));
  return nginxCommand(folder, { name: 'endpoints', http: servers.join('\n'), workers });
}

function serverOf(version: Version, files: string): string {
  const inConfiguration = bodySizes.filter((size) => size <= inConfigurationMax);
  return `
  server {
    ${endpointPorts[version].map((port) => `listen 127.0.0.1:${port} backlog=4096;`).join(' ')}
    add_header ${versionHeader} ${version};
    add_header ${dueHeader} $http_${dueHeader.replaceAll('-', '_')};
    default_type text/plain;
    location / { return 200 '${responseBody}'; }
    location /bytes/ { root ${files}; }
    ${inConfiguration
      .map((size) => `location = /bytes/${size} { return 200 '${bodyOf(size)}'; }`)
      .join('\n    ')}
  }`;
}

function bodyOf(size: number): string {
  return 'x'.repeat(size);
}
