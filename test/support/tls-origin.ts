/** Endpoints that speak TLS, and tell what they saw of each handshake. */

import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket, TlsOptions } from 'node:tls';
import type { Test } from 'tap';
import { pem } from './tls-fixtures.ts';

export interface SeenHandshake {
  readonly serverName: string | null;
  readonly alpn: string | null;
  readonly reused: boolean;
  /** Subject of the client's certificate. */
  readonly client: string | null;
}

export interface TlsOrigin {
  readonly port: number;
  /** Connections on which TLS was agreed on. */
  readonly handshakes: readonly SeenHandshake[];
  /** Host of each request. */
  readonly hosts: readonly string[];
}

/** Answers everything with `hello`, and a body with the body. */
export async function tlsOrigin(
  t: Test,
  certificate = 'server-a',
  options: TlsOptions = {},
): Promise<TlsOrigin> {
  const handshakes: SeenHandshake[] = [];
  const hosts: string[] = [];
  const settings = {
    cert: pem(certificate),
    key: pem(`${certificate}.key`),
    ALPNProtocols: ['h2', 'http/1.1'],
    ...options,
  };
  const server = createServer(settings, (request, response) => {
    hosts.push(request.headers.host ?? '');
    if (request.headers['content-length'] === undefined) response.end('hello');
    else request.pipe(response);
  });
  const sockets = new Set<TLSSocket>();
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    handshakes.push(seen(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, handshakes, hosts };
}

function seen(socket: TLSSocket): SeenHandshake {
  const { servername, alpnProtocol } = socket as { servername?: unknown; alpnProtocol: unknown };
  return {
    serverName: typeof servername === 'string' ? servername : null,
    alpn: typeof alpnProtocol === 'string' ? alpnProtocol : null,
    reused: socket.isSessionReused(),
    client: socket.getPeerX509Certificate()?.subject ?? null,
  };
}
