/** The npm package http-proxy. Run as a program it is the proxy. */

import { Agent, createServer } from 'node:http';
import httpProxy from 'http-proxy';
import httpProxyPackage from 'http-proxy/package.json' with { type: 'json' };
import { chooseOrigin, libraryPeer, portArgument } from './node-policy.ts';

export const httpProxyPeer = libraryPeer(
  'http-proxy',
  httpProxyPackage.version,
  import.meta.filename,
);

if (import.meta.main) {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const proxy = httpProxy.createProxyServer({ agent, xfwd: true });
  const server = createServer((request, response) => {
    proxy.web(request, response, { target: chooseOrigin(request.url ?? '/', request.headers) });
  });
  server.keepAliveTimeout = 600_000;
  server.listen(portArgument(), '127.0.0.1');
}
