/** The request methods that are known, which are those of Envoy's parser. */

const methods: ReadonlyMap<string, string> = new Map(
  [
    ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'],
    ['ACL', 'BIND', 'CHECKOUT', 'COPY', 'LINK', 'LOCK', 'MERGE', 'MKACTIVITY'],
    ['MKCALENDAR', 'MKCOL', 'MOVE', 'NOTIFY', 'PROPFIND', 'PROPPATCH', 'PURGE', 'REBIND'],
    ['REPORT', 'SEARCH', 'SOURCE', 'SUBSCRIBE', 'UNBIND', 'UNLINK', 'UNLOCK', 'UNSUBSCRIBE'],
  ]
    .flat()
    .map((name) => [name, name]),
);

export const knownMethods: readonly string[] = [...methods.keys()];

/** The one shared string of a known method; methods are case-sensitive (RFC 9110 section 9.1). */
export function knownMethod(name: string): string | undefined {
  return methods.get(name);
}

/** Whether a known method may still come of it. */
export function beginsMethod(text: string): boolean {
  for (const name of methods.keys()) if (name.startsWith(text)) return true;
  return false;
}
