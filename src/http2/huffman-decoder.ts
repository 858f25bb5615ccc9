/**
 * Huffman-coded strings of HPACK, decoded four bits at a time by a table that is built from the
 * code when the module is loaded (RFC 7541 section 5.2).
 */

import { codeLengths, codes, endOfString } from './huffman-code.ts';

/**
 * A step: where four more bits lead. Bits 0 to 7: the byte that they complete, if bit 8 is set.
 * Bit 9: the string may end here. From bit 12: the next state, times 16, to be added to the next
 * four bits.
 */
const emits = 1 << 8;
const mayEnd = 1 << 9;
const stateShift = 12;

/** The code as a tree: a node has two children, which are nodes, or symbols with this bit. */
const leaf = 1 << 16;

/** Padding is shorter than a byte, and all ones, as the beginning of the end of string. */
const paddingMax = 7;

function buildTree(): readonly number[][] {
  const nodes: number[][] = [[-1, -1]];
  for (let symbol = 0; symbol < codes.length; symbol++) {
    const code = codes[symbol] as number;
    let node = nodes[0] as number[];
    for (let bit = (codeLengths[symbol] as number) - 1; bit > 0; bit--) {
      const side = (code >>> bit) & 1;
      if (node[side] === -1) node[side] = nodes.push([-1, -1]) - 1;
      node = nodes[node[side] as number] as number[];
    }
    node[code & 1] = leaf | symbol;
  }
  return nodes;
}

/** The nodes where a string may end: behind a symbol, and at most seven ones more. */
function findEnds(nodes: readonly number[][]): ReadonlySet<number> {
  const ends = new Set<number>();
  let node = 0;
  for (let ones = 0; ones <= paddingMax; ones++) {
    ends.add(node);
    node = nodes[node]?.[1] as number;
  }
  return ends;
}

function buildSteps(): Uint32Array {
  const nodes = buildTree();
  const ends = findEnds(nodes);
  // A state behind those of the tree, which nothing leaves and where no string ends: an error.
  const failed = nodes.length;
  const steps = new Uint32Array((nodes.length + 1) * 16).fill(failed << (stateShift + 4));
  for (let at = 0; at < nodes.length * 16; at++) {
    let node = at >>> 4;
    let step = 0;
    for (let bit = 3; bit >= 0 && node !== failed; bit--) {
      node = nodes[node]?.[(at >>> bit) & 1] as number;
      if (node < leaf) continue;
      // The shortest code has five bits: four bits complete one symbol at most.
      step = emits | (node & 0xff);
      node = node === (leaf | endOfString) ? failed : 0;
    }
    steps[at] = step | (node << (stateShift + 4)) | (ends.has(node) ? mayEnd : 0);
  }
  return steps;
}

const steps = buildSteps();

/** Room that decoding `length` bytes needs: the shortest code has five bits. */
export function huffmanRoom(length: number): number {
  return Math.ceil((length * 8) / 5) + 1;
}

/**
 * Decodes `source[start, end)` into `target` from its beginning, which must have `huffmanRoom`.
 * Gives the number of bytes, or -1 where it is no valid string: the end of string is in it, or its
 * padding is longer than seven bits or not all ones.
 */
export function huffmanDecode(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
): number {
  let length = 0;
  let step = mayEnd;
  // Without branches: whether four bits complete a byte cannot be foretold. A byte that they do not
  // complete is overwritten by the next one.
  for (let at = start; at < end; at++) {
    const byte = source[at] as number;
    step = steps[(step >>> stateShift) + (byte >>> 4)] as number;
    target[length] = step;
    length += (step & emits) >>> 8;
    step = steps[(step >>> stateShift) + (byte & 15)] as number;
    target[length] = step;
    length += (step & emits) >>> 8;
  }
  return (step & mayEnd) === 0 ? -1 : length;
}
