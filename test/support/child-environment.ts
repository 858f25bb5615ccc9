/** The environment of the processes that tests start. */

import { join } from 'node:path';

// Compiled sources are kept between starts: hundreds of starts in one run get much cheaper.
const compileCache = join(import.meta.dirname, '../../.tap/compile-cache');

/** That of the test with `changes`, but without the hooks of the test runner. */
export function childEnvironment(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: compileCache, ...changes };
}
