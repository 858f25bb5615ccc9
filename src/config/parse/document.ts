/** One YAML document with the places of its parts, or findings that say why it cannot be read. */

import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import type { Finding } from '../finding.ts';
import { type FindingCode, findingCode } from '../finding-code.ts';
import type { Path } from '../problem.ts';
import type { Position } from '../resource.ts';
import { duplicateKeys } from './duplicate-keys.ts';
import { maxAliasCount, maxDepth } from './limits.ts';
import { Places } from './places.ts';
import { PlainPlaces } from './plain-places.ts';
import { readPlainYaml } from './plain-yaml.ts';
import type { Chunk } from './source-file.ts';
import { type ParserError, syntaxFindings } from './syntax-finding.ts';

export interface ParsedDocument {
  /** Plain JSON data. */
  readonly value: unknown;
  /**
   * Where the field at `path` stands, by its name or by its value. The nearest known parent where
   * there is no such field.
   */
  locate(path: Path, at: 'key' | 'value'): Position;
}

export interface DocumentResult {
  /** null when it is too broken to say what it means. */
  readonly document: ParsedDocument | null;
  readonly findings: readonly Finding[];
}

type Locator = Pick<Places | PlainPlaces, 'locate'>;

/** What a text is, wherever it stands. */
type Reading =
  | { readonly is: 'sound'; readonly value: unknown; readonly places: Locator }
  | { readonly is: 'broken'; readonly errors: readonly ParserError[] }
  | ({ readonly is: 'refused'; readonly code: FindingCode; readonly position: Position } & Reason);

interface Reason {
  readonly message: string;
  readonly hint: string | null;
}

/**
 * Reads documents. Texts that were there at the last load are not parsed again: of a large
 * configuration a reload costs what has changed.
 */
export class DocumentReader {
  #before = new Map<string, Reading>();
  #now = new Map<string, Reading>();

  /** Texts that are not asked for until the next call are forgotten. */
  beginLoad(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  read(file: string, chunk: Chunk): DocumentResult {
    const { text, lineOffset } = chunk;
    const reading = this.#now.get(text) ?? this.#before.get(text) ?? readText(text);
    this.#now.set(text, reading);
    switch (reading.is) {
      case 'broken':
        return { document: null, findings: syntaxFindings(file, chunk, reading.errors) };
      case 'refused': {
        const { code, message, hint, position } = reading;
        const place = { file, ...moved(position, lineOffset), path: '', resource: '' };
        return { document: null, findings: [{ code, severity: 'error', message, hint, ...place }] };
      }
      case 'sound': {
        const { value, places } = reading;
        const locate: ParsedDocument['locate'] = (path, at) =>
          moved(places.locate(path, at), lineOffset);
        return { document: { value, locate }, findings: [] };
      }
    }
  }
}

function moved({ line, column }: Position, lineOffset: number): Position {
  return { line: line + lineOffset, column };
}

function readText(text: string): Reading {
  const plain = readPlainYaml(text);
  return plain === null
    ? readAnyText(text)
    : { is: 'sound', value: plain.value, places: new PlainPlaces(text, plain) };
}

/** Whatever is not written plainly, or is wrong. */
function readAnyText(text: string): Reading {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    merge: true,
    prettyErrors: false,
    logLevel: 'silent',
    uniqueKeys: false,
  });
  if (document.errors.length > 0) {
    return { is: 'broken', errors: locateErrors(document, lineCounter) };
  }
  const duplicates = duplicateKeys(document);
  if (duplicates.length > 0) {
    const error = { code: 'DUPLICATE_KEY', message: 'a key is there twice' };
    const errors = duplicates.map((offset) => ({ ...error, ...lineCounter.linePos(offset) }));
    return { is: 'broken', errors };
  }
  const places = new Places(text, document, lineCounter);
  const unreadable = findUnreadable(document.contents, document, 0);
  if (unreadable !== null) {
    const { offset, ...rest } = unreadable;
    return { is: 'refused', ...rest, position: places.at(offset) };
  }
  try {
    return { is: 'sound', value: document.toJS({ maxAliasCount }), places };
  } catch (error) {
    // The library throws when aliases multiply beyond the limit, and for nothing else here.
    const message = error instanceof Error ? error.message : String(error);
    const reason = { code: findingCode.tooLarge, message, hint: null };
    return { is: 'refused', ...reason, position: places.at(0) };
  }
}

function locateErrors(document: Document, lineCounter: LineCounter): ParserError[] {
  return document.errors.map(({ code, message, pos: [offset] }) => {
    const isQuote = code === 'MISSING_CHAR' && message.includes('quote');
    const start = isQuote ? openingQuote(document, offset) : offset;
    return { code, message, ...lineCounter.linePos(start) };
  });
}

/** A missing quote is noticed at the end of the document; people look for where it opened. */
function openingQuote(document: Document, offset: number): number {
  let start = offset;
  visit(document, {
    Scalar(_, { type, range }) {
      if (type !== 'QUOTE_DOUBLE' && type !== 'QUOTE_SINGLE') return;
      if (range && range[0] < offset && range[1] >= offset) start = range[0];
    },
  });
  return start;
}

interface Unreadable extends Reason {
  readonly code: FindingCode;
  readonly offset: number;
}

/** What would make `toJS` throw, or data deeper than anything here is meant to be. */
function findUnreadable(node: unknown, document: Document, depth: number): Unreadable | null {
  if (!isNode(node)) return null;
  const offset = node.range?.[0] ?? 0;
  if (isAlias(node)) {
    if (node.resolve(document) !== undefined) return null;
    const text = `*${node.source}`;
    return {
      code: findingCode.syntax,
      message: `"${text}" refers to an anchor "&${node.source}" that is not there`,
      hint: `if a wildcard is meant, put it in quotes: "${text}"`,
      offset,
    };
  }
  if (depth > maxDepth) {
    const message = `more than ${maxDepth} levels of nesting`;
    return { code: findingCode.tooLarge, message, hint: null, offset };
  }
  const children = isMap(node)
    ? node.items.flatMap((pair) => [pair.key, pair.value])
    : isSeq(node)
      ? node.items
      : [];
  for (const child of children) {
    const found = findUnreadable(child, document, depth + 1);
    if (found !== null) return found;
  }
  return null;
}
