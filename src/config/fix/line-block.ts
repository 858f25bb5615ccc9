/** Lines that belong together by their indentation. */

/** Columns from 0 of the text of a line, with a `- ` before a key counted as indentation. */
export function keyColumn(line: string): number {
  return /^ *(?:- +)*/.exec(line)?.[0].length ?? 0;
}

export function isBlank(line: string | undefined): boolean {
  return line === undefined || line.trim() === '' || line.trimStart().startsWith('#');
}

/** The last line, from 0, of the key that stands at `first`: those below that are deeper. */
export function lastLineOf(lines: readonly string[], first: number): number {
  const column = keyColumn(lines[first] ?? '');
  let last = first;
  for (let index = first + 1; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (isBlank(line)) continue;
    if (line.length - line.trimStart().length <= column) break;
    last = index;
  }
  return last;
}

/** The first line below a key that belongs to it; null: it has no value of several lines. */
export function firstLineBelow(lines: readonly string[], key: number): number | null {
  const last = lastLineOf(lines, key);
  for (let index = key + 1; index <= last; index += 1) if (!isBlank(lines[index])) return index;
  return null;
}
