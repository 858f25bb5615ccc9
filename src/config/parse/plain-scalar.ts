/** What an unquoted scalar means in YAML 1.2's core schema (10.3.2), as far as it is plain to see. */

const words: ReadonlyMap<string, boolean | null> = new Map([
  ...(['null', 'Null', 'NULL'] as const).map((word) => [word, null] as const),
  ...(['true', 'True', 'TRUE'] as const).map((word) => [word, true] as const),
  ...(['false', 'False', 'FALSE'] as const).map((word) => [word, false] as const),
]);

const commonNumber = /^(?:0|-?[1-9][0-9]{0,14}|-?[0-9]{1,15}\.[0-9]{1,15})$/;

/** Octal, hexadecimal, exponents, infinities, leading zeros: numbers, or so they may be. */
const oddNumber =
  /^[-+]?(?:0[ox][0-9a-fA-F]+|[0-9]+|\.?[0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?|\.\w+)$/;

/** undefined: rare enough to leave it to a whole parser. */
export function plainScalar(text: string): string | number | boolean | null | undefined {
  const first = text.charCodeAt(0) | 0x20;
  const isLetter = first >= 0x61 && first <= 0x7a;
  if (isLetter) return text.length <= 5 && words.has(text) ? words.get(text) : text;
  if (commonNumber.test(text)) return Number(text);
  return text === '~' || oddNumber.test(text) ? undefined : text;
}
