/**
 * Makes dist/, the code of the package: `npm run build`. Each program that is started, as a process
 * or as a thread, becomes a file; what they share, and what is loaded when it is needed, becomes
 * others beside them. Why bundled: docs/decisions/0152-bundle.md.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = import.meta.dirname;

/** By their paths in src/; `programModule()` finds them. */
const programs = [
  'main',
  'base/fine-timer-thread',
  'demo/bookinfo-process',
  'loadtest/upstream/upstreams-process',
  'runtime/config-process',
  'runtime/takeover/descriptor-relay-process',
  'runtime/workers/worker-process',
];

/**
 * What a serving proxy loads would be one file of 400 KB. V8 parses a file as a whole, and while it
 * starts, malloc often keeps the memory that this took: 1.6 MiB in about half of all starts, which
 * two halves do not have (docs/decisions/0152-bundle.md).
 */
const secondHalf = 'proxy/stream/stream';

rmSync(join(root, 'dist'), { recursive: true, force: true });
await build({
  entryPoints: [...programs, secondHalf].map((path) => join(root, 'src', `${path}.ts`)),
  outdir: join(root, 'dist'),
  // Side by side, so that every file finds the others wherever its code came from.
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Names stay: a stack in a log is to be read.
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
});
