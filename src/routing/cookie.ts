/** Reads cookies of a request. */

import type { HeaderList } from '../http1/header-list.ts';

/** The value of the first cookie of that name without quotes; null if it is missing or empty. */
export function findCookie(headers: HeaderList, name: string): string | null {
  const { flat } = headers;
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== 'cookie') continue;
    const value = cookieOfLine(flat[i + 1] as string, name);
    // Envoy takes an empty cookie for a missing one, and still looks no further.
    if (value !== null) return value === '' ? null : value;
  }
  return null;
}

function cookieOfLine(line: string, name: string): string | null {
  let start = 0;
  while (start < line.length) {
    const semicolonAt = line.indexOf(';', start);
    const end = semicolonAt < 0 ? line.length : semicolonAt;
    while (line[start] === ' ') start++;
    const valueAt = start + name.length + 1;
    if (valueAt <= end && line[valueAt - 1] === '=' && line.startsWith(name, start)) {
      return unquote(line.slice(valueAt, end));
    }
    start = end + 1;
  }
  return null;
}

/** RFC 6265 section 4.1.1: a value may stand in double quotes, which do not belong to it. */
function unquote(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1)
    : value;
}
