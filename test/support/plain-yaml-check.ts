/** What `readPlainYaml` reads is what the whole parser reads, and stands where it says. */

import { isDeepStrictEqual } from 'node:util';
import { LineCounter, parseDocument } from 'yaml';
import { Places } from '../../src/config/parse/places.ts';
import { PlainPlaces } from '../../src/config/parse/plain-places.ts';
import { readPlainYaml } from '../../src/config/parse/plain-yaml.ts';
import { splitDocuments } from '../../src/config/parse/source-file.ts';
import type { Path } from '../../src/config/problem.ts';

export interface PlainYamlCheck {
  /** Documents that were read plainly. */
  readonly plain: number;
  /** All that were not empty. */
  readonly documents: number;
}

/** Throws where the two differ. */
export function checkPlainYaml(text: string): PlainYamlCheck {
  const chunks = splitDocuments(text);
  const plain = chunks.filter((chunk) => isSame(chunk.text));
  return { plain: plain.length, documents: chunks.length };
}

/** false: left to the whole parser. */
function isSame(text: string): boolean {
  const tree = readPlainYaml(text);
  if (tree === null) return false;
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, merge: true, prettyErrors: false });
  const fail = (what: string): never => {
    throw new Error(`${what}\n\n${text}`);
  };
  if (document.errors.length > 0) fail(`refused: ${document.errors[0]?.message}`);
  const whole = document.toJS();
  if (!isDeepStrictEqual(tree.value, whole)) {
    fail(`${JSON.stringify(tree.value)} is not ${JSON.stringify(whole)}`);
  }
  const places = new Places(text, document, lineCounter);
  const plainPlaces = new PlainPlaces(text, tree);
  for (const path of pathsOf(whole)) {
    for (const at of ['key', 'value'] as const) {
      const found = plainPlaces.locate(path, at);
      const expected = places.locate(path, at);
      if (isDeepStrictEqual(found, expected)) continue;
      fail(`${JSON.stringify(path)} (${at}): ${place(found)} is not ${place(expected)}`);
    }
  }
  return true;
}

function place({ line, column }: { line: number; column: number }): string {
  return `${line}:${column}`;
}

/** Every path of a value, and one below each that is not there. */
function* pathsOf(value: unknown, path: Path = []): Generator<Path> {
  yield path;
  yield [...path, 'not there'];
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* pathsOf(item, [...path, index]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* pathsOf(item, [...path, key]);
  }
}
