/** Lines and columns of the parts of a document. */

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
} from 'yaml';
import type { Path } from '../problem.ts';
import type { Position } from '../resource.ts';

interface Syntax {
  readonly document: Document;
  readonly lineCounter: LineCounter;
}

/**
 * The tree of a document takes far more memory than its text and is rarely asked for after a load,
 * so it may be collected; the text is then parsed once more.
 */
export class Places {
  readonly #text: string;
  #syntax: WeakRef<Syntax>;

  constructor(text: string, document: Document, lineCounter: LineCounter) {
    this.#text = text;
    this.#syntax = new WeakRef({ document, lineCounter });
  }

  at(offset: number): Position {
    return positionAt(this.#read(), offset);
  }

  locate(path: Path, at: 'key' | 'value'): Position {
    const syntax = this.#read();
    const resolve = (node: unknown) => resolveAlias(node, syntax.document);
    let node = resolve(syntax.document.contents);
    let place = node;
    for (const part of path) {
      const pair = findPair(node, part);
      const item = pair === null ? findItem(node, part) : pair.value;
      if (pair === null && item === null) break;
      node = resolve(item);
      // Point at the key of a nested block: its first line is a field of its own.
      const useKey = pair !== null && (at === 'key' || !isScalar(node) || isEmpty(node));
      place = useKey ? resolve(pair.key) : node;
    }
    return positionAt(syntax, place?.range?.[0] ?? 0);
  }

  #read(): Syntax {
    const known = this.#syntax.deref();
    if (known !== undefined) return known;
    const lineCounter = new LineCounter();
    const options = { lineCounter, merge: true, prettyErrors: false, uniqueKeys: false };
    const document = parseDocument(this.#text, options);
    const syntax = { document, lineCounter };
    this.#syntax = new WeakRef(syntax);
    return syntax;
  }
}

function positionAt({ lineCounter }: Syntax, offset: number): Position {
  const { line, col } = lineCounter.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function resolveAlias(node: unknown, document: Document): Node | null {
  if (isAlias(node)) return node.resolve(document) ?? null;
  return isNode(node) ? node : null;
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
