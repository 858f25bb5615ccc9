/** The single requests of a test case: its lists multiplied. */

import type { TestRequest } from './schema.ts';

export interface SingleRequest {
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
  /** null: those of the proxy. */
  readonly sourceLabels: Readonly<Record<string, string>> | null;
  readonly sourceNamespace: string | null;
  readonly sourceAddress: string;
}

/** More than these in one test case are a mistake of its lists. */
export const maxRequests = 10_000;

export function requestCount(request: TestRequest): number {
  const { authority, method, uri, port, gateway, headers = {} } = request;
  const lists = [authority, method, uri, port, gateway, ...Object.values(headers)];
  return lists.reduce<number>(
    (product, list) => product * (Array.isArray(list) ? list.length : 1),
    1,
  );
}

/** In the order of the lists; the last one turns first. */
export function* singleRequests(request: TestRequest): Generator<SingleRequest> {
  const { sourceLabels, sourceNamespace, sourceAddress } = request;
  const source = {
    scheme: request.scheme ?? null,
    sourceLabels: sourceLabels ?? null,
    sourceNamespace: sourceNamespace ?? null,
    sourceAddress: sourceAddress ?? '127.0.0.1',
  };
  for (const gateway of listOf(request.gateway)) {
    for (const port of listOf(request.port)) {
      for (const head of heads(request)) yield { ...head, gateway, port, ...source };
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

function listOf<T>(value: T | readonly T[] | undefined): readonly (T | null)[] {
  if (value === undefined) return [null];
  return Array.isArray(value) ? value : [value as T];
}

/** `GET http://host/path`, with what else tells it from the others. */
export function describeRequest(request: SingleRequest): string {
  const { method, authority, uri, scheme, headers, gateway, port } = request;
  const parts = [`${method} ${scheme ?? 'http'}://${authority}${uri}`];
  if (gateway !== null) parts.push(`by ${gateway}`);
  if (port !== null) parts.push(`port ${port}`);
  for (const [name, value] of headers) parts.push(`${name}: ${value}`);
  return parts.join(', ');
}
