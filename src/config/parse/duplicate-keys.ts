/**
 * Keys that are there twice in a mapping. The library looks for them by comparing every key with
 * all before it, which for some 10,000 keys takes seconds.
 */

import { type Document, isMap, isNode, isScalar, isSeq } from 'yaml';

/** Offset of each key that repeats one of the same mapping, in the order of the text. */
export function duplicateKeys(document: Document): number[] {
  const offsets: number[] = [];
  addDuplicates(document.contents, offsets);
  return offsets.sort((a, b) => a - b);
}

function addDuplicates(node: unknown, offsets: number[]): void {
  if (isSeq(node)) {
    for (const item of node.items) addDuplicates(item, offsets);
  }
  if (!isMap(node)) return;
  const known = new Set<unknown>();
  for (const { key, value } of node.items) {
    if (isScalar(key)) {
      if (known.has(key.value)) offsets.push(key.range?.[0] ?? 0);
      known.add(key.value);
    } else if (isNode(key)) addDuplicates(key, offsets);
    addDuplicates(value, offsets);
  }
}
