#!/usr/bin/env node
/** Hands the command line to `cli/`, which is loaded only where Node is new enough for it. */

import { setStartingHeapFlags } from './base/heap-flags.ts';

const oldestNode = 24;

if (Number.parseInt(process.versions.node, 10) < oldestNode) {
  process.stderr.write(`sluice: needs Node ${oldestNode} or later, this is ${process.version}\n`);
  process.exitCode = 1;
} else {
  // Before anything is loaded, which is the most that a start does.
  if (process.argv[2] === 'run') setStartingHeapFlags();
  const { runCommandLine } = await import('./cli/main.ts');
  process.exitCode = await runCommandLine(process.argv.slice(2));
}
