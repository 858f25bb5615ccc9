/**
 * Keeps web pages away from the admin API. A page can make a browser send requests to loopback: by
 * a name of its own that it lets point there (DNS rebinding, seen in Host), or across origins (seen
 * in Origin).
 */

import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

export interface GuardedRequest {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** null: the request may pass. Otherwise why not. */
export function refusal(request: GuardedRequest, allowedHosts: readonly string[]): string | null {
  const { headers } = request;
  const host = headers.host?.toLowerCase() ?? '';
  const name = hostName(host);
  // Nobody can make an address point elsewhere, and browsers resolve localhost themselves.
  const isAddress = isIP(name) !== 0 && !isAnyAddress(name);
  const trusted = isAddress || name === 'localhost' || name.endsWith('.localhost');
  if (!trusted && !allowedHosts.includes(name)) {
    return `the host "${headers.host ?? ''}" is not allowed; use an IP address or localhost`;
  }
  const { origin } = headers;
  if (origin === undefined) return isFromElsewhere(request) ? otherOrigin : null;
  const sameOrigin = URL.canParse(origin) && new URL(origin).host === withoutDefaultPort(host);
  return sameOrigin ? null : otherOrigin;
}

const otherOrigin = 'requests from other origins are not allowed';

/**
 * Browsers name no origin where a page loads an image, a script or a frame. They say that it is for
 * another site, though. A link may be followed to the first page: what others take of the proxy's
 * time to answer, no page may ask for.
 */
function isFromElsewhere({ method, path, headers }: GuardedRequest): boolean {
  const site = headers['sec-fetch-site'] ?? 'none';
  if (site === 'same-origin' || site === 'none') return false;
  const isLink = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
  return !isLink || headers['sec-fetch-dest'] !== 'document' || path !== '/';
}

/** Requests to it arrive here, and browsers do not say from which site they are. */
function isAnyAddress(name: string): boolean {
  return name === '0.0.0.0' || /^[0:]+$/.test(name);
}

/** Without port and brackets. */
function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(host);
  if (bracketed !== null) return bracketed[1] as string;
  return host.replace(/:\d+$/, '');
}

function withoutDefaultPort(host: string): string {
  return host.replace(/:80$/, '');
}
