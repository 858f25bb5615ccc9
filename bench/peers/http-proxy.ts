/** The npm package http-proxy. Run as a program it is the proxy. */

import { Agent, createServer } from 'node:http';
import httpProxy from 'http-proxy';
import { chooseOrigin } from './node-policy.ts';
import type { Peer } from './peer.ts';
import { proxyPort } from './policy.ts';

export const httpProxyPeer: Peer = {
  name: 'http-proxy',
  note: 'random endpoint; no outlier detection, no metrics',
  prepare: () => [process.execPath, import.meta.filename],
};

if (import.meta.main) {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const proxy = httpProxy.createProxyServer({ agent, xfwd: true });
  const server = createServer((request, response) => {
    proxy.web(request, response, { target: chooseOrigin(request.url ?? '/', request.headers) });
  });
  server.keepAliveTimeout = 600_000;
  server.listen(proxyPort, '127.0.0.1');
}
