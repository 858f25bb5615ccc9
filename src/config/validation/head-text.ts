/**
 * Text of the configuration that becomes a part of a request line or of a header field: nothing in
 * it may end the line. Envoy refuses line ends and NUL; here other control characters go too. What
 * is not ASCII is written as UTF-8, for which half a surrogate pair has no form.
 */

import type { Path, Problems } from '../problem.ts';

/** A part of a path, or a name: a blank would end it. */
export function checkTargetText(text: string | undefined, path: Path, problems: Problems): void {
  check(text, /[\p{Cc}\p{Cs} ]/u, (found) => {
    problems.invalid(path, cannotStand(found), 'percent-encode it');
  });
}

/** No HTTP server takes another host than one in ASCII. */
export function checkAuthorityText(text: string | undefined, path: Path, problems: Problems): void {
  check(text, /[^\x21-\x7e]/u, (found) => {
    problems.invalid(path, cannotStand(found), 'write the host in ASCII, as DNS has it');
  });
}

/** Blanks are welcome. */
export function checkValueText(text: string | undefined, path: Path, problems: Problems): void {
  check(text, /[\p{Cc}\p{Cs}]/u, (found) => problems.invalid(path, cannotStand(found)));
}

/** For what goes out as it is written, without a step that makes UTF-8 of it. */
export function checkAsciiText(text: string | undefined, path: Path, problems: Problems): void {
  check(text, /[^\x20-\x7e]/u, (found) => problems.invalid(path, cannotStand(found)));
}

function check(
  text: string | undefined,
  foreign: RegExp,
  report: (character: string) => void,
): void {
  const found = text === undefined ? null : foreign.exec(text);
  if (found !== null) report(found[0]);
}

function cannotStand(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `the character U+${code} cannot stand here`;
}
