/** An order of texts that is the same on every machine: by UTF-16 code units, not by a locale. */

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
