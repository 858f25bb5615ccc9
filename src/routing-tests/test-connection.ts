/** The single connections of a test case without an authority: its lists multiplied. */

import { isIP } from 'node:net';
import type { TestRequest } from './schema.ts';
import { listOf, type Source, sourceOf } from './test-request.ts';

export interface SingleConnection extends Source {
  /** Of its TLS; null: it begins with other bytes. */
  readonly serverName: string | null;
  /** Address that it is made to; null: that of the listener. */
  readonly destination: string | null;
  /** null: any. */
  readonly port: number | null;
  /** `mesh`, or a Gateway; null: by what fits. */
  readonly gateway: string | null;
}

const requestFields = ['method', 'uri', 'headers', 'scheme'] as const;

/** In a sentence; null: nothing is wrong. */
export function connectionProblem(request: TestRequest): string | null {
  const field = requestFields.find((name) => request[name] !== undefined);
  if (field !== undefined) {
    return `${field} is of a request, which has an authority; this is a connection`;
  }
  const { port, sni, destination, gateway } = request;
  if ([port, sni, destination, gateway].every((said) => said === undefined)) {
    return 'a request has an authority; a connection has a port, a server name (sni), or both';
  }
  const wrong = listOf(destination).find((one) => one !== null && isIP(one) === 0);
  return wrong == null ? null : `destination is an address, not "${wrong}"`;
}

/** In the order of the lists; the last one turns first. */
export function* singleConnections(request: TestRequest): Generator<SingleConnection> {
  const source = sourceOf(request);
  for (const gateway of listOf(request.gateway)) {
    for (const port of listOf(request.port)) {
      for (const destination of listOf(request.destination)) {
        for (const name of listOf(request.sni)) {
          const serverName = name?.toLowerCase() ?? null;
          yield { gateway, port, destination, serverName, ...source };
        }
      }
    }
  }
}

/** `connection, port 443, server name a.example`. */
export function describeConnection(connection: SingleConnection): string {
  const { serverName, destination, port, gateway } = connection;
  const parts = [destination === null ? 'connection' : `connection to ${destination}`];
  if (gateway !== null) parts.push(`by ${gateway}`);
  if (port !== null) parts.push(`port ${port}`);
  if (serverName !== null) parts.push(`server name ${serverName}`);
  return parts.join(', ');
}
