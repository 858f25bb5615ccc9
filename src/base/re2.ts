/**
 * RE2 in JavaScript, where a pattern needs it, and not before: most configurations have no pattern
 * that V8 cannot match as fast as it is long, and the library takes 2 MiB of memory.
 */

import { createRequire } from 'node:module';
import type * as Re2Library from 're2js';

const require = createRequire(import.meta.url);

/** Loads it the first time, which takes some milliseconds. */
export function re2(): typeof Re2Library.RE2JS {
  return (require('re2js') as typeof Re2Library).RE2JS;
}
