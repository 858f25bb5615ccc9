/** Services that say which of them answered, and what they were asked. */

import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { pem } from '../../support/tls-fixtures.ts';

export interface Seen {
  readonly service: string;
  /** Differs where a service has several. */
  readonly endpoint: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly bodyBytes: number;
}

/** Endpoints by name; those of a service have its name and a number. */
const plain = ['web', 'api', 'canary', 'errors', 'mirror', 'bad', 'pool-1', 'pool-2', 'pool-3'];

export class Backends {
  /** What was sent to `mirror`. */
  readonly mirrored: Seen[] = [];
  /** Answers to `/hold` that wait. */
  readonly #held: (() => void)[] = [];
  readonly #servers: NetServer[] = [];
  readonly #ports = new Map<string, number>();

  static async start(): Promise<Backends> {
    const backends = new Backends();
    const tls = { cert: pem('server-a'), key: pem('server-a.key') };
    for (const name of plain) await backends.#listen(name, createServer(backends.#answer(name)));
    await backends.#listen('secure', createTlsServer(tls, backends.#answer('secure')));
    // The types of HTTP/2 promise what those of HTTP/1.1 have, and are told apart all the same.
    const answer = backends.#answer('rpc') as unknown as Parameters<typeof createHttp2Server>[1];
    await backends.#listen('rpc', createHttp2Server(answer));
    return backends;
  }

  get ports(): ReadonlyMap<string, number> {
    return this.#ports;
  }

  get held(): number {
    return this.#held.length;
  }

  release(): void {
    for (const answer of this.#held.splice(0)) answer();
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      (server as Partial<Server>).closeAllConnections?.();
      server.close();
    }
  }

  async #listen(name: string, server: NetServer): Promise<void> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#servers.push(server);
    this.#ports.set(name, (server.address() as AddressInfo).port);
  }

  #answer(name: string): RequestListener {
    return (request, response) => {
      let bodyBytes = 0;
      request.on('data', (chunk: Buffer) => {
        bodyBytes += chunk.length;
      });
      request.on('end', () => this.#respond(seenOf(name, request, bodyBytes), response));
    };
  }

  #respond(seen: Seen, response: ServerResponse): void {
    if (seen.service === 'mirror') this.mirrored.push(seen);
    const answer = (status: number): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(seen));
    };
    const [, command, argument] = seen.path.split('?', 1)[0]?.split('/') ?? [];
    if (command === 'hang') return;
    if (command === 'hold') this.#held.push(() => answer(200));
    else if (seen.service === 'bad') answer(502);
    else if (seen.service === 'errors') answer(Number(seen.headers['x-code'] ?? 200));
    else answer(command === 'status' ? Number(argument) : 200);
  }
}

function seenOf(name: string, request: IncomingMessage, bodyBytes: number): Seen {
  const { method = '', url = '', headers } = request;
  const service = name.replace(/-\d$/, '');
  return { service, endpoint: name, method, path: url, headers, bodyBytes };
}
