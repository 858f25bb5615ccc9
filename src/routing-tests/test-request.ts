/** The single requests of a test case: its lists multiplied. */

import type { TestRequest } from './schema.ts';

/** Who sends it, in the mesh or from outside. */
export interface Source {
  /** null: those of the proxy. */
  readonly sourceLabels: Readonly<Record<string, string>> | null;
  readonly sourceNamespace: string | null;
  readonly sourceAddress: string;
}

export interface SingleRequest extends Source {
  readonly authority: string;
  readonly method: string;
  /** Path with its query, as sent. */
  readonly uri: string;
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** null: that of the listener. */
  readonly scheme: 'http' | 'https' | null;
  /** null: any. */
  readonly port: number | null;
  /** `mesh`, or a Gateway; null: by the host. */
  readonly gateway: string | null;
  /** Of its TLS; null: the host. */
  readonly serverName: string | null;
}

/** More than these in one test case are a mistake of its lists. */
export const maxRequests = 10_000;

export function requestCount(request: TestRequest): number {
  const { authority, method, uri, port, gateway, sni, destination, headers = {} } = request;
  const single = [authority, method, uri, port, gateway, sni, destination];
  const lists = [...single, ...Object.values(headers)];
  return lists.reduce<number>(
    (product, list) => product * (Array.isArray(list) ? list.length : 1),
    1,
  );
}

/** In a sentence; null: nothing is wrong. */
export function requestProblem({ destination, sni, scheme }: TestRequest): string | null {
  if (destination !== undefined) {
    return 'destination is of a connection; a request goes by its authority';
  }
  return sni !== undefined && scheme === 'http' ? 'sni is of TLS: its scheme is https' : null;
}

export function sourceOf({ sourceLabels, sourceNamespace, sourceAddress }: TestRequest): Source {
  return {
    sourceLabels: sourceLabels ?? null,
    sourceNamespace: sourceNamespace ?? null,
    sourceAddress: sourceAddress ?? '127.0.0.1',
  };
}

/** In the order of the lists; the last one turns first. */
export function* singleRequests(request: TestRequest): Generator<SingleRequest> {
  const source = sourceOf(request);
  for (const gateway of listOf(request.gateway)) {
    for (const port of listOf(request.port)) {
      for (const name of listOf(request.sni)) {
        const serverName = name?.toLowerCase() ?? null;
        // Only TLS has a server name.
        const scheme = request.scheme ?? (serverName === null ? null : 'https');
        const place = { gateway, port, serverName, scheme, ...source };
        for (const head of heads(request)) yield { ...head, ...place };
      }
    }
  }
}

type Head = Pick<SingleRequest, 'authority' | 'method' | 'uri' | 'headers'>;

function* heads(request: TestRequest): Generator<Head> {
  const headers = [...headerBlocks(Object.entries(request.headers ?? {}))];
  for (const authority of listOf(request.authority)) {
    for (const method of listOf(request.method)) {
      for (const uri of listOf(request.uri)) {
        for (const block of headers) {
          yield {
            authority: authority ?? '',
            method: method ?? 'GET',
            uri: uri ?? '/',
            headers: block,
          };
        }
      }
    }
  }
}

function* headerBlocks(
  entries: readonly (readonly [string, string | readonly string[]])[],
): Generator<SingleRequest['headers']> {
  const [first, ...others] = entries;
  if (first === undefined) {
    yield [];
    return;
  }
  const [name, values] = first;
  for (const value of typeof values === 'string' ? [values] : values) {
    for (const rest of headerBlocks(others)) yield [[name.toLowerCase(), value], ...rest];
  }
}

export function listOf<T>(value: T | readonly T[] | undefined): readonly (T | null)[] {
  if (value === undefined) return [null];
  return Array.isArray(value) ? value : [value as T];
}

/** `GET http://host/path`, with what else tells it from the others. */
export function describeRequest(request: SingleRequest): string {
  const { method, authority, uri, scheme, headers, gateway, port, serverName } = request;
  const parts = [`${method} ${scheme ?? 'http'}://${authority}${uri}`];
  if (gateway !== null) parts.push(`by ${gateway}`);
  if (port !== null) parts.push(`port ${port}`);
  if (serverName !== null) parts.push(`server name ${serverName}`);
  for (const [name, value] of headers) parts.push(`${name}: ${value}`);
  return parts.join(', ');
}
