/**
 * Damages YAML as people and broken tools do: fields that are gone, there twice, misnamed or of
 * another type, values beyond all measure, and text that is cut, torn or sprinkled with tabs.
 */

import { isScalar, type Pair, parseDocument, visit } from 'yaml';
import type { Random } from '../../src/base/random.ts';

/** `text` with one to four mistakes. The same random numbers make the same mistakes. */
export function mutate(text: string, random: Random): string {
  let result = text;
  for (let left = 1 + below(random, 4); left > 0; left -= 1) {
    // Structure first: what is torn cannot be parsed again.
    result = random.fraction() < 0.6 ? mutateTree(result, random) : mutateText(result, random);
  }
  return result;
}

function below(random: Random, count: number): number {
  return Math.floor(random.fraction() * count);
}

function pick<T>(random: Random, list: readonly T[]): T {
  return list[below(random, list.length)] as T;
}

/** Any of the documents of a text, which are cut at their marker. */
function mutateTree(text: string, random: Random): string {
  const documents = text.split(/^---$/m);
  const chosen = below(random, documents.length);
  const document = parseDocument(documents[chosen] ?? '', { logLevel: 'silent' });
  if (document.errors.length > 0) return mutateText(text, random);
  const places: Place[] = [];
  visit(document, {
    Map: (_, { items }) => void places.push(...items.map((_, index) => ({ items, index }))),
    Seq: (_, { items }) => void places.push(...items.map((_, index) => ({ items, index }))),
  });
  if (places.length === 0) return mutateText(text, random);
  pick(random, treeMutations)(pick(random, places), places, random);
  documents[chosen] = `\n${rendered(document, documents[chosen] ?? '')}`;
  return documents.join('---');
}

/** Aliases whose anchor is gone cannot be written; then the text stays. */
function rendered(document: { toString(): string }, before: string): string {
  try {
    return document.toString();
  } catch {
    return before;
  }
}

/** An entry of a mapping or an item of a list. */
interface Place {
  readonly items: unknown[];
  readonly index: number;
}

type TreeMutation = (place: Place, all: readonly Place[], random: Random) => void;

const treeMutations: readonly TreeMutation[] = [
  function remove({ items, index }) {
    items.splice(index, 1);
  },
  function duplicate({ items, index }, _, random) {
    const times = random.fraction() < 0.1 ? 300 : 1;
    for (let left = times; left > 0; left -= 1) items.splice(index, 0, copyOf(items[index]));
  },
  function retype(place, _, random) {
    setValue(place, parseDocument(pick(random, values)).contents);
  },
  function rename({ items, index }, _, random) {
    const pair = items[index] as Partial<Pair>;
    if (isScalar(pair.key)) pair.key.value = renamed(String(pair.key.value), random);
  },
  function move({ items, index }, all, random) {
    const { items: other } = pick(random, all);
    const moved = items[index];
    const areAlike = isEntry(moved) === isEntry(other[0]);
    if (areAlike && other !== items) other.push(copyOf(items.splice(index, 1)[0]));
  },
  function bury(place, _, random) {
    const depth = pick(random, [3, 40, 70]);
    const open = pick(random, ['[', '{a: ']);
    const close = open === '[' ? ']' : '}';
    const text = `${open.repeat(depth)}1${close.repeat(depth)}`;
    setValue(place, parseDocument(text, { logLevel: 'silent' }).contents);
  },
];

function isEntry(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'key' in item;
}

function copyOf(item: unknown): unknown {
  const { clone } = item as { clone?: () => unknown };
  return clone === undefined ? item : clone.call(item);
}

function setValue({ items, index }: Place, value: unknown): void {
  const item = items[index];
  if (isEntry(item)) (item as Pair).value = value;
  else items[index] = value;
}

function renamed(name: string, random: Random): string {
  const at = below(random, name.length + 1);
  return pick(random, [
    name.slice(0, at) + name.slice(at + 1),
    `${name.slice(0, at)}x${name.slice(at)}`,
    name.toUpperCase(),
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    '',
    '__proto__',
    'constructor',
    'toString',
    '<<',
    'ключ',
  ]);
}

const values: readonly string[] = [
  'null',
  'true',
  '0',
  '-1',
  '65536',
  '4294967296',
  '9007199254740993',
  '1e400',
  '.nan',
  '-.inf',
  '0x7fffffffffffffffffff',
  '""',
  '"*"',
  '"*.*"',
  '"."',
  '"a/b/c"',
  '"../*"',
  '"[::1]:80"',
  '"\\0"',
  '"\\ud83d\\ude00\\u202e"',
  '"(((((a*)*)*)*)*$"',
  '"[a-"',
  '10s',
  '-5s',
  '99999999999h',
  '1e9s',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '[1, a, {}]',
  '{a: {b: [c]}}',
  '2001-12-14',
  '!!binary aGk=',
  '!unknown x',
  `"${'x'.repeat(5000)}"`,
];

const fragments: readonly string[] = [
  '\t',
  '\n\t',
  '\n',
  '\r',
  '\r\n',
  ' ',
  '  ',
  '- ',
  ': ',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  ',',
  '#',
  ' #',
  '&a ',
  '*a',
  '|\n',
  '>-\n',
  '!!map ',
  '\n---\n',
  '\n...\n',
  '? ',
  '%YAML 9\n',
  '@',
  '`',
  '\u0000',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\ud800',
  '\ufeff',
  'é',
  '1e999',
  '\na: &a [x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c]\n',
];

function mutateText(text: string, random: Random): string {
  const at = below(random, text.length + 1);
  switch (below(random, 7)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(at);
    case 2:
      return flipped(text, at, random);
    case 3:
      return text.slice(0, at) + text.slice(at + 1 + below(random, 20));
    case 4:
      return withLineChanged(text, random);
    default:
      return text.slice(0, at) + pick(random, fragments) + text.slice(at);
  }
}

/** One bit of one byte; what is no UTF-8 any more is read as a file would be. */
function flipped(text: string, at: number, random: Random): string {
  const bytes = Buffer.from(text);
  const index = Math.min(at, bytes.length - 1);
  if (index >= 0) bytes[index] = (bytes[index] ?? 0) ^ (1 << below(random, 8));
  return bytes.toString('utf8');
}

/** Indented by more, by less, by a tab; there twice, or swapped with the next one. */
function withLineChanged(text: string, random: Random): string {
  const lines = text.split('\n');
  const index = below(random, lines.length);
  const line = lines[index] ?? '';
  const next = lines[index + 1] ?? '';
  const changes: readonly (readonly string[])[] = [
    [` ${line}`, next],
    [line.replace(/^ {1,2}/, ''), next],
    [line.replace(/^( {2})+/, (blanks) => '\t'.repeat(blanks.length / 2)), next],
    [line, line, next],
    [next, line],
  ];
  lines.splice(index, 2, ...pick(random, changes));
  return lines.join('\n');
}
