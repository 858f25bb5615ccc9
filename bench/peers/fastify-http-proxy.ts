/** The npm package @fastify/http-proxy. Run as a program it is the proxy. */

import fastifyHttpProxy from '@fastify/http-proxy';
import { fastify } from 'fastify';
import { chooseOrigin } from './node-policy.ts';
import type { Peer } from './peer.ts';
import { proxyPort } from './policy.ts';

export const fastifyHttpProxyPeer: Peer = {
  name: '@fastify/http-proxy',
  note: 'random endpoint; no outlier detection, no metrics',
  prepare: () => [process.execPath, import.meta.filename],
};

if (import.meta.main) {
  const server = fastify({ logger: false, keepAliveTimeout: 600_000 });
  await server.register(fastifyHttpProxy, {
    upstream: '',
    undici: { connections: 256, pipelining: 1 },
    replyOptions: {
      getUpstream: (request) => chooseOrigin(request.url ?? '/', request.headers),
    },
  });
  await server.listen({ port: proxyPort, host: '127.0.0.1' });
}
