/**
 * What is used of `node:util`, without its price: an `import` of it evaluates every export, which is
 * 1.5 MiB of memory.
 */

import type * as util from 'node:util';

const loaded: typeof util = process.getBuiltinModule('node:util');

/** Node's own: the same values in the same structure. */
export const isDeepStrictEqual: typeof util.isDeepStrictEqual = loaded.isDeepStrictEqual;

/** Node's own: a function with a callback as one that returns a promise. */
export const promisify: typeof util.promisify = loaded.promisify;

/** Node's own, whose code is loaded by the first call. */
export const diff: typeof util.diff = (actual, expected) => loaded.diff(actual, expected);
