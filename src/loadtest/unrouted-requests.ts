/** Requests of a scenario that the proxy has no route for, as it says itself before the load. */

import { isObject } from '../base/is-object.ts';
import type { Explanation } from '../explain/explanation.ts';
import { type Mistake, mistake } from './mistake.ts';
import type { RequestKind, Scenario } from './scenario.ts';
import type { StartedProxy } from './started-proxy.ts';

type AskedProxy = Pick<StartedProxy, 'address' | 'admin' | 'listener'>;

/**
 * Without those that differ from time to time, and none where files change under load or where 404
 * is what a scenario asks for.
 */
export async function unroutedRequests(
  { requests, tls, changes, assertions }: Scenario,
  proxy: AskedProxy,
): Promise<Mistake[]> {
  const asksFor404 = assertions.some(({ check }) => check.kind === 'status' && check.code === 404);
  // What a client sends that names no server is for its TLS library to say.
  const isUnknown = tls !== null && tls.serverName === null;
  if (changes.length > 0 || asksFor404 || isUnknown) return [];
  const found: Mistake[] = [];
  for (const request of requests.filter(isFixed)) {
    const query = queryFor(request, proxy, tls?.serverName ?? null);
    const reason = reasonIn(await explanationOf(proxy.admin, query));
    const { method, host, path, place } = request;
    const url = `${tls === null ? 'http' : 'https'}://${host || proxy.address}${path}`;
    if (reason !== null) found.push(mistake(`${method} ${url} has no route: ${reason}`, place));
  }
  return found;
}

function isFixed({ host, path, headers }: RequestKind): boolean {
  return [host, path, ...headers.map(([, value]) => value)].every((text) => !text.includes('{{'));
}

/** Of /api/v1/explain. The host is that of the request, wherever the listener is bound. */
function queryFor(
  { method, host, path, headers }: RequestKind,
  { address, listener }: AskedProxy,
  serverName: string | null,
): URLSearchParams {
  const scheme = serverName === null ? 'http' : 'https';
  const query = new URLSearchParams({ method, url: `${scheme}://${address}${path}`, listener });
  if (serverName !== null) query.append('sni', serverName);
  if (host !== '') query.append('header', `host:${host}`);
  for (const [name, value] of headers) query.append('header', `${name}:${value}`);
  return query;
}

/** null: it did not say. */
async function explanationOf(admin: string, query: URLSearchParams): Promise<unknown> {
  try {
    return await (await fetch(`http://${admin}/api/v1/explain?${query}`)).json();
  } catch {
    return null;
  }
}

/** null: there is a route, or nobody can tell. */
function reasonIn(answer: unknown): string | null {
  if (!isObject(answer)) return null;
  if (typeof answer.error === 'string') return answer.error;
  const { outcome, listener, virtualHost, request } = answer as unknown as Explanation;
  if (outcome !== 'not-found') return null;
  return virtualHost === null
    ? `${listener} has no host for ${request.authority}`
    : `no route of ${virtualHost.name} matches it`;
}
