/** The environment of the processes that tests start. */

import { join } from 'node:path';

// Compiled sources are kept between starts: hundreds of starts in one run get much cheaper.
const compileCache = join(import.meta.dirname, '../../.tap/compile-cache');

/** Where the test runner keeps what it does to each process that a test starts. */
const runnerHooks = Symbol.for('process-on-spawn@*:singletonId');

/**
 * Takes the hooks of the test runner away from all processes that this one starts from now on, and
 * returns the environment for one of them: that of the test, with `changes`.
 */
export function prepareChildEnvironment(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  // They would put NODE_OPTIONS back, and with it modules that a start takes twice as long for.
  const hooks = (globalThis as { [runnerHooks]?: { readonly listeners: unknown[] } })[runnerHooks];
  hooks?.listeners.splice(0);
  return { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: compileCache, ...changes };
}
