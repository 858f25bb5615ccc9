/**
 * Finds the line whose indentation is wrong in YAML that cannot be parsed. Not a parser: it follows
 * columns of block mappings and lists as a reader's eye does, and is asked only after the parser
 * has failed.
 */

import { misplacedFieldHint } from '../schema/suggest.ts';

export interface IndentationMistake {
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string | null;
}

interface Entry {
  readonly line: number;
  /** 0-based column of the key, or of the dash where the line has no key. */
  readonly column: number;
  /** 0-based columns at which lists begin on this line. */
  readonly dashes: readonly number[];
  readonly key: string | null;
  readonly value: string;
}

const linePattern = /^( *)((?:-\s+)*)(-$|[^\s].*)?$/;
const keyPattern = /^(?:"([^"]*)"|'([^']*)'|([^\s#:'"[{][^:#]*?))\s*:(?:\s+(.*))?$/;

export function findIndentationMistakes(lines: readonly string[]): IndentationMistake[] {
  const entries = readEntries(lines);
  const mistakes: IndentationMistake[] = [];
  const levels: Entry[] = [];
  for (const [index, entry] of entries.entries()) {
    const previous = entries[index - 1];
    const nested = nestedUnderValue(previous, entry, levels);
    const mistake = nested ?? unknownLevel(previous, entry, levels);
    if (mistake !== null) mistakes.push(mistake);
    // A line at an unknown column opens no level: the lines after it are judged without it.
    if (mistake === null || nested !== null) pushLevels(levels, entry);
  }
  return mistakes;
}

/** Lines that hold keys or list items; comments, blanks and block texts are left out. */
function readEntries(lines: readonly string[]): Entry[] {
  const entries: Entry[] = [];
  let blockTextAbove: number | null = null;
  for (const [index, line] of lines.entries()) {
    const text = line.replace(/\s+$/, '');
    const indent = text.length - text.trimStart().length;
    if (text === '' || text.trimStart().startsWith('#')) continue;
    if (blockTextAbove !== null && indent > blockTextAbove) continue;
    blockTextAbove = null;
    const entry = readEntry(text, index + 1);
    if (entry === null) continue;
    if (/^[|>][-+0-9]*(\s+#.*)?$/.test(entry.value)) blockTextAbove = indent;
    entries.push(entry);
  }
  return entries;
}

function readEntry(text: string, line: number): Entry | null {
  const parts = linePattern.exec(text);
  if (parts === null) return null;
  const [, spaces = '', markers = '', rest = ''] = parts;
  const dashes: number[] = [];
  for (const [offset, character] of [...(markers + (rest === '-' ? '-' : ''))].entries()) {
    if (character === '-') dashes.push(spaces.length + offset);
  }
  const key = keyPattern.exec(rest);
  return {
    line,
    column: spaces.length + markers.length,
    dashes,
    key: key === null ? null : (key[1] ?? key[2] ?? key[3] ?? ''),
    value: key === null ? rest : (key[4] ?? '').replace(/(^|\s)#.*$/, '').trim(),
  };
}

function startOf(entry: Entry): number {
  return entry.dashes[0] ?? entry.column;
}

/** `weight: 10` with a deeper indented key below it. */
function nestedUnderValue(
  previous: Entry | undefined,
  entry: Entry,
  levels: readonly Entry[],
): IndentationMistake | null {
  if (previous?.key == null || entry.key === null || entry.dashes.length > 0) return null;
  if (previous.value === '' || entry.column <= previous.column) return null;
  if (/^[&!|>[{"']/.test(previous.value)) return null;
  const owner = levels.findLast(
    (level) => level.column === previous.column && level.value === '' && level.key !== null,
  );
  const hint = owner?.key == null ? null : misplacedFieldHint(previous.key, owner.key, entry.key);
  return {
    line: previous.line,
    column: previous.column + 1,
    message:
      `"${previous.key}" has the value ${previous.value}, but "${entry.key}" on the next line ` +
      'is indented as if it were a part of it',
    hint: hint ?? `indent "${entry.key}" like "${previous.key}"`,
  };
}

/** A line that begins at a column where nothing above it begins. */
function unknownLevel(
  previous: Entry | undefined,
  entry: Entry,
  levels: readonly Entry[],
): IndentationMistake | null {
  if (previous === undefined) return null;
  const start = startOf(entry);
  if (start > startOf(previous)) return null;
  const known = levels.flatMap((level) => [...level.dashes, level.column]);
  if (known.includes(start)) return null;
  const parent = levels.findLast((level) => level.key !== null && level.value === '');
  const isItem = entry.dashes.length > 0;
  const wanted =
    isItem && parent !== undefined && previous.key === parent.key
      ? `indent it by ${parent.column} or more spaces to make it an item of "${parent.key}"`
      : `indent it by ${nearest(known, start)} spaces`;
  return {
    line: entry.line,
    column: start + 1,
    message: `this line is indented by ${count(start, 'space')}, and no line above it is`,
    hint: wanted,
  };
}

function nearest(known: readonly number[], column: number): number {
  let best = known[0] ?? 0;
  for (const candidate of known) {
    if (Math.abs(candidate - column) < Math.abs(best - column)) best = candidate;
  }
  return best;
}

function count(amount: number, what: string): string {
  return `${amount} ${what}${amount === 1 ? '' : 's'}`;
}

/** Levels at or after the column where this line begins are closed; its own is opened. */
function pushLevels(levels: Entry[], entry: Entry): void {
  const start = startOf(entry);
  while (levels.length > 0) {
    const last = levels[levels.length - 1];
    if (last === undefined || startOf(last) < start) break;
    levels.pop();
  }
  levels.push(entry);
}
