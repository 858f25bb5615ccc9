/** Field lines in either direction: what becomes of one by its name, and how repeated ones join. */

/** One number for each group of names. */
export function actionsByName(
  ...groups: readonly (readonly [names: readonly string[], action: number])[]
): ReadonlyMap<string, number> {
  return new Map(groups.flatMap(([names, action]) => names.map((name) => [name, action])));
}

/** Joins line `i` to one of the `kept` entries before it; false if it is the first of its name. */
export function joinRepeated(flat: string[], kept: number, i: number): boolean {
  const name = flat[i];
  for (let k = 0; k < kept; k += 2) {
    if (flat[k] !== name) continue;
    flat[k + 1] = joinValues(flat[k + 1] as string, flat[i + 1] as string);
    return true;
  }
  return false;
}

/** Lines of one field become one value; an empty line adds nothing. */
export function joinValues(earlier: string, later: string): string {
  if (earlier === '') return later;
  return later === '' ? earlier : `${earlier},${later}`;
}
