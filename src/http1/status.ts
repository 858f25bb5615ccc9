/** Reason phrases (RFC 9110 section 15, and the registered codes that proxies meet). */

import { http } from '../base/node-http.ts';

const phrases: readonly string[] = Array.from(
  { length: 600 },
  (_, status) => http.STATUS_CODES[status] ?? 'Unknown',
);

/** `Unknown` for a code without a registered phrase, as Envoy writes it. */
export function reasonPhrase(status: number): string {
  return phrases[status] ?? 'Unknown';
}
