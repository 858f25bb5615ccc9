/** Requests of a scenario that the proxy has no route for, as it says itself before the load. */

import { askHttp } from '../base/ask-http.ts';
import { isObject } from '../base/is-object.ts';
import { findingCode } from '../config/finding-code.ts';
import type { Problem } from '../config/problem.ts';
import type { Explanation } from '../explain/explanation.ts';
import type { RequestKind, Scenario } from './scenario.ts';
import type { StartedProxy } from './started-proxy.ts';

const unrouted = { code: findingCode.unroutedRequest, at: 'value', hint: null } as const;

type AskedProxy = Pick<StartedProxy, 'address' | 'admin' | 'listenerName'>;

/**
 * Without those that differ from time to time, and none where files change under load or where 404
 * is what a scenario asks for. What the proxy has not said when `signal` aborts is not told.
 */
export async function unroutedRequests(
  { requests, tls, changes, assertions }: Scenario,
  proxy: AskedProxy,
  signal: AbortSignal,
): Promise<Problem[]> {
  const asksFor404 = assertions.some(({ check }) => check.kind === 'status' && check.code === 404);
  // What a client sends that names no server is for its TLS library to say.
  const serverNameUnknown = tls !== null && tls.serverName === null;
  if (changes.length > 0 || asksFor404 || serverNameUnknown) return [];
  const found: Problem[] = [];
  for (const request of requests.filter(isFixed)) {
    const query = queryFor(request, proxy, tls?.serverName ?? null);
    const reason = reasonIn(await explanationOf(proxy.admin, query, signal));
    const { method, host, path, fieldPath } = request;
    const url = `${tls === null ? 'http' : 'https'}://${host || proxy.address}${path}`;
    const message = `${method} ${url} has no route: ${reason}`;
    if (reason !== null) found.push({ ...unrouted, path: fieldPath, message });
  }
  return found;
}

function isFixed({ host, path, headers }: RequestKind): boolean {
  return [host, path, ...headers.map(([, value]) => value)].every((text) => !text.includes('{{'));
}

/** Of /api/v1/explain. The host is that of the request, wherever the listener is bound. */
function queryFor(
  { method, host, path, headers }: RequestKind,
  { address, listenerName }: AskedProxy,
  serverName: string | null,
): URLSearchParams {
  const scheme = serverName === null ? 'http' : 'https';
  const url = `${scheme}://${address}${path}`;
  const query = new URLSearchParams({ method, url, listener: listenerName });
  if (serverName !== null) query.append('sni', serverName);
  if (host !== '') query.append('header', `host:${host}`);
  for (const [name, value] of headers) query.append('header', `${name}:${value}`);
  return query;
}

/** null: it did not say. */
async function explanationOf(
  admin: string,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    const response = await askHttp(`http://${admin}/api/v1/explain?${query}`, { signal });
    return JSON.parse(await response.text());
  } catch {
    return null;
  }
}

/**
 * null: there is a route, or nobody can tell. A proxy that refuses to explain has not said 404: of
 * TLS that it passes through, for one, it reads no request.
 */
function reasonIn(answer: unknown): string | null {
  if (!isObject(answer)) return null;
  const { outcome, listener, virtualHost, request } = answer as unknown as Explanation;
  if (outcome !== 'not-found') return null;
  return virtualHost === null
    ? `${listener} has no host for ${request.authority}`
    : `no route of ${virtualHost.name} matches it`;
}
