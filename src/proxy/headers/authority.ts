/** The parts of an authority (RFC 3986 section 3.2) as routing by port and passthrough need them. */

/** The port as text; `80` where there is none. */
export function authorityPort(authority: string): string {
  const colon = authority.lastIndexOf(':');
  if (colon < 0 || authority.charCodeAt(authority.length - 1) === 0x5d) return '80';
  return authority.slice(colon + 1);
}

/** The host, without port and without the brackets of an IPv6 address. */
export function authorityHost(authority: string): string {
  if (authority.startsWith('[')) return authority.slice(1, authority.indexOf(']'));
  const colon = authority.indexOf(':');
  return colon < 0 ? authority : authority.slice(0, colon);
}
