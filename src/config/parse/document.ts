/** One YAML document with the places of its parts, or findings that say why it cannot be read. */

import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import type { Finding } from '../finding.ts';
import { findingCode } from '../finding-code.ts';
import type { Path } from '../problem.ts';
import type { Position } from '../resource.ts';
import { maxAliasCount, maxDepth } from './limits.ts';
import type { Chunk } from './source-file.ts';
import { syntaxFindings } from './syntax-finding.ts';

export interface ParsedDocument {
  readonly file: string;
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

export function readDocument(file: string, chunk: Chunk): DocumentResult {
  const lineCounter = new LineCounter();
  const document = parseDocument(chunk.text, {
    lineCounter,
    merge: true,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const places = new Places(document, lineCounter, chunk.lineOffset);
  const failure = (finding: Pick<Finding, 'code' | 'message' | 'hint'>, offset: number) => ({
    document: null,
    findings: [
      {
        severity: 'error' as const,
        file,
        path: '',
        resource: '',
        ...finding,
        ...places.at(offset),
      },
    ],
  });
  if (document.errors.length > 0) {
    const errors = document.errors.map(({ code, message, pos: [offset] }) => {
      const isQuote = code === 'MISSING_CHAR' && message.includes('quote');
      const start = isQuote ? openingQuote(document, offset) : offset;
      return { code, message, ...lineCounter.linePos(start) };
    });
    return { document: null, findings: syntaxFindings(file, chunk, errors) };
  }
  const unreadable = findUnreadable(document.contents, document, 0);
  if (unreadable !== null) return failure(unreadable, unreadable.offset);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount });
  } catch (error) {
    // The library throws when aliases multiply beyond the limit, and for nothing else here.
    return failure({ code: findingCode.tooLarge, message: describe(error), hint: null }, 0);
  }
  const locate = (path: Path, at: 'key' | 'value') => places.locate(path, at);
  return { document: { file, value, locate }, findings: [] };
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

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface Unreadable extends Pick<Finding, 'code' | 'message' | 'hint'> {
  readonly offset: number;
}

/** What would make `toJS` throw, or the data deeper than anything here is meant to be. */
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

/** From paths and offsets to lines and columns of the file. */
class Places {
  readonly #document: Document;
  readonly #lineCounter: LineCounter;
  readonly #lineOffset: number;

  constructor(document: Document, lineCounter: LineCounter, lineOffset: number) {
    this.#document = document;
    this.#lineCounter = lineCounter;
    this.#lineOffset = lineOffset;
  }

  at(offset: number): Position {
    const { line, col } = this.#lineCounter.linePos(offset);
    return { line: Math.max(line, 1) + this.#lineOffset, column: Math.max(col, 1) };
  }

  locate(path: Path, at: 'key' | 'value'): Position {
    let node = this.#resolve(this.#document.contents);
    let place = node;
    for (const part of path) {
      const pair = findPair(node, part);
      const item = pair === null ? findItem(node, part) : pair.value;
      if (pair === null && item === null) break;
      node = this.#resolve(item);
      // Point at the key of a nested block: its first line is a field of its own.
      const useKey = pair !== null && (at === 'key' || !isScalar(node) || isEmpty(node));
      place = useKey ? this.#resolve(pair.key) : node;
    }
    return this.at(place?.range?.[0] ?? 0);
  }

  #resolve(node: unknown): Node | null {
    if (isAlias(node)) return node.resolve(this.#document) ?? null;
    return isNode(node) ? node : null;
  }
}

function isEmpty(node: Node): boolean {
  return node.range === undefined || node.range === null || node.range[0] === node.range[1];
}

function findPair(node: Node | null, key: string | number): Pair | null {
  if (!isMap(node)) return null;
  const text = String(key);
  return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === text) ?? null;
}

function findItem(node: Node | null, index: string | number): unknown {
  return isSeq(node) && typeof index === 'number' ? (node.items[index] ?? null) : null;
}
