/** What the process uses of what it may have. Each call is cheap enough for several a second. */

import { readFileSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { heapLimitBytes, nodeFlags, oldGenerationBytes } from './old-generation.ts';

export interface ProcessUsage {
  /** Bytes of objects in the old generation of V8's heap, and how many there may be. */
  heapBytes(): number;
  heapLimitBytes(): number;
  /** Memory of the process that is not swapped out. */
  residentBytes(): number;
  /** Of the container, or of the machine. */
  memoryLimitBytes(): number;
  /** Open files and sockets; null: the system does not tell. */
  openDescriptors(): number | null;
  descriptorLimit(): number | null;
}

export const systemUsage: ProcessUsage = {
  heapBytes: oldGenerationBytes,
  heapLimitBytes: () => heapLimitBytes(getHeapStatistics().heap_size_limit, nodeFlags()),
  residentBytes: () => process.memoryUsage.rss(),
  memoryLimitBytes,
  openDescriptors,
  descriptorLimit,
};

function memoryLimitBytes(): number {
  const machine = totalmem();
  const constrained = process.constrainedMemory();
  // 0, or more than there is: nobody constrains it.
  return constrained > 0 && constrained < machine ? constrained : machine;
}

/** Linux counts them itself since 6.2. Before, the size of that folder was 0. */
function openDescriptors(): number | null {
  try {
    const { size } = statSync('/proc/self/fd');
    return size === 0 ? null : size;
  } catch {
    // No Linux.
    return null;
  }
}

function descriptorLimit(): number | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    const found = /^Max open files +(\d+)/m.exec(limits);
    return found === null ? null : Number(found[1]);
  } catch {
    // No Linux.
    return null;
  }
}
