/** How much memory something keeps that was made from the head of a request. */

import { usedHeap } from './used-heap.ts';

const heads = 100;
const headLength = 50_000;

/** Bytes of heap that stay for each head, while what `make` returned for it is kept. */
export function heldBytes(make: (head: string) => unknown): number {
  const kept: unknown[] = [];
  // What is made once, whatever is kept, does not count.
  kept.push(make(headNumber(heads)));
  const before = usedHeap();
  for (let index = 0; index < heads; index++) kept.push(make(headNumber(index)));
  const held = (usedHeap() - before) / heads;
  kept.length = 0;
  return held;
}

/** As the codec makes them: one string. */
function headNumber(index: number): string {
  return Buffer.from(`head-number-${index} `.padEnd(headLength, 'x'), 'latin1').toString('latin1');
}
