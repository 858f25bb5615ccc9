/** Reads parameters out of a query as Envoy does: undecoded, the first of a name counts. */

const equals = 0x3d;

/** Empty for a parameter without `=`; null where the query has no such parameter. */
export function findQueryParameter(query: string | null, name: string): string | null {
  if (query === null) return null;
  let start = 0;
  while (start < query.length) {
    const ampersandAt = query.indexOf('&', start);
    const end = ampersandAt < 0 ? query.length : ampersandAt;
    if (query.startsWith(name, start)) {
      const behind = start + name.length;
      if (behind === end) return '';
      if (behind < end && query.charCodeAt(behind) === equals) return query.slice(behind + 1, end);
    }
    start = end + 1;
  }
  return null;
}
