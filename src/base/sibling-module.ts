/** Paths of modules that are started rather than imported: processes and threads. */

import { extname } from 'node:path';

/**
 * `path` (without ending) from the module at `from`, with the ending that module has: `.ts` in the
 * tree, `.js` in the package.
 */
export function siblingModule(path: string, from: string): URL {
  return new URL(`${path}${extname(from)}`, from);
}
