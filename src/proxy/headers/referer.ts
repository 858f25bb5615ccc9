/** Which Referer travels on (RFC 9110 section 10.1.3), as Envoy cleans it. */

/** A URL with a host, without user and fragment. */
const absolute =
  /^[a-z][a-z0-9+.-]*:\/\/(?:[a-z0-9.-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?(?:[/?][!-"$-~]*)?$/i;

/** A path and a query: no colon before the first slash, no fragment. */
const relative = /^[\w.~!$&'()*+,;=@%?-]*(?:\/[\w.~!$&'()*+,;=:@%/?-]*)?$/;

const portMax = 65_535;

export function isReferer(value: string): boolean {
  const match = absolute.exec(value);
  if (match !== null) return Number(match[1] ?? 0) <= portMax;
  return relative.test(value);
}
