/**
 * Keeps web pages away from the admin API. A page can make a browser send requests to loopback: by
 * a name of its own that it lets point there (DNS rebinding, seen in Host), or across origins (seen
 * in Origin).
 */

import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/** null: the request may pass. Otherwise why not. */
export function refusal(
  method: string,
  headers: IncomingHttpHeaders,
  allowedHosts: readonly string[],
): string | null {
  const host = headers.host?.toLowerCase() ?? '';
  const name = hostName(host);
  // Nobody can make an address point elsewhere, and browsers resolve localhost themselves.
  const trusted = isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost');
  if (!trusted && !allowedHosts.includes(name)) {
    return `the host "${headers.host ?? ''}" is not allowed; use an IP address or localhost`;
  }
  const { origin } = headers;
  if (origin === undefined) return isFromElsewhere(method, headers) ? otherOrigin : null;
  const sameOrigin = URL.canParse(origin) && new URL(origin).host === withoutDefaultPort(host);
  return sameOrigin ? null : otherOrigin;
}

const otherOrigin = 'requests from other origins are not allowed';

/**
 * Browsers name no origin where a page loads an image or a script. They say that it is for another
 * site, though; to follow a link to here is no harm.
 */
function isFromElsewhere(method: string, headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'] ?? 'none';
  if (site === 'same-origin' || site === 'none') return false;
  return method !== 'GET' || headers['sec-fetch-mode'] !== 'navigate';
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
