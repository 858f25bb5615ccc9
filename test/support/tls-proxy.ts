/** A proxy that ends TLS, and a client of it. */

import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Test } from 'tap';
import { type HttpFilterChain, matchAny } from '../../src/model/filter-chain.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import type { Secret } from '../../src/model/secret.ts';
import type { DownstreamTls } from '../../src/model/tls.ts';
import { httpChain, listenerModel, type MeshParts, meshOf } from './mesh-models.ts';
import { type HarnessOptions, ProxyHarness } from './proxy-harness.ts';
import { route } from './route-models.ts';
import { authoritySecret, pairSecret, pem, secretsOf } from './tls-fixtures.ts';

export function tlsChain(
  tls: DownstreamTls,
  changes: Partial<HttpFilterChain> = {},
): HttpFilterChain {
  return httpChain({ tls, match: { ...matchAny, transport: 'tls' }, ...changes });
}

/** Everything is answered with `hello`, unless `parts` say otherwise. */
export function tlsMesh(chains: readonly HttpFilterChain[], parts: MeshParts = {}): Mesh {
  const body = { encoding: 'utf8', data: 'hello' } as const;
  const hello = route('hello', {}, { kind: 'direct-response', status: 200, body });
  return meshOf({
    routes: [hello],
    listeners: [listenerModel({ filterChains: chains })],
    ...parts,
  });
}

/** `server-a` for everybody. */
export async function startTlsProxy(
  t: Test,
  tls: DownstreamTls,
  secrets: readonly Secret[] = [pairSecret('server-a'), authoritySecret()],
  options: HarnessOptions = {},
): Promise<ProxyHarness> {
  const mesh = tlsMesh([tlsChain(tls)]);
  const proxy = await ProxyHarness.start(t, mesh, options);
  await proxy.runtime.apply(mesh, secretsOf(...secrets));
  return proxy;
}

/** Trusts the authority of the fixtures and asks for `a.example.com`. */
export function tlsClient(t: Test, port: number, options: ConnectionOptions = {}): TLSSocket {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'a.example.com',
    ca: pem('authority'),
    ...options,
  });
  t.teardown(() => socket.destroy());
  return socket;
}

export interface TlsAnswer {
  readonly socket: TLSSocket;
  /** Of the response, or why there is none. */
  readonly answer: string;
}

const request = 'GET / HTTP/1.1\r\nhost: a.example.com\r\n\r\n';

/** One request to `tlsMesh` on a connection that is left open. */
export async function askByTls(
  t: Test,
  port: number,
  options: ConnectionOptions = {},
): Promise<TlsAnswer> {
  const socket = tlsClient(t, port, options);
  return { socket, answer: await askAgain(socket) };
}

/** `hello`, or the code of an error, or what else has come. */
export function askAgain(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.endsWith('hello')) resolve('hello');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on('close', () => resolve(text === '' ? 'closed' : text));
    // Written earlier, it would take the place of the error that a handshake ends with.
    const { secureConnecting } = socket as { secureConnecting?: boolean };
    if (secureConnecting === true) socket.once('secureConnect', () => socket.write(request));
    else socket.write(request);
  });
}
