/**
 * Comes before each file of tests, of which a run has hundreds: what they load is found without
 * asking the disk where it is, and what they start is started without the modules of the runner.
 */

import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { prepareChildEnvironment } from './child-environment.ts';

// Its hook for processes goes, and so do the flags that they would have from this one.
prepareChildEnvironment();
delete process.env.NODE_OPTIONS;
process.execArgv.splice(0);

// Types are stripped in place: lines and columns are those of the source.
process.setSourceMapsEnabled(false);

const format = 'module-typescript';

// The runner's own hook, which writes down what each process loads for `tap --changed`, is not asked.
registerHooks({
  resolve(specifier, context, nextResolve) {
    const { parentURL } = context;
    const isOwn = specifier.startsWith('.') && specifier.endsWith('.ts');
    if (!isOwn || parentURL === undefined) return nextResolve(specifier, context);
    // An import says the whole path of a file of the tree, in which nothing is a link.
    const { href } = new URL(specifier, parentURL);
    return { url: href, format, shortCircuit: true };
  },
  load(url, context, nextLoad) {
    if (context.format !== format) return nextLoad(url, context);
    return { source: readFileSync(fileURLToPath(url)), format, shortCircuit: true };
  },
});
