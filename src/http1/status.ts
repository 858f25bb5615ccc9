/** Reason phrases (RFC 9110 section 15, and the registered codes that Envoy knows). */

import { http } from '../base/node-http.ts';

/** Where Envoy's words differ from those of Node. */
const ownPhrases: ReadonlyMap<number, string> = new Map([
  ...[102, 103, 418, 451, 509].map((status): [number, string] => [status, 'Unknown']),
  [599, 'Last Unassigned Server Error Code'],
]);

const phrases: readonly string[] = Array.from(
  { length: 600 },
  (_, status) => ownPhrases.get(status) ?? http.STATUS_CODES[status] ?? 'Unknown',
);

/** `Unknown` for a code without a registered phrase, as Envoy writes it. */
export function reasonPhrase(status: number): string {
  return phrases[status] ?? 'Unknown';
}
