/** The policy as code, for the peers that are libraries. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Peer } from './peer.ts';
import { canaryHeader, canaryWeight, endpointPorts, type Version } from './policy.ts';

/** What a peer that is a library says of itself; run as a program, `file` is the proxy. */
export function libraryPeer(name: string, version: string, file: string): Peer {
  return {
    name,
    note: 'random endpoint; no outlier detection, no metrics',
    can: [],
    version,
    prepare: ({ port }) => [process.execPath, file, String(port)],
  };
}

/** Where the program is to listen. */
export function portArgument(): number {
  return Number(process.argv[2]);
}

/** Origin of the endpoint for a request. */
export function chooseOrigin(path: string, headers: IncomingHttpHeaders): string {
  const ports = endpointPorts[chooseVersion(path, headers)];
  return `http://127.0.0.1:${ports[Math.floor(Math.random() * ports.length)]}`;
}

function chooseVersion(path: string, headers: IncomingHttpHeaders): Version {
  if (path === '/healthz') return 'v1';
  if (path.startsWith('/admin/')) return 'v2';
  if (/^\/legacy\/[0-9]+$/.test(path)) return 'v1';
  if (headers[canaryHeader] === 'true') return 'v2';
  return Math.random() * 100 < canaryWeight ? 'v2' : 'v1';
}
