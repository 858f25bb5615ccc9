/**
 * The part of V8's heap that a process dies of when it is full: what lives long. V8 tells the limit
 * of both generations together, of which the young one is far from full when the old one is.
 */

import { getHeapSpaceStatistics } from 'node:v8';

const mebibyte = 1024 * 1024;

/** Of the young generation, in sizes of its half that is in use. */
const youngParts = 3;

/** The old generation is so many of these halves, unless it is told its size. */
const halvesOfOld = 128;

const young = /^new_/;

/** Bytes of the objects in it. */
export function oldGenerationBytes(): number {
  let bytes = 0;
  for (const { space_name: name, space_used_size: used } of getHeapSpaceStatistics()) {
    if (!young.test(name)) bytes += used;
  }
  return bytes;
}

/**
 * How many there may be. `wholeBytes`: V8's heap_size_limit; `flags`: of Node's command line, a
 * later one wins.
 */
export function heapLimitBytes(wholeBytes: number, flags: readonly string[]): number {
  const old = sizeOf('max-old-space-size', flags);
  if (old !== null) return old;
  const half = sizeOf('max-semi-space-size', flags);
  if (half !== null) return wholeBytes - youngParts * half;
  return wholeBytes / (1 + youngParts / halvesOfOld);
}

/** null where V8 chooses. */
function sizeOf(name: string, flags: readonly string[]): number | null {
  const wanted = new RegExp(`^--${name.replaceAll('-', '[-_]')}=(\\d+)$`);
  for (const flag of flags.toReversed()) {
    const found = wanted.exec(flag)?.[1];
    if (found !== undefined && Number(found) > 0) return Number(found) * mebibyte;
  }
  return null;
}

/** Those of the environment first, which may be quoted: the command line wins over it. */
export function nodeFlags(): readonly string[] {
  const environment = (process.env.NODE_OPTIONS ?? '').replaceAll('"', '').split(/\s+/);
  return [...environment, ...process.execArgv];
}
