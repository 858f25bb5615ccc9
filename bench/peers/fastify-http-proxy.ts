/** The npm package @fastify/http-proxy. Run as a program it is the proxy. */

import fastifyHttpProxy from '@fastify/http-proxy';
import fastifyHttpProxyPackage from '@fastify/http-proxy/package.json' with { type: 'json' };
import { fastify } from 'fastify';
import { chooseOrigin, libraryPeer, portArgument } from './node-policy.ts';

export const fastifyHttpProxyPeer = libraryPeer(
  '@fastify/http-proxy',
  fastifyHttpProxyPackage.version,
  import.meta.filename,
);

if (import.meta.main) {
  const server = fastify({ logger: false, keepAliveTimeout: 600_000 });
  await server.register(fastifyHttpProxy, {
    upstream: '',
    undici: { connections: 256, pipelining: 1 },
    replyOptions: {
      getUpstream: (request) => chooseOrigin(request.url ?? '/', request.headers),
    },
  });
  await server.listen({ port: portArgument(), host: '127.0.0.1' });
}
