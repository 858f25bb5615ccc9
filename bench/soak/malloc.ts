/**
 * What the allocator of the C library holds: loaded into the proxy by its probe. Memory that is
 * free stays with the allocator until its neighbours are free too, so that the size of a process
 * tells how it was used once; this tells what is in use.
 */

import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Malloc {
  /** Bytes that were allocated and have not been freed. */
  inUse(): number;
  /** Gives free pages back to the system. */
  trim(): void;
}

const symbols = {
  malloc_trim: { arguments: ['u64'], return: 'i32' },
  malloc_info: { arguments: ['i32', 'pointer'], return: 'i32' },
  fopen: { arguments: ['string', 'string'], return: 'pointer' },
  fclose: { arguments: ['pointer'], return: 'i32' },
} as const;

/** Null without glibc, and before Node 26 has its FFI. */
export async function openMalloc(): Promise<Malloc | null> {
  try {
    const { dlopen } = await import('node:ffi');
    const { functions } = dlopen(null, symbols);
    const path = join(tmpdir(), `sluice-soak-malloc-${process.pid}.xml`);
    return {
      inUse: () => {
        const file = functions.fopen(path, 'w');
        functions.malloc_info(0, file);
        functions.fclose(file);
        const report = readFileSync(path, 'latin1');
        rmSync(path);
        return bytesInUse(report);
      },
      trim: () => {
        functions.malloc_trim(0n);
      },
    };
  } catch {
    // The allocator is another one: that is told by the answer.
    return null;
  }
}

/** Of what `malloc_info` writes: a heap for each arena, and behind them the sums. */
export function bytesInUse(report: string): number {
  const sums = report.slice(report.lastIndexOf('</heap>'));
  const size = (pattern: RegExp): number => Number(pattern.exec(sums)?.[1] ?? Number.NaN);
  const system = size(/<system type="current" size="(\d+)"/);
  const fast = size(/<total type="fast" count="\d+" size="(\d+)"/);
  const rest = size(/<total type="rest" count="\d+" size="(\d+)"/);
  const mapped = size(/<total type="mmap" count="\d+" size="(\d+)"/);
  return system - fast - rest + mapped;
}
