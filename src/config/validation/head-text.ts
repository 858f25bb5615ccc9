/** Text that ends up in a request line or a header field of its own: nothing in it may end the line. */

import type { Path, Problems } from '../problem.ts';

/** Istio writes other characters percent-encoded too, for Envoy takes only these. */
const foreign = /[^\x21-\x7e]/u;

export function checkHeadText(text: string | undefined, path: Path, problems: Problems): void {
  const found = text === undefined ? null : foreign.exec(text);
  if (found === null) return;
  const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  problems.invalid(path, `the character U+${code} cannot stand here`, 'percent-encode it');
}
