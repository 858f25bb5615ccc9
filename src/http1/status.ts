/** Reason phrases (RFC 9110 section 15, and the registered codes that proxies meet). */

import { STATUS_CODES } from 'node:http';

const phrases: readonly string[] = Array.from(
  { length: 600 },
  (_, status) => STATUS_CODES[status] ?? 'Unknown',
);

/** `Unknown` for a code without a registered phrase, as Envoy writes it. */
export function reasonPhrase(status: number): string {
  return phrases[status] ?? 'Unknown';
}
