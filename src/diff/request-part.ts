/** The values that one part of a request can have, as far as conditions tell them apart. */

import { knownMethods } from '../http1/method.ts';
import { anyByte, byteSet } from './byte-set.ts';
import { stringPattern } from './condition-pattern.ts';
import { type Condition, conditionHolds, probe, type RequestParts } from './conditions.ts';
import { anyText, choice, type Pattern, sequence } from './pattern.ts';
import type { WordFinder } from './word-finder.ts';

export interface PartValue {
  /** What it adds to a request. */
  readonly parts: RequestParts;
  /** Keys of the conditions that hold. */
  readonly holds: ReadonlySet<string>;
}

export interface RequestPart {
  readonly values: readonly PartValue[];
  readonly complete: boolean;
}

/** From `!` to `~`. */
const visible = ((1n << 0x7fn) - 1n) & ~((1n << 0x21n) - 1n);
const beyondAscii = anyByte & ~((1n << 128n) - 1n);
const headerByte: Pattern = { kind: 'byte', set: visible | beyondAscii };
const headerValues = {
  alphabet: visible | beyondAscii | byteSet(' '),
  /** Blanks stand inside only. */
  valid: choice(sequence(), headerByte, sequence(headerByte, anyText, headerByte)),
};
const queryValues = { alphabet: (visible & ~byteSet('&#"<>')) | beyondAscii, valid: anyText };

/** `conditions` are all of one part, and `part` is its name: `header end-user`, `query v`. */
export function requestPart(
  part: string,
  conditions: readonly Condition[],
  finder: WordFinder,
): RequestPart {
  const name = part.slice(part.indexOf(' ') + 1);
  if (part === 'header :method')
    return ofValues(
      conditions,
      methods.map((method) => ({ method })),
    );
  if (part === 'header :scheme') return ofValues(conditions, schemes);
  const isHeader = part.startsWith('header ');
  const patterns = conditions.map(({ header, query }) => {
    const match = header?.model.match ?? query?.model.match;
    return match === undefined ? null : stringPattern(match);
  });
  const known = patterns.filter((pattern) => pattern !== null);
  const found = finder.find(known, isHeader ? headerValues : queryValues);
  const words = found.classes.map(({ words }) => words.find((word) => word !== '') ?? '');
  const parts = words.map((word): RequestParts => {
    return isHeader ? { headers: [[name, word]] } : { query: queryText(name, word) };
  });
  const complete = found.complete && known.length === conditions.length;
  return { ...ofValues(conditions, [{}, ...parts]), complete };
}

const schemes: readonly RequestParts[] = [{ scheme: 'http' }, { scheme: 'https' }];
/** CONNECT is told last, for it is hard to send. */
const methods = [...knownMethods].sort((a, b) => Number(a === 'CONNECT') - Number(b === 'CONNECT'));

function queryText(name: string, value: string): string {
  return value === '' ? name : `${name}=${value}`;
}

/** One value for each combination of conditions that hold. */
function ofValues(conditions: readonly Condition[], parts: readonly RequestParts[]): RequestPart {
  const values = new Map<string, PartValue>();
  for (const one of parts) {
    const request = probe(one);
    const holding = conditions.filter((condition) => conditionHolds(condition, request));
    const keys = holding.map(({ key }) => key);
    const id = keys.join('\n');
    if (!values.has(id)) values.set(id, { parts: one, holds: new Set(keys) });
  }
  return { values: [...values.values()], complete: true };
}
