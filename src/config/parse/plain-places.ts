/** Lines and columns of the parts of a document that is written plainly. */

import { assert } from '../../base/assert.ts';
import type { Path } from '../problem.ts';
import type { Position } from '../resource.ts';
import type { PlainNode } from './plain-node.ts';
import { readPlainYaml } from './plain-yaml.ts';

/** As `Places`: the tree may be collected, and is then read once more. */
export class PlainPlaces {
  readonly #text: string;
  #tree: WeakRef<PlainNode>;

  constructor(text: string, tree: PlainNode) {
    this.#text = text;
    this.#tree = new WeakRef(tree);
  }

  locate(path: Path, at: 'key' | 'value'): Position {
    let node = this.#read();
    let place: Position = node;
    for (const part of path) {
      const entry = node.is === 'map' ? node.entries.find(({ key }) => key === part) : undefined;
      const item = node.is === 'list' && typeof part === 'number' ? node.items[part] : undefined;
      const next = entry?.node ?? item;
      if (next === undefined) break;
      node = next;
      // Point at the key of a nested block: its first line is a field of its own.
      const useKey = at === 'key' || node.is !== 'scalar' || node.isEmpty;
      place = entry !== undefined && useKey ? entry.keyPlace : node;
    }
    return { line: place.line, column: place.column };
  }

  #read(): PlainNode {
    const known = this.#tree.deref();
    if (known !== undefined) return known;
    const tree = readPlainYaml(this.#text);
    assert(tree !== null, 'a text that was plain once is plain for good');
    this.#tree = new WeakRef(tree);
    return tree;
  }
}
